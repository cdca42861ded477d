/**
 * What `client-cert.empty-entry` concludes from servers of every kind; the connections are made up.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registered } from '../../fixtures/catalogue.ts'
import { CheckContext } from '../../fixtures/context.ts'
import type { ScriptedTry, Try } from '../../fixtures/environment.ts'
import { Ended } from '../../fixtures/verdict.ts'
import type { Identity } from '../../harness/pki/types.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import type { Transcript } from '../../harness/wire/types.ts'
import './malformed.spec.ts'

type Way = 'in' | 'refused' | 'undecided' | 'unasked'
type Version = 'TLSv1.2' | 'TLSv1.3'

/** How the made-up server treats who comes; `plain`: an ordinary handshake. */
interface Server {
  honest?: (version: Version) => Way
  /** `who` is the identity's name or `nobody`; `mutation` is undefined for an ordinary handshake. */
  malformed?: (who: string, mutation: string, version: Version) => Way
  plain?: (who: string) => Way
  openAnyway?: boolean
  mode?: 'enforce' | 'report'
  /** Status that the origin is told of whoever is let in; undefined: there is no canary. */
  told?: string
}

const identity = (name: string): Identity => ({ name, cert: '', key: '', fingerprint256: name, subject: '' })

function outcomeOf(way: Way, told: string | undefined, empty: boolean): Outcome {
  const sent = empty && way !== 'unasked'
  const verdict = way === 'in' ? 'allowed' : way === 'undecided' ? 'inconclusive' : 'refused'
  const canary = { nonce: 'n', method: 'GET', path: '/', partial: false }
  return {
    verdict,
    code: way === 'in' ? 'proof-nonce' : way === 'undecided' ? 'timeout' : 'tls-alert',
    layer: way === 'in' ? 'http' : 'tls',
    summary: way,
    followUps: [],
    sessions: [],
    timings: { end: 1 },
    transcript: { clientCertificates: sent ? [[{ length: 0 }]] : [] } as unknown as Transcript,
    ...(told === undefined || way !== 'in' ? {} : { canary: { ...canary, headers: [['x-status', told]] } }),
  }
}

class MadeUp extends CheckContext {
  readonly server: Server
  tries: string[] = []

  constructor(server: Server) {
    const statusValues = { none: 'none', valid: 'valid', invalid: 'invalid' }
    const mtls = {
      mode: server.mode ?? 'enforce',
      identities: [],
      forwarded: { status: 'x-status' },
      statusValues,
    }
    const target = { hostname: 'a.test', port: 443, requests: [], mtls }
    const deployment = { target, siblings: [], ports: { plain: [], tls: [] }, waivers: [], deadline: 1 }
    super({ deployment, facts: {}, mintFor: () => ({}) } as unknown as ConstructorParameters<
      typeof CheckContext
    >[0])
    this.server = server
  }
  override identity = async (id: string): Promise<Identity> => identity(id)
  override can = <T>(ids: readonly T[]): T[] => [...ids]
  override versions = (): Version[] => ['TLSv1.2', 'TLSv1.3']

  override async scripted({ version, identity: who, mutate }: ScriptedTry): Promise<Outcome> {
    const { honest = () => 'in', malformed = () => 'refused', told } = this.server
    const mutation = mutate?.certificate
    this.tries.push(`${version} ${who?.name ?? 'nobody'} ${mutation ?? 'honest'}`)
    const way = mutation === undefined ? honest(version) : malformed(who?.name ?? 'nobody', mutation, version)
    return outcomeOf(way, told ?? (mutation === undefined ? 'valid' : undefined), mutation !== undefined)
  }
  override async attempt({ identity: who }: Try): Promise<Outcome> {
    const { plain = (name: string) => (name === 'valid' ? 'in' : 'refused'), told } = this.server
    return outcomeOf(plain(who?.name ?? 'nobody'), told, false)
  }
  override async onlyIfClosed(): Promise<void> {
    if (this.server.openAnyway === true) this.skip('open anyway')
  }
}

async function verdict(server: Server): Promise<{ verdict: string; run: MadeUp }> {
  const check = registered().find(({ id }) => id === 'client-cert.empty-entry')
  const run = new MadeUp(server)
  try {
    await check?.body(run)
    return { verdict: run.held > 0 ? 'pass' : 'nothing', run }
  } catch (error) {
    if (!(error instanceof Ended)) throw error
    return { verdict: error.verdict, run }
  }
}

test('everything refused: a pass, after a control and four messages per version', async () => {
  const { verdict: said, run } = await verdict({})
  assert.equal(said, 'pass')
  assert.equal(run.tries.length, 10)
  assert.equal(run.tries[0], 'TLSv1.2 valid honest')
  assert.equal(run.reached, false)
})

for (const [what, server, expected, reached] of [
  ['nobody gets in', { malformed: (who) => (who === 'nobody' ? 'in' : 'refused') }, 'fail', true],
  [
    'nobody gets in, in 1.3 only',
    { malformed: (_, __, v) => (v === 'TLSv1.3' ? 'in' : 'refused') },
    'fail',
    true,
  ],
  [
    'a stranger gets in with a leading empty entry',
    {
      malformed: (who, how) => (who === 'self-signed' && how === 'empty-entry-then-chain' ? 'in' : 'refused'),
    },
    'fail',
    true,
  ],
  [
    'a stranger gets in with a trailing empty entry',
    {
      malformed: (who, how) => (who === 'self-signed' && how === 'chain-then-empty-entry' ? 'in' : 'refused'),
    },
    'fail',
    true,
  ],
  [
    'it is overlooked behind the valid chain',
    { malformed: (who) => (who === 'valid' ? 'in' : 'refused') },
    'warn',
    false,
  ],
  [
    'overlooked in 1.2, a hole in 1.3',
    { malformed: (who, _, v) => (who === 'valid' || v === 'TLSv1.3' ? 'in' : 'refused') },
    'fail',
    true,
  ],
  ['the door stands open anyway', { openAnyway: true, malformed: () => 'in' }, 'not-applicable', false],
  [
    'every self-signed certificate is let in: another finding',
    { plain: () => 'in', malformed: (who) => (who === 'self-signed' ? 'in' : 'refused') },
    'pass',
    false,
  ],
  ['the script never comes through', { honest: () => 'undecided' }, 'not-applicable', false],
  ['… in one version', { honest: (v) => (v === 'TLSv1.3' ? 'undecided' : 'in') }, 'inconclusive', false],
  ['a valid certificate is refused', { honest: () => 'refused', plain: () => 'refused' }, 'blocked', false],
  ['no verdict comes', { malformed: () => 'undecided' }, 'inconclusive', false],
  ['refused before the message was sent', { malformed: () => 'unasked' }, 'inconclusive', false],
  ['report mode, told valid', { mode: 'report', told: 'valid', malformed: () => 'in' }, 'fail', false],
  ['report mode, told none', { mode: 'report', told: 'none', malformed: () => 'in' }, 'pass', false],
  [
    'report mode, told nothing that can be seen',
    { mode: 'report', malformed: () => 'in' },
    'inconclusive',
    false,
  ],
] as [string, Server, string, boolean][]) {
  test(`${what}: ${expected}`, async () => {
    const { verdict: said, run } = await verdict(server)
    assert.deepEqual([said, run.reached], [expected, reached])
  })
}
