/**
 * Rules, policies and their order: asked of the evaluation directly, which the gate uses.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FaultId, selectFaults } from '../faults.ts'
import type { AccessRule } from '../state/access-types.ts'
import type { Coverage } from './directory.ts'
import { parsePattern } from './patterns.ts'
import { loginParts, serviceDecision, userDecision } from './policies.ts'
import type { Facts, Identity } from './selectors.ts'
import { createWorld, type PolicyGiven, type World } from './testing/world.ts'

const plain: Facts = {
  remoteAddress: '127.0.0.1',
  country: 'US',
  certificate: undefined,
  serviceToken: undefined,
}
const alice: Identity = {
  email: 'Alice@harness.test',
  identityProviderId: 'idp-1',
  claims: { groups: ['engineering', 'staff'], level: 3, nothing: null },
}

const world = await createWorld()

function coverageOf(policies: PolicyGiven[], { account }: World = world): Coverage {
  const application = world.application({ policies })
  return {
    account,
    authDomain: account.access.organization?.authDomain,
    application,
    pattern: parsePattern('app.harness.test'),
    objects: [world.zone.access, account.access],
  }
}

const none = selectFaults([])
const allowed = (
  policies: PolicyGiven[],
  { facts = plain, identity = alice, faults = [] as FaultId[] } = {},
): boolean =>
  userDecision(coverageOf(policies), facts, { kind: 'logging-in', identity }, selectFaults(faults)) !==
  undefined

const rules: readonly [rule: AccessRule, holds: boolean][] = [
  [{ everyone: {} }, true],
  [{ email: { email: 'alice@HARNESS.test' } }, true],
  [{ email: { email: 'alice@harness.tes' } }, false],
  [{ email_domain: { domain: 'harness.test' } }, true],
  [{ email_domain: { domain: '@Harness.test' } }, true],
  [{ email_domain: { domain: 'ness.test' } }, false],
  [{ email_domain: { domain: 'sub.harness.test' } }, false],
  [{ ip: { ip: '127.0.0.1' } }, true],
  [{ ip: { ip: '127.0.0.0/30' } }, true],
  [{ ip: { ip: '127.0.0.2' } }, false],
  [{ ip: { ip: '127.0.0.0/33' } }, false],
  [{ ip: { ip: '::/0' } }, false],
  [{ ip: { ip: 'no address' } }, false],
  [{ geo: { country_code: 'us' } }, true],
  [{ geo: { country_code: 'DE' } }, false],
  [{ login_method: { id: 'idp-1' } }, true],
  [{ login_method: { id: 'idp-2' } }, false],
  [{ oidc: { claim_name: 'groups', claim_value: 'engineering', identity_provider_id: 'idp-1' } }, true],
  [{ oidc: { claim_name: 'groups', claim_value: 'engineering', identity_provider_id: 'idp-2' } }, false],
  [{ oidc: { claim_name: 'groups', claim_value: 'eng', identity_provider_id: 'idp-1' } }, false],
  [{ oidc: { claim_name: 'level', claim_value: '3', identity_provider_id: 'idp-1' } }, true],
  [{ oidc: { claim_name: 'nothing', claim_value: 'null', identity_provider_id: 'idp-1' } }, false],
  [{ oidc: { claim_name: 'toString', claim_value: '', identity_provider_id: 'idp-1' } }, false],
  [{ certificate: {} }, false],
  [{ common_name: { common_name: '' } }, false],
  [{ service_token: { token_id: 'x' } }, false],
  [{ any_valid_service_token: {} }, false],
  [{ group: { id: 'unknown' } }, false],
  [{ constructor: {} } as unknown as AccessRule, false],
  [{} as unknown as AccessRule, false],
]

for (const [rule, holds] of rules) {
  test(`${JSON.stringify(rule)} ${holds ? 'lets alice in' : 'does not let alice in'}`, () => {
    assert.equal(allowed([{ decision: 'allow', include: [rule] }]), holds)
  })
}

test('an IPv4 address written as IPv6 is the same address', () => {
  const facts = { ...plain, remoteAddress: '::ffff:127.0.0.9' }
  assert.equal(allowed([{ decision: 'allow', include: [{ ip: { ip: '127.0.0.9' } }] }], { facts }), true)
})

test('an address with several @ has no domain', () => {
  const identity = { ...alice, email: 'a@evil.example@harness.test' }
  const policies: PolicyGiven[] = [
    { decision: 'allow', include: [{ email_domain: { domain: 'harness.test' } }] },
  ]
  assert.equal(allowed(policies, { identity }), false)
})

test('point 22: denied where nothing matches; no policies let nobody in', () => {
  assert.equal(allowed([]), false)
  assert.equal(allowed([{ decision: 'allow', include: [] }]), false)
  assert.equal(allowed([{ decision: 'deny', include: [{ email: { email: 'bob@harness.test' } }] }]), false)
})

const email = (address: string): AccessRule => ({ email: { email: address } })
const here: AccessRule = { ip: { ip: '127.0.0.1' } }
const elsewhere: AccessRule = { ip: { ip: '127.0.0.2' } }

test('Include is OR, Require is AND, Exclude is NOT', () => {
  const base = { decision: 'allow', include: [email('bob@x'), email('alice@harness.test')] } as const
  assert.equal(allowed([{ ...base, include: [...base.include] }]), true)
  assert.equal(
    allowed([{ ...base, include: [...base.include], require: [here, { geo: { country_code: 'US' } }] }]),
    true,
  )
  assert.equal(allowed([{ ...base, include: [...base.include], require: [here, elsewhere] }]), false)
  assert.equal(allowed([{ ...base, include: [...base.include], exclude: [elsewhere] }]), true)
  assert.equal(allowed([{ ...base, include: [...base.include], exclude: [here] }]), false)
  assert.equal(
    allowed([{ ...base, include: [...base.include], exclude: [email('alice@harness.test')] }]),
    false,
  )
})

test('Allow and Block from top to bottom, the first match ends it', () => {
  const block: PolicyGiven = { decision: 'deny', include: [here] }
  const allow: PolicyGiven = { decision: 'allow' }
  assert.equal(allowed([block, allow]), false)
  assert.equal(allowed([allow, block]), true)
})

test('point 22: Bypass and Service Auth come before Allow and Block, whatever their order in the list', () => {
  const coverage = coverageOf([
    { decision: 'deny' },
    { decision: 'allow' },
    { decision: 'non_identity', include: [elsewhere] },
    { decision: 'bypass', include: [here], name: 'wanted' },
    { decision: 'non_identity', include: [here] },
  ])
  assert.equal(serviceDecision(coverage, plain, none)?.name, 'wanted')
  assert.equal(serviceDecision(coverage, plain, selectFaults(['access.policies-in-list-order'])), undefined)
})

test('Bypass and Service Auth know nobody: rules about identities never hold', () => {
  const decide = (given: Partial<PolicyGiven>): boolean =>
    serviceDecision(coverageOf([{ decision: 'bypass', ...given }]), plain, none) !== undefined
  assert.equal(decide({}), true)
  assert.equal(decide({ include: [email('alice@harness.test')] }), false)
  assert.equal(decide({ require: [email('alice@harness.test')] }), false)
  assert.equal(decide({ exclude: [email('alice@harness.test')] }), true)
  assert.equal(decide({ exclude: [here] }), false)
})

test('groups: members, not members, nested, and in a circle', () => {
  const dated = { createdAt: '', updatedAt: '', isDefault: false, exclude: [], require: [] }
  const { groups } = world.account.access
  groups.engineers = { id: 'engineers', name: '', include: [email('alice@harness.test')], ...dated }
  groups.here = { id: 'here', name: '', include: [here], ...dated }
  groups.both = {
    ...dated,
    id: 'both',
    name: '',
    include: [{ group: { id: 'engineers' } }],
    require: [{ group: { id: 'here' } }],
  }
  groups.circle = { id: 'circle', name: '', include: [{ group: { id: 'circle' } }], ...dated }
  world.store.changed()
  const withGroup = (id: string, facts = plain): boolean =>
    allowed([{ decision: 'allow', include: [{ group: { id } }] }], { facts })
  assert.deepEqual(
    [withGroup('engineers'), withGroup('here'), withGroup('both'), withGroup('circle')],
    [true, true, true, false],
  )
  const away = { ...plain, remoteAddress: '127.0.0.2' }
  assert.deepEqual([withGroup('here', away), withGroup('both', away)], [false, false])
})

test('point 17: rules about addresses are asked anew, rules about identities were decided at login', () => {
  const coverage = coverageOf([
    { decision: 'deny', include: [{ geo: { country_code: 'RU' } }] },
    { decision: 'allow', include: [email('alice@harness.test')], require: [{ ip: { ip: '127.0.0.0/8' } }] },
  ])
  const [deny, allow] = coverage.application.policies
  const parts = loginParts(coverage, alice, none)
  const later = (facts: Facts): boolean =>
    userDecision(coverage, facts, { kind: 'logged-in', parts }, none) !== undefined
  assert.equal(later(plain), true)
  assert.equal(later({ ...plain, country: 'RU' }), false)
  assert.equal(later({ ...plain, remoteAddress: '10.0.0.1' }), false)
  const policies = world.account.access.policies
  // Taken out of the list after the login: the session goes on.
  Object.assign(policies[allow ?? ''] ?? {}, { include: [email('bob@harness.test')] })
  assert.equal(later(plain), true)
  // A rule about addresses counts at once.
  Object.assign(policies[allow ?? ''] ?? {}, { exclude: [here] })
  assert.equal(later(plain), false)
  Object.assign(policies[allow ?? ''] ?? {}, { exclude: [] })
  Object.assign(policies[deny ?? ''] ?? {}, { include: [here] })
  assert.equal(later(plain), false)
})

test('a policy made after the login does not let an old session in by its identity rules', () => {
  const coverage = coverageOf([{ decision: 'allow', include: [email('bob@harness.test')] }])
  const parts = loginParts(coverage, alice, none)
  const made = world.policy({ decision: 'allow', include: [email('alice@harness.test')] })
  coverage.application.policies.push(made.id)
  assert.equal(userDecision(coverage, plain, { kind: 'logged-in', parts }, none), undefined)
  assert.notEqual(userDecision(coverage, plain, { kind: 'logging-in', identity: alice }, none), undefined)
})
