/**
 * Policies: deny by default, Bypass and Service Auth first, then Allow and Block from top to bottom
 * (developers.cloudflare.com cloudflare-one, "Policies").
 * @module
 */
import type { Faults } from '../faults.ts'
import type { AccessObjects, AccessPolicy, AccessRule } from '../state/access-types.ts'
import { allOf, type Coverage, lookUp } from './directory.ts'
import { type Facts, type Identity, isLoginOnly, selects } from './selectors.ts'

/** What of a policy or group was decided when somebody logged in. */
export interface LoginPart {
  include: boolean
  require: boolean
  exclude: boolean
}

/** By id of policy or group. */
export type LoginParts = Readonly<Record<string, LoginPart>>

/** Who asks: nobody known by name, somebody who logs in now, or somebody who did before. */
export type Who =
  | { kind: 'nobody' }
  | { kind: 'logging-in'; identity: Identity }
  | { kind: 'logged-in'; parts: LoginParts }

interface Evaluation {
  facts: Facts
  who: Who
  objects: readonly AccessObjects[]
  faults: Faults
  /** Groups that are being looked at: one in itself is no member. */
  seen: ReadonlySet<string>
}

interface RuleSet {
  id: string
  include: readonly AccessRule[]
  require: readonly AccessRule[]
  exclude: readonly AccessRule[]
}

/** Policies of an application in order of precedence; an id without policy is passed over. */
export const policiesOf = ({ application, objects }: Coverage): AccessPolicy[] =>
  application.policies.flatMap((id) => lookUp(objects, 'policies', id) ?? [])

const isService = ({ decision }: AccessPolicy): boolean =>
  decision === 'bypass' || decision === 'non_identity'

/** The first Bypass or Service Auth policy that matches; undefined: none does. */
export function serviceDecision(coverage: Coverage, facts: Facts, faults: Faults): AccessPolicy | undefined {
  const who: Who = { kind: 'nobody' }
  const evaluation: Evaluation = { facts, who, objects: coverage.objects, faults, seen: new Set() }
  for (const policy of policiesOf(coverage)) {
    if (isService(policy)) {
      if (matches(policy, evaluation)) return policy
    } else if (faults.has('access.policies-in-list-order') && policy.decision === 'deny') {
      if (matches(policy, evaluation)) return undefined
    } else if (faults.has('access.allow-takes-service-tokens') && facts.serviceToken !== undefined) {
      if (policy.decision === 'allow' && matches(policy, evaluation)) return policy
    }
  }
  return undefined
}

/** The Allow policy that lets somebody in; undefined: a Block policy matched first, or none matched. */
export function userDecision(
  coverage: Coverage,
  facts: Facts,
  who: Who,
  faults: Faults,
): AccessPolicy | undefined {
  // Service tokens count in Service Auth policies only.
  const withoutToken = { ...facts, serviceToken: undefined }
  const evaluation = { facts: withoutToken, who, objects: coverage.objects, faults, seen: new Set<string>() }
  const policies = policiesOf(coverage).filter((policy) => !isService(policy))
  const first = policies.find((policy) => matches(policy, evaluation))
  const included = (): boolean => policies.some((policy) => includes(policy, evaluation))
  if (faults.has('access.allows-by-default') && !included())
    return policies.find(({ decision }) => decision === 'allow')
  return first?.decision === 'allow' ? first : undefined
}

/** What is decided at login, for every policy of the application and every group; to be kept with the session. */
export function loginParts({ objects, ...rest }: Coverage, identity: Identity, faults: Faults): LoginParts {
  const sets: RuleSet[] = [...policiesOf({ objects, ...rest }), ...allOf(objects, 'groups')]
  return Object.fromEntries(sets.map((set) => [set.id, partNow(set, identity, faults)]))
}

function partNow(set: RuleSet, identity: Identity | undefined, faults: Faults): LoginPart {
  const asked = { identity, faults, facts: nothing }
  const holds = (rule: AccessRule): boolean => selects(rule, asked)
  return {
    include: set.include.filter(isLoginOnly).some(holds),
    require: set.require.filter(isLoginOnly).every(holds),
    exclude: set.exclude.filter(isLoginOnly).some(holds),
  }
}

const nothing: Facts = { remoteAddress: '', country: '', certificate: undefined, serviceToken: undefined }

function partOf(set: RuleSet, { who, faults }: Evaluation): LoginPart {
  switch (who.kind) {
    case 'nobody':
      return partNow(set, undefined, faults)
    case 'logging-in':
      return partNow(set, who.identity, faults)
    case 'logged-in': {
      const known = Object.hasOwn(who.parts, set.id) ? who.parts[set.id] : undefined
      // Made after the login: what it asks of an identity counts from the next login on.
      return known ?? { include: false, require: !set.require.some(isLoginOnly), exclude: false }
    }
  }
}

const includes = (set: RuleSet, evaluation: Evaluation): boolean =>
  partOf(set, evaluation).include || live(set.include).some((rule) => holdsNow(rule, evaluation))

/** Asked anew for every request. */
const live = (rules: readonly AccessRule[]): AccessRule[] => rules.filter((rule) => !isLoginOnly(rule))

/** Include is OR, Require is AND, Exclude is NOT. */
function matches(set: RuleSet, evaluation: Evaluation): boolean {
  const { faults, who } = evaluation
  const part = partOf(set, evaluation)
  const holds = (rule: AccessRule): boolean => holdsNow(rule, evaluation)
  const included = includes(set, evaluation)
  const excluded = part.exclude || live(set.exclude).some(holds)
  if (excluded && !faults.has('access.ignores-exclude')) return false
  if (who.kind === 'nobody' && faults.has('access.bypass-ignores-require') && isBypass(set)) return included
  const required = part.require && live(set.require).every(holds)
  const anyRequired =
    faults.has('access.require-any') && set.require.length > 1 && requiresOne(set, evaluation, holds)
  return included && (required || anyRequired)
}

const isBypass = (set: RuleSet & { decision?: string }): boolean => set.decision === 'bypass'

const requiresOne = (set: RuleSet, evaluation: Evaluation, holds: (rule: AccessRule) => boolean): boolean => {
  const { who, faults, facts } = evaluation
  const identity = who.kind === 'logging-in' ? who.identity : undefined
  return set.require.some((rule) =>
    isLoginOnly(rule) ? who.kind === 'logged-in' || selects(rule, { identity, faults, facts }) : holds(rule),
  )
}

/** Groups in groups: without a bound, a few dozen would make millions of ways through them. */
const deepest = 5

function holdsNow(rule: AccessRule, evaluation: Evaluation): boolean {
  const { facts, faults, objects, seen } = evaluation
  if (!('group' in rule)) return selects(rule, { facts, identity: undefined, faults })
  const { id } = rule.group
  const group = seen.has(id) || seen.size >= deepest ? undefined : lookUp(objects, 'groups', id)
  return group !== undefined && matches(group, { ...evaluation, seen: new Set([...seen, id]) })
}
