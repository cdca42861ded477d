/**
 * Ctrl-C: the first one stops the work in an orderly way, the second one ends the process.
 * @module
 */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * One interrupt can arrive twice: from the terminal, which signals the whole process group, and from a parent that
 * passes its own copy on (npm, `timeout`, the launcher). Within this many milliseconds it is the same one.
 */
const sameInterrupt = 500

/**
 * Turns SIGINT, SIGTERM and SIGHUP into an aborted signal. Call `done` when there is nothing left to stop: the signals
 * then have their default effect again.
 */
export function onInterrupt(exit: (code: number) => void = process.exit): {
  signal: AbortSignal
  done: () => void
} {
  const control = new AbortController()
  let first = 0
  const stop = (): void => {
    if (!control.signal.aborted) {
      first = performance.now()
      control.abort('interrupted')
    } else if (performance.now() - first > sameInterrupt) exit(130)
  }
  for (const name of signals) process.on(name, stop)
  return {
    signal: control.signal,
    done: () => {
      for (const name of signals) process.off(name, stop)
    },
  }
}
