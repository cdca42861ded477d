/**
 * Watches its parent: when the channel closes, however that came, it ends the processes and removes the folders that it was told
 * of last. Servers first in order, so that their workers go with them; then by force.
 * @module
 */
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Guarded } from './guard.ts'

/** Milliseconds for a server to end in order. */
const patience = 1500

let left: Guarded = { pids: [], folders: [] }

function end(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended.
  }
}

async function sweep(): Promise<void> {
  const { pids, folders } = left
  for (const pid of pids) end(pid, 'SIGTERM')
  if (pids.length > 0) await sleep(patience)
  for (const pid of pids) end(pid, 'SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  process.exit(0)
}

process.on('message', (now: Guarded) => {
  left = now
})
process.once('disconnect', () => void sweep())
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined)
