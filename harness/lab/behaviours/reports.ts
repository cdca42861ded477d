/**
 * What reports say about what they rest on.
 * @module
 */
import type { Behaviour } from './behaviour.ts'

/** Point 23 of the specification is about reports, not about the edge. */
export const reportBehaviours: readonly Behaviour[] = [
  {
    what: 'Reports say which checks rest on official documents, which on observations, which on our judgement.',
    standing: 'our choice',
    source: 'research: what an honest mock must do, point 23',
    point: 23,
    test: 'every report says which checks rest on official documents, on observations, on our judgement',
  },
]
