/**
 * Which checks a run is about, and which of them apply. Pure.
 * @module
 */
import { type Check, type Profile, profiles } from '../../fixtures/catalogue.ts'
import type { CheckEnvironment } from '../../fixtures/environment.ts'
import { usualConnections } from '../../fixtures/evidence.ts'
import { resultOf, whyNot } from '../../fixtures/run.ts'
import type { CheckResult } from '../../reports/types.ts'
import { HarnessError } from '../errors.ts'

/** What the command line asked for. */
export interface Selection {
  only: readonly string[]
  skip: readonly string[]
  profile: Profile
  /** Checks that could disturb a host in production may run: somebody said so. */
  staging?: boolean
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

const usage = (message: string, hint: string): HarnessError =>
  new HarnessError('ERR_USAGE', message, { hint })
const stagingHint = 'say --staging (or --allow-changes) where the host is not one that people depend on'

/**
 * Checks chosen by id, glob and profile. An explicit `--only` overrides the profile, but never the question whether the
 * host may be disturbed. Throws when nothing is chosen, and when what was asked for by its name may not run.
 */
export function select(
  catalogue: readonly Check[],
  { only, skip, profile, staging = false }: Selection,
): Check[] {
  if (profile === 'staging' && !staging)
    throw usage('the profile staging holds checks that could disturb the host', stagingHint)
  const named = staging
    ? undefined
    : catalogue.find(({ id, profile: own }) => own === 'staging' && only.includes(id))
  if (named !== undefined) throw usage(`${named.id} could disturb the host`, stagingHint)
  for (const pattern of [...only, ...skip]) {
    if (!catalogue.some(({ id }) => globToRegExp(pattern).test(id))) {
      throw usage(`no check matches “${pattern}”`, 'harness checks lists every id')
    }
  }
  const matches = (patterns: readonly string[], id: string): boolean =>
    patterns.some((one) => globToRegExp(one).test(id))
  const level = profiles.indexOf(profile)
  const chosen = catalogue.filter(({ id, profile: own }) => {
    if (matches(skip, id) || (own === 'staging' && !staging)) return false
    return only.length > 0 ? matches(only, id) : profiles.indexOf(own) <= level
  })
  if (chosen.length === 0) throw usage('no check is left to run', 'loosen --only and --skip')
  return chosen
}

/** Connections that these checks make at most. */
export const connectionsOf = (checks: readonly Check[]): number =>
  checks.reduce((sum, { connections = usualConnections }) => sum + connections, 0)

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

/** What of the embedded lab checks need: the control plane takes a moment to start, so only where one asks it. */
export const labPartsFor = (checks: readonly Pick<Check, 'needs'>[]): 'control-plane' | 'data-plane' =>
  checks.some(({ needs }) => needs.includes('control-plane')) ? 'control-plane' : 'data-plane'
