/**
 * What must not outlive this process, however it ends: servers, k6, and folders with keys. After SIGKILL nothing of this process
 * runs any more, so another one watches it (`guard-child.ts`): when the channel to it closes, it ends and removes what is left.
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Everything that is guarded right now. */
export interface Guarded {
  pids: number[]
  folders: string[]
}

const script = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './guard-child.ts' : './guard-child.js', import.meta.url),
)

const pids = new Set<number>()
const folders = new Set<string>()
let child: ChildProcess | undefined

/** Tells the watcher, which is started for the first thing there is to watch. It keeps nobody waiting for its end. */
function tell(): void {
  if (child === undefined) {
    child = fork(script, [], {
      // A group of its own: Ctrl-C is for this process, and ends what is guarded in order.
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
    })
    // Without it everything goes on as before; it is the last resort.
    child.on('error', () => undefined)
    child.unref()
    child.channel?.unref()
  }
  if (!child.connected) return
  child.send({ pids: [...pids], folders: [...folders] } satisfies Guarded, () => undefined)
}

/** Guards a process of ours. @returns call it when the process has ended: its number may be another's then. */
export function guardProcess(pid: number | undefined): () => void {
  if (pid === undefined) return () => undefined
  pids.add(pid)
  tell()
  return () => {
    if (pids.delete(pid)) tell()
  }
}

/** Guards a folder of ours. @returns call it when it was removed. */
export function guardFolder(path: string): () => void {
  folders.add(path)
  tell()
  return () => {
    if (folders.delete(path)) tell()
  }
}
