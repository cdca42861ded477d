/**
 * What each behaviour of the mock edge rests on, so that a report can say it.
 * @module
 */
import { accessBehaviours } from './behaviours/access.ts'
import { accessApiBehaviours } from './behaviours/access-api.ts'
import { apiBehaviours } from './behaviours/api.ts'
import { assertionBehaviours } from './behaviours/assertion.ts'
import type { Behaviour } from './behaviours/behaviour.ts'
import { containersBehaviours } from './behaviours/containers.ts'
import { edgeBehaviours } from './behaviours/edge.ts'
import { originPullBehaviours } from './behaviours/origin-pulls.ts'
import { reportBehaviours } from './behaviours/reports.ts'
import { rulesBehaviours } from './behaviours/rules.ts'

export type { Behaviour, Standing } from './behaviours/behaviour.ts'

/** The behaviours that a user of the lab could mistake for a fact about the real edge. */
export const behaviours: readonly Behaviour[] = [
  ...edgeBehaviours,
  ...rulesBehaviours,
  ...originPullBehaviours,
  ...apiBehaviours,
  ...accessBehaviours,
  ...accessApiBehaviours,
  ...assertionBehaviours,
  ...containersBehaviours,
  ...reportBehaviours,
]
