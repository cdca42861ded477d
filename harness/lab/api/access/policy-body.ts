/**
 * A policy as it comes in and as it is shown.
 * @module
 */
import type { AccessPolicy } from '../../state/access-types.ts'
import { newUuid } from '../../state/ids.ts'
import type { ApiContext } from '../context.ts'
import { bodyReader, field, pick } from './body.ts'
import { unsupported } from './errors.ts'
import { readRuleLists } from './rules.ts'
import { type Owner, whereUsed } from './scope.ts'

interface PolicyBody extends PolicyExtra {
  name: string
  decision: AccessPolicy['decision']
  include: unknown[]
  exclude?: unknown[]
  require?: unknown[]
  session_duration?: string
  /** Within an application. */
  precedence?: number
  mfa_config?: { mfa_disabled?: unknown }
}

/** Kept as given. */
interface PolicyExtra {
  approval_required?: boolean
  isolation_required?: boolean
  purpose_justification_required?: boolean
  purpose_justification_prompt?: string
}

const extraKeys = [
  'approval_required',
  'isolation_required',
  'purpose_justification_required',
  'purpose_justification_prompt',
] as const

const read = bodyReader<PolicyBody>({
  required: ['name', 'decision', 'include'],
  fields: {
    name: field.name,
    decision: { enum: ['allow', 'deny', 'non_identity', 'bypass'] },
    include: field.list,
    exclude: field.list,
    require: field.list,
    session_duration: field.duration,
    precedence: { type: 'integer', minimum: 0, maximum: 1_000_000 },
    mfa_config: field.object,
    approval_required: field.boolean,
    isolation_required: field.boolean,
    purpose_justification_required: field.boolean,
    purpose_justification_prompt: field.string,
  },
})

/** A policy that was read, and where it wants to stand. */
export interface ReadPolicy {
  policy: AccessPolicy
  precedence: number | undefined
}

/**
 * A policy from a body: a new one, or what becomes of `before`.
 * @param applicationId the application whose own it is; undefined: reusable.
 * @throws ApiError 400 / 12130.
 */
export function readPolicy(
  { store }: ApiContext,
  owner: Owner,
  body: unknown,
  target: { applicationId: string | undefined; before?: AccessPolicy; where?: string },
): ReadPolicy {
  const given = read(body, target.where)
  refuseWhatIsNotHere(given)
  const now = store.timestamp()
  const policy: AccessPolicy = {
    id: target.before?.id ?? newUuid(),
    name: given.name,
    decision: given.decision,
    ...readRuleLists(given, owner),
    sessionDuration: given.session_duration,
    applicationId: target.applicationId,
    extra: pick(given, extraKeys),
    createdAt: target.before?.createdAt ?? now,
    updatedAt: now,
  }
  return { policy, precedence: given.precedence }
}

/** A condition that nobody checks would let people in. */
function refuseWhatIsNotHere(given: PolicyBody): void {
  for (const key of ['approval_required', 'isolation_required', 'purpose_justification_required'] as const)
    if (given[key] === true) throw unsupported(key)
  const { mfa_config: mfa = {} } = given
  if (Object.keys(mfa).length > 0 && mfa.mfa_disabled !== true) throw unsupported('mfa_config')
}

/** A policy as the API shows it. */
export function policyView(policy: AccessPolicy): Record<string, unknown> {
  return {
    id: policy.id,
    name: policy.name,
    decision: policy.decision,
    include: policy.include,
    exclude: policy.exclude,
    require: policy.require,
    ...(policy.sessionDuration === undefined ? {} : { session_duration: policy.sessionDuration }),
    ...(policy.applicationId === undefined ? { reusable: true } : {}),
    ...policy.extra,
    created_at: policy.createdAt,
    updated_at: policy.updatedAt,
  }
}

/** How many applications use a policy. */
export const applicationCount = (context: ApiContext, owner: Owner, id: string): number =>
  whereUsed(context, owner)
    .flatMap(({ applications }) => Object.values(applications))
    .filter(({ policies }) => policies.includes(id)).length
