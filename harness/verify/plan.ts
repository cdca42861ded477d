/**
 * Which checks a run is about, and which of them apply. Pure.
 * @module
 */
import { type Check, type Profile, profiles } from '../../fixtures/catalogue.ts'
import type { CheckEnvironment } from '../../fixtures/environment.ts'
import { resultOf, whyNot } from '../../fixtures/run.ts'
import type { CheckResult } from '../../reports/types.ts'
import { HarnessError } from '../errors.ts'

/** What the command line asked for. */
export interface Selection {
  only: readonly string[]
  skip: readonly string[]
  profile: Profile
}

/** A plan: what will run, and what does not apply with its reason. Together they are all that was selected. */
export interface Plan {
  run: Check[]
  notApplicable: CheckResult[]
}

/** `*` stands for any run of characters. */
const globToRegExp = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  )

/** Checks chosen by id, glob and profile. An explicit `--only` overrides the profile. Throws when nothing is chosen. */
export function select(catalogue: readonly Check[], { only, skip, profile }: Selection): Check[] {
  for (const pattern of [...only, ...skip]) {
    if (!catalogue.some(({ id }) => globToRegExp(pattern).test(id))) {
      throw new HarnessError('ERR_USAGE', `no check matches “${pattern}”`, {
        hint: 'harness checks lists every id',
      })
    }
  }
  const matches = (patterns: readonly string[], id: string): boolean =>
    patterns.some((one) => globToRegExp(one).test(id))
  const level = profiles.indexOf(profile)
  const chosen = catalogue.filter(({ id, profile: own }) => {
    if (matches(skip, id)) return false
    return only.length > 0 ? matches(only, id) : profiles.indexOf(own) <= level
  })
  if (chosen.length === 0)
    throw new HarnessError('ERR_USAGE', 'no check is left to run', { hint: 'loosen --only and --skip' })
  return chosen
}

/** Splits the chosen checks into those that apply here and those that do not. */
export function plan(chosen: readonly Check[], environment: CheckEnvironment): Plan {
  const run: Check[] = []
  const notApplicable: CheckResult[] = []
  for (const check of chosen) {
    const reason = whyNot(check, environment)
    if (reason === undefined) run.push(check)
    else notApplicable.push(resultOf(check, 'not-applicable', { reason }))
  }
  return { run, notApplicable }
}
