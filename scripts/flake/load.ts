/**
 * Busy children of our own: they compute until they are stopped, and never outlive this process.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'

/** Computes in slices, so that the end of its input, which is the end of its parent, is seen at once. */
const busy =
  "process.stdin.on('end',()=>process.exit()).resume();const slice=()=>{const end=Date.now()+50;while(Date.now()<end);setImmediate(slice)};slice()"

/** Children at work. */
export interface Load {
  pids: number[]
  stop(): void
}

/** Starts so many. */
export function startLoad(count: number): Load {
  const children: ChildProcess[] = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', busy], { stdio: ['pipe', 'ignore', 'ignore'] }),
  )
  for (const child of children) child.stdin?.on('error', () => undefined)
  return {
    pids: children.flatMap(({ pid }) => pid ?? []),
    stop: () => {
      for (const child of children) child.kill('SIGKILL')
    },
  }
}
