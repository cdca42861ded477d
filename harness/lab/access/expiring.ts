/**
 * A map that forgets: bounded in number and time, so that nobody can fill the lab's memory with logins.
 * @module
 */

/** Values by key, each until its moment. */
export interface Expiring<Value> {
  get(key: string): Value | undefined
  /** @param until epoch milliseconds. */
  set(key: string, value: Value, until: number): void
  /** Reads and forgets: good once. */
  take(key: string): Value | undefined
  readonly size: number
}

/** @param limit how many; when it is reached the oldest goes. @param now the lab's clock. */
export function createExpiring<Value>(limit: number, now: () => number): Expiring<Value> {
  const entries = new Map<string, { value: Value; until: number }>()
  const get = (key: string): Value | undefined => {
    const entry = entries.get(key)
    if (entry === undefined) return undefined
    if (now() < entry.until) return entry.value
    entries.delete(key)
    return undefined
  }
  const makeRoom = (): void => {
    if (entries.size < limit) return
    const moment = now()
    for (const [key, { until }] of entries) if (until <= moment) entries.delete(key)
    const oldest = entries.keys().next()
    if (entries.size >= limit && !oldest.done) entries.delete(oldest.value)
  }
  return {
    get,
    set(key, value, until) {
      entries.delete(key)
      makeRoom()
      entries.set(key, { value, until })
    },
    take(key) {
      const value = get(key)
      entries.delete(key)
      return value
    },
    get size() {
      return entries.size
    },
  }
}
