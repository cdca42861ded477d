/**
 * The generator process. Private keys reach it over the pipe to its parent, never in its arguments or environment.
 * @module
 */
import { setMaxListeners } from 'node:events'
import type { Answer, Order } from './generator.ts'
import { runBlock, runOpen } from './loops.ts'

let current: AbortController | undefined

async function obey(order: Order): Promise<void> {
  if (order.what === 'abort') {
    current?.abort()
    return
  }
  current = new AbortController()
  const { signal } = current
  // One listener per attempt in flight.
  setMaxListeners(0, signal)
  let answer: Answer
  try {
    const result =
      order.what === 'block' ? await runBlock(order.work, signal) : await runOpen(order.work, signal)
    answer = { id: order.id, result }
  } catch (error) {
    answer = { id: order.id, error: error instanceof Error ? error.message : String(error) }
  }
  process.send?.(answer)
}

process.on('message', (order: Order) => void obey(order))
// The parent is gone, however it ended.
process.on('disconnect', () => process.exit(0))
// Ctrl-C goes to the whole group: the parent decides, so that its report still comes.
process.on('SIGINT', () => undefined)
