/**
 * A drill as data: steps over the control plane, each with the truth that the data plane is to show afterwards.
 * @module
 */
import type { Seen } from '../../reports/drill/types.ts'

/** Which of the drill's certificates. Drills without a rotation have only the first. */
export type Slot = 'first' | 'second'

/** How the origin treats client certificates. */
export type OriginMode = 'off' | 'optional' | 'required'

/** What a step does. */
export type Operation =
  | { kind: 'upload'; certificate: Slot }
  | { kind: 'await-active'; certificate: Slot }
  | { kind: 'origin'; mode: OriginMode; trust: readonly Slot[] }
  | { kind: 'origin-as-before' }
  /** `null` voids the association. */
  | { kind: 'associate'; certificate: Slot; enabled: boolean | null }
  | { kind: 'delete'; certificate: Slot }
  | { kind: 'await-deleted'; certificate: Slot }
  | { kind: 'observe' }
  | { kind: 'create-token' }
  | { kind: 'protect' }
  | { kind: 'rotate'; overlap: boolean }
  | { kind: 'await-overlap' }
  | { kind: 'unprotect' }
  | { kind: 'delete-token' }

/** What a step may have changed: what restoring has to look at. */
export type Touched = 'origin' | 'association' | 'certificates' | 'access'

/** Truth per lane. */
export type Truth = Readonly<Record<string, Exclude<Seen, 'unclear'>>>

/** One step. */
export interface Step {
  id: string
  phase: 'forward' | 'back'
  /** For people, in the imperative. */
  does: string
  operation: Operation
  /** What takes it back. */
  undo: readonly Touched[]
  /** What the data plane shows once it has taken effect. */
  expect: Truth
  /** What it ought to show, where that differs: the lanes that a wrong order locks out (or lets in). */
  ought?: Truth
  /** Which certificate the edge presents afterwards. */
  presents?: Slot | 'none'
  /** The API refuses the step with this code, and nothing changes. */
  refused?: { code: number; why: string }
  /** Why this is predicted, for people: with `ought` or `refused`. */
  predicts?: string
  /** The next step follows at once. */
  quick?: true
}

/** Where the lanes come from: origin pulls, or a service token. */
export type DrillKind = 'pulls' | 'service-token'

/** A drill. */
export interface Order {
  name: string
  title: string
  kind: DrillKind
  /** It does something in the wrong order on purpose: never on a real zone. */
  wrong: boolean
  /** Truth before the first step, and after the last. */
  start: Truth
  /** What the edge presents before. */
  presents: Slot | 'none'
  /** The hostname is protected at the start: association and certificate are there. */
  live?: true
  steps: readonly Step[]
}

/** Times, in milliseconds. */
export interface DrillTerms {
  /** Between two requests of a lane. */
  interval: number
  /** How long a change may take until the data plane shows it. */
  grace: number
  /** The same in answers of every lane, where that is reached sooner: a slow machine has more time. Default: any number. */
  answers?: number
  /** How long each step is watched after that. */
  hold: number
  /** Between two looks at the control plane. */
  poll: number
  /** How often restoring tries again, and how long it waits in between. */
  tries: number
  pause: number
  /** How long the old secret of a service token is good after its rotation. */
  overlap: number
}

/** Gentle with a real zone. Restoring goes on for longer than the API's rate limit blocks (5 minutes). */
export const realTerms: DrillTerms = {
  interval: 100,
  grace: 60_000,
  hold: 3_000,
  poll: 1_000,
  tries: 40,
  pause: 10_000,
  overlap: 60_000,
}

/** For the lab. */
export const labTerms: DrillTerms = {
  interval: 50,
  grace: 15_000,
  hold: 500,
  poll: 50,
  tries: 5,
  pause: 200,
  overlap: 3_000,
}
