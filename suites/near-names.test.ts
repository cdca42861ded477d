/**
 * What is concluded from who is let in by name; the certificates are real, the connections made up.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CheckContext } from '../fixtures/context.ts'
import type { Try } from '../fixtures/environment.ts'
import { Ended } from '../fixtures/verdict.ts'
import type { Target } from '../harness/deployment/types.ts'
import { createAuthority } from '../harness/pki/authority.ts'
import type { Identity } from '../harness/pki/types.ts'
import type { Outcome } from '../harness/probe/types.ts'
import { namesOf, nearNameRefused, nearNames, otherNameRefused } from './near-names.ts'

const authority = await createAuthority({ name: 'CN=CA' })
const good = await authority.issue({ name: 'sensor-001', subject: 'CN=sensor-001,O=Lab' })
const stranger = await authority.issue({ name: 'stranger', subject: 'CN=stranger,O=Lab' })

/** Whom the server lets in, by the whole subject. */
type Rule = (subject: string) => boolean

class MadeUp extends CheckContext {
  readonly rule: Rule
  readonly subjects: string[] = []

  constructor(rule: Rule, mtls: Partial<Target['mtls']>) {
    const target = { hostname: 'a.example', port: 443, requests: [], mtls: { identities: [], ...mtls } }
    super({ deployment: { target, siblings: [] }, facts: {} } as never)
    this.rule = rule
  }

  override async onlyIfClosed(): Promise<void> {}
  override async valid(): Promise<Identity> {
    return good
  }
  override async attempt({ identity }: Try): Promise<Outcome> {
    const subject = identity?.subject ?? ''
    this.subjects.push(subject)
    const verdict = this.rule(subject) ? 'allowed' : 'refused'
    return { verdict, summary: verdict } as Outcome
  }
  override async refused(wanted: Try): Promise<Outcome> {
    const outcome = await this.attempt(wanted)
    this.reached = outcome.verdict === 'allowed'
    if (this.reached) throw new Ended('fail', outcome.summary)
    this.hold(outcome.summary)
    return outcome
  }
}

async function verdictOf(
  row: string,
  rule: Rule,
  { allowed = ['sensor-001'], mtls = { ca: authority } as Partial<Target['mtls']> } = {},
): Promise<{ said: string; run: MadeUp }> {
  const run = new MadeUp(rule, mtls)
  const asking = (identity: Identity, label: string): Try => ({ identity, label })
  try {
    const names = await namesOf(run, run.target, allowed, { asking })
    const near = nearNames.find(({ id }) => id === row)
    await (near === undefined ? otherNameRefused(run, names) : nearNameRefused(run, names, near))
  } catch (error) {
    if (!(error instanceof Ended)) throw error
    assert.equal(run.reached, false, 'the certificate is valid: nobody got in without one')
    return { said: `${error.verdict} ${error.observed}${error.reason}`, run }
  }
  return { said: run.held > 0 ? 'pass' : 'nothing', run }
}

const exactly: Rule = (subject) => subject === 'CN=sensor-001,O=Lab'

test('a rule about the whole subject passes everything', async () => {
  for (const { id } of nearNames) assert.equal((await verdictOf(id, exactly)).said, 'pass', id)
  const { said, run } = await verdictOf('other-name', exactly)
  assert.equal(said, 'pass')
  assert.deepEqual(run.subjects, ['CN=harness-somebody-else,O=Lab', 'O=Lab'])
})

test('who got in is said with the hostname', async () => {
  assert.equal(
    (await verdictOf('name-prefix', (subject) => subject.startsWith('CN=sensor-001'))).said,
    'fail a.example, more behind: allowed',
  )
  assert.match((await verdictOf('other-name', () => true)).said, /^fail a\.example, another name/)
  assert.match((await verdictOf('other-name', (subject) => !subject.includes('CN='))).said, /no common name/)
})

test('of two common names either one may count, and not both', async () => {
  const first: Rule = (subject) => subject.startsWith('CN=sensor-001,')
  const last: Rule = (subject) => subject.endsWith('CN=sensor-001,O=Lab')
  assert.equal((await verdictOf('name-twice', first)).said, 'pass')
  assert.equal((await verdictOf('name-twice', last)).said, 'pass')
  const either: Rule = (subject) => first(subject) || last(subject)
  assert.match((await verdictOf('name-twice', either)).said, /^fail a\.example, the right name, then another/)
})

test('a name that is listed is no near miss; without the CA’s key a stranger does for another name', async () => {
  assert.match(
    (await verdictOf('name-case', () => true, { allowed: ['sensor-001', 'SENSOR-001'] })).said,
    /^not-applicable every such name is listed/,
  )
  assert.match((await verdictOf('name-nul', exactly, { mtls: {} })).said, /needs mtls\.ca\.key/)
  assert.match((await verdictOf('other-name', exactly, { mtls: {} })).said, /needs mtls\.ca\.key, or/)
  const mtls = { strangers: [stranger] }
  assert.equal((await verdictOf('other-name', exactly, { mtls })).said, 'pass')
  assert.match((await verdictOf('other-name', () => true, { mtls })).said, /^fail a\.example, another name/)
})
