/**
 * States that change by themselves: what is uploaded is deployed later, what is deleted goes later. Nothing runs in the
 * background; the state is worked out from the clock when somebody looks.
 * @module
 */

/** A status, and the one it turns into at a moment (epoch milliseconds). */
export interface Lifecycle<Status extends string> {
  status: Status
  next?: { status: Status; at: number }
}

/** The status at a moment. */
export const statusAt = <Status extends string>({ status, next }: Lifecycle<Status>, now: number): Status =>
  next !== undefined && now >= next.at ? next.status : status

/** A status that turns into another one after a delay; with no delay it is there at once. */
export const turning = <Status extends string>(
  status: Status,
  next: Status,
  now: number,
  delay: number,
): Lifecycle<Status> => (delay <= 0 ? { status: next } : { status, next: { status: next, at: now + delay } })
