/**
 * Selectors of policies and groups: which there are, what they hold, what they refer to.
 * @module
 */
import { isIP } from 'node:net'
import type { AccessGroup, AccessObjects, AccessRule } from '../../state/access-types.ts'
import { invalid, unsupported } from './errors.ts'
import { rulesPerApplication } from './limits.ts'
import { type Owner, visible } from './scope.ts'

/** Selectors with what is wrong with a value of a field; undefined: nothing. */
const selectors: Readonly<Record<string, Readonly<Record<string, (text: string) => string | undefined>>>> = {
  everyone: {},
  certificate: {},
  any_valid_service_token: {},
  email: { email: matching(/^[^\s@]+@[^\s@]+$/, 'an email address') },
  email_domain: { domain: matching(/^[a-z0-9.-]+$/i, 'a domain') },
  ip: { ip: (text) => (isNetwork(text) ? undefined : 'is not an IP address or network') },
  geo: { country_code: matching(/^[a-z][a-z0-9]$/i, 'a country code of two letters') },
  common_name: { common_name: matching(/./, 'a common name') },
  service_token: { token_id: matching(/./, 'an id') },
  login_method: { id: matching(/./, 'an id') },
  group: { id: matching(/./, 'an id') },
  oidc: {
    claim_name: matching(/./, 'the name of a claim'),
    claim_value: () => undefined,
    identity_provider_id: matching(/./, 'an id'),
  },
}

/** Selectors of the real API that need something the lab does not have. */
const notHere: ReadonlySet<string> = new Set([
  'auth_context',
  'auth_method',
  'azureAD',
  'cloudflare_account_member',
  'device_posture',
  'email_list',
  'external_evaluation',
  'github-organization',
  'gsuite',
  'ip_list',
  'linked_app_token',
  'okta',
  'saml',
  'user_risk_score',
])

/** The kinds of object a selector may refer to. */
export type ReferredKind = 'groups' | 'serviceTokens' | 'identityProviders'

/** What a selector refers to. */
export function reference(rule: AccessRule): { kind: ReferredKind; id: string } | undefined {
  if ('group' in rule) return { kind: 'groups', id: rule.group.id }
  if ('service_token' in rule) return { kind: 'serviceTokens', id: rule.service_token.token_id }
  if ('login_method' in rule) return { kind: 'identityProviders', id: rule.login_method.id }
  if ('oidc' in rule) return { kind: 'identityProviders', id: rule.oidc.identity_provider_id }
  return undefined
}

/** Include, exclude and require of a policy or group. */
export interface RuleLists {
  include: AccessRule[]
  exclude: AccessRule[]
  require: AccessRule[]
}

/** All selectors of a policy or group. */
export const rulesOf = ({ include, exclude, require }: RuleLists): AccessRule[] => [
  ...include,
  ...exclude,
  ...require,
]

/**
 * The three lists of a body.
 * @throws ApiError 400 / 12130 for selectors that are wrong, unknown, not of this lab, or refer to nothing; for an empty
 *   include; and for too many.
 */
export function readRuleLists(
  body: { include: unknown[]; exclude?: unknown[]; require?: unknown[] },
  owner: Owner,
): RuleLists {
  const read = (list: 'include' | 'exclude' | 'require'): AccessRule[] =>
    (body[list] ?? []).map((rule, at) => readRule(rule, `${list}.${at}`, owner))
  if (body.include.length === 0) throw invalid('include must have at least one rule')
  const total = body.include.length + (body.exclude?.length ?? 0) + (body.require?.length ?? 0)
  if (total > rulesPerApplication) throw invalid(`no more than ${rulesPerApplication} rules are allowed`)
  return { include: read('include'), exclude: read('exclude'), require: read('require') }
}

function readRule(value: unknown, where: string, owner: Owner): AccessRule {
  const [name, ...others] = isObject(value) ? Object.keys(value) : []
  if (!isObject(value) || name === undefined || others.length > 0)
    throw invalid(`${where} must be an object with one selector`)
  if (notHere.has(name)) throw unsupported(`selector ${name}`)
  const fields = Object.hasOwn(selectors, name) ? selectors[name] : undefined
  if (fields === undefined) throw invalid(`${where} has an unknown selector`)
  const inner = value[name]
  if (!isObject(inner)) throw invalid(`${where}.${name} must be an object`)
  const kept: Record<string, string> = {}
  for (const [key, wrong] of Object.entries(fields)) {
    const text = inner[key]
    if (typeof text !== 'string' || text.length > 1000)
      throw invalid(`${where}.${name}.${key} must be a string`)
    const problem = wrong(text)
    if (problem !== undefined) throw invalid(`${where}.${name}.${key} ${problem}`)
    kept[key] = key === 'country_code' ? text.toUpperCase() : text
  }
  // One selector of the table with all its fields: that is what the type says.
  const rule = { [name]: kept } as unknown as AccessRule
  const referred = reference(rule)
  if (referred !== undefined && visible(owner, referred.kind, referred.id) === undefined)
    throw invalid(`${where}.${name} refers to something that does not exist`)
  return rule
}

/** @throws ApiError 400 / 12130 when a group with these rules would contain itself. */
export function refuseCycle(owner: Owner, id: string, rules: RuleLists): void {
  const waiting = rulesOf(rules)
  const seen = new Set<string>()
  for (let rule = waiting.pop(); rule !== undefined; rule = waiting.pop()) {
    if (!('group' in rule) || seen.has(rule.group.id)) continue
    if (rule.group.id === id) throw invalid('a group must not contain itself')
    seen.add(rule.group.id)
    const group: AccessGroup | undefined = visible(owner, 'groups', rule.group.id)
    if (group !== undefined) waiting.push(...rulesOf(group))
  }
}

/** Whether a policy or group among these objects refers to something. */
export const isReferred = (among: readonly AccessObjects[], kind: ReferredKind, id: string): boolean =>
  among
    .flatMap(({ policies, groups }) => [...Object.values(policies), ...Object.values(groups)])
    .flatMap(rulesOf)
    .some((rule) => {
      const referred = reference(rule)
      return referred?.kind === kind && referred.id === id
    })

/** An address, or one with a prefix length. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0 || address.includes('%')) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

function matching(pattern: RegExp, what: string): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? undefined : `is not ${what}`)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
