/**
 * Secrets on disk that must not outlive their process: whoever is orderly removes them, a crash comes here. After SIGKILL
 * nothing does.
 * @module
 */
import { rmSync } from 'node:fs'

const live = new Set<readonly string[]>()

function removeLive(): void {
  for (const path of [...live].flat()) {
    try {
      rmSync(path, { force: true })
    } catch {
      // The others still are to go.
    }
  }
}

/** Removes these files when the process exits. @returns the way to forget them. */
export function removeAtExit(paths: readonly string[]): () => void {
  // One listener for all: a process may run many labs.
  if (live.size === 0) process.on('exit', removeLive)
  live.add(paths)
  return () => {
    live.delete(paths)
    if (live.size === 0) process.off('exit', removeLive)
  }
}
