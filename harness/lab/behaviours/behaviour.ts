/**
 * What a behaviour of the mock edge is.
 * @module
 */

/** Official documentation, somebody else's observation, or a choice made here because neither exists. */
export type Standing = 'official' | 'third-party' | 'our choice'

/** One behaviour of the mock edge. */
export interface Behaviour {
  what: string
  standing: Standing
  /** The document, the observation, or why it was chosen. */
  source: string
  /** Which of the 23 easily missed points of the specification it shows, where it does. */
  point?: number
  /** Name of the test that shows it. */
  test?: string
}
