/**
 * The policies of an application: its own, and reusable ones it is linked to, in order of precedence.
 * @module
 */
import type { AccessApplication, AccessPolicy } from '../../state/access-types.ts'
import type { ApiContext } from '../context.ts'
import type { ApiError } from '../errors.ts'
import { bodyReader, field } from './body.ts'
import { invalid } from './errors.ts'
import { faulty } from './faulty.ts'
import { rulesPerApplication } from './limits.ts'
import { policyView, readPolicy } from './policy-body.ts'
import { rulesOf } from './rules.ts'
import { type Owner, visible } from './scope.ts'

/** A policy in its place. */
export interface Link {
  id: string
  precedence: number
}

/** The links of an application, first one first. */
export const linksOf = ({ policies, precedence }: AccessApplication): Link[] =>
  policies.map((id, at) => ({ id, precedence: precedence?.[id] ?? at + 1 }))

/**
 * Puts links in order.
 * @throws ApiError 400 / 12130 when two have the same precedence or are the same policy.
 */
export function ordered(
  context: ApiContext,
  links: readonly Link[],
): Pick<AccessApplication, 'policies' | 'precedence'> {
  if (new Set(links.map(({ id }) => id)).size < links.length) throw invalid('a policy is named twice')
  if (new Set(links.map(({ precedence }) => precedence)).size < links.length)
    throw invalid('precedence must be unique for each policy within an application')
  const sorted = faulty(context, 'access-api.precedence-ignored')
    ? links
    : links.toSorted((a, b) => a.precedence - b.precedence)
  return {
    policies: sorted.map(({ id }) => id),
    precedence: Object.fromEntries(sorted.map(({ id, precedence }) => [id, precedence])),
  }
}

/** What a list of policies in a body comes to. */
export interface ResolvedPolicies extends Pick<AccessApplication, 'policies' | 'precedence'> {
  /** Policies of the application's own, new or changed. */
  own: AccessPolicy[]
}

const readItem = bodyReader<{ id?: string; precedence?: number; decision?: string }>({
  fields: {
    id: field.string,
    precedence: { type: 'integer', minimum: 0, maximum: 1_000_000 },
    decision: field.string,
  },
})

/**
 * Reads `policies` of an application: ids, `{id, precedence}`, or whole policies, which become or stay its own. A whole
 * policy with the id of a reusable one is a link: that is what an answer sent back looks like.
 * @throws ApiError 400 / 12130 for unknown ids, both kinds mixed, wrong policies, precedence given twice, too many rules.
 */
export function resolvePolicies(
  context: ApiContext,
  owner: Owner,
  items: readonly unknown[],
  applicationId: string,
): ResolvedPolicies {
  // Each has at least one rule.
  if (items.length > rulesPerApplication) throw tooManyRules()
  const own: AccessPolicy[] = []
  const links: Link[] = []
  let reusable = 0
  for (const [at, item] of items.entries()) {
    const where = `policies.${at}`
    const {
      id,
      precedence = nextPrecedence(links),
      decision,
    } = readItem(typeof item === 'string' ? { id: item } : item, where)
    const known = id === undefined ? undefined : visible(owner, 'policies', id)
    if (id !== undefined && (known === undefined || (known.applicationId ?? applicationId) !== applicationId))
      throw invalid(`${where} refers to a policy that does not exist`)
    if (known?.applicationId === undefined && known !== undefined) reusable += 1
    else if (known === undefined || decision !== undefined) {
      const before = known === undefined ? {} : { before: known }
      own.push(readPolicy(context, owner, item, { applicationId, where, ...before }).policy)
    } else own.push(known)
    links.push({ id: known?.id ?? own.at(-1)?.id ?? '', precedence })
  }
  if (reusable > 0 && own.length > 0) throw mixed()
  const order = ordered(context, links)
  checkRules(owner, order.policies, own)
  return { ...order, own }
}

/** What a mixture of both kinds of policy is refused with. */
export const mixed = (): ApiError =>
  invalid('reusable policies and policies of the application cannot be mixed')

/** After the last one. */
export const nextPrecedence = (links: readonly Link[]): number =>
  Math.max(0, ...links.map(({ precedence }) => precedence)) + 1

/** @param own policies that are not stored yet. @throws ApiError 400 / 12130. */
export function checkRules(owner: Owner, ids: readonly string[], own: readonly AccessPolicy[]): void {
  const total = ids
    .map((id) => own.find((policy) => policy.id === id) ?? visible(owner, 'policies', id))
    .reduce((sum, policy) => sum + (policy === undefined ? 0 : rulesOf(policy).length), 0)
  if (total > rulesPerApplication) throw tooManyRules()
}

const tooManyRules = (): ApiError =>
  invalid(`no more than ${rulesPerApplication} rules are allowed in an application`)

/** The policies of an application as the API shows them. */
export const policyViews = (owner: Owner, application: AccessApplication): Record<string, unknown>[] =>
  linksOf(application).flatMap(({ id, precedence }) => {
    const policy = visible(owner, 'policies', id)
    return policy === undefined ? [] : [{ ...policyView(policy), precedence }]
  })
