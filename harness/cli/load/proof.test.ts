/** Every kind of client on every server in both versions: sent, seen by the server itself, and ended as it should. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  notMeasurable,
  type OutcomeKind,
  type PreflightResult,
  type Style,
} from '../../../load/flood/types.ts'
import { type ProfileId, profileIds } from '../../../load/profiles/table.ts'
import { validateLoad } from '../../../load/results/read.ts'
import { sampleFlood, sampleLoad } from '../../../load/results/testing.ts'
import { renderLoadHtml } from '../../../reports/load/html.ts'
import { renderLoadMarkdown } from '../../../reports/load/markdown.ts'
import { loadVerdict } from '../../../reports/load/verdict.ts'
import type { LabServer } from './options.ts'
import { loadPlace, type Place } from './testing.ts'

let place: Place
before(async () => {
  place = await loadPlace()
})
after(() => place.remove())

interface Expected {
  style: Style
  bad: readonly OutcomeKind[]
  none: readonly OutcomeKind[]
  /** It is named in the CRL that only the edge reads. */
  revoked: readonly OutcomeKind[]
}

/** An alert may be lost to the reset that follows it. */
const byAlert: Expected = {
  style: 'alert',
  bad: ['alert', 'closed'],
  none: ['alert', 'closed'],
  revoked: ['accepted'],
}
const servers: Readonly<Record<LabServer, Expected>> = {
  edge: { style: 'http-403', bad: ['http-403'], none: ['http-403'], revoked: ['http-403'] },
  nginx: { style: 'http-400', bad: ['http-400'], none: ['http-400'], revoked: ['accepted'] },
  haproxy: byAlert,
  httpd: byAlert,
  caddy: byAlert,
  node: { style: 'closed', bad: ['closed'], none: ['alert', 'closed'], revoked: ['accepted'] },
}
const good: readonly ProfileId[] = ['valid', 'long-chain', 'rsa-4096']

test('load proof: what k6 sends and what six servers count, TLS 1.2 and 1.3, every kind of client', async () => {
  const ended = await place.run('load', 'proof', '--lab', '--out', 'proof')
  assert.equal(ended.code, 0, ended.err + ended.out)
  assert.match(ended.err, /load proof: 12 servers and versions, at most 4 min in all/)
  const results = await place.results('proof')
  assert.deepEqual([validateLoad(results), results.skipped], [[], []])
  assert.equal(results.proofs.length, 12)
  const places = Object.values(servers).flatMap((server) => [
    [server, '1.2'] as const,
    [server, '1.3'] as const,
  ])
  for (const [at, [{ style, bad, none, revoked }, tls]] of places.entries()) {
    const { target = '', preflight } = results.proofs[at] ?? {}
    assert.ok(preflight && target.endsWith(`TLS ${tls}`), target)
    assert.deepEqual([preflight.style, preflight.tlsVersion], [style, `TLSv${tls}`], target)
    assert.deepEqual(
      preflight.profiles.map(({ profile }) => profile),
      [...profileIds],
    )
    for (const { profile, outcomes, proof, serverSaw, void: reasons, finding } of preflight.profiles) {
      const what = `${target}, ${profile}`
      assert.deepEqual([reasons, finding], [[], undefined], what)
      assert.ok(proof.connections >= 5, what)
      // Decrypted: the list is empty, or its first certificate is the one.
      assert.equal(profile === 'none' ? proof.empty : proof.sent, proof.connections, what)
      assert.equal(serverSaw, profile === 'none' ? notMeasurable : outcomes.total, what)
      const right =
        profile === 'none'
          ? none
          : profile === 'revoked'
            ? revoked
            : good.includes(profile as ProfileId)
              ? ['accepted']
              : bad
      for (const seen of Object.keys(outcomes.byKind))
        assert.ok(right.includes(seen as OutcomeKind), `${what}: ${seen}`)
    }
  }
  assert.match(ended.out, /^Shown: every certificate was sent to 12 servers and versions, and seen there\.$/m)
  assert.doesNotMatch(JSON.stringify(results), /PRIVATE KEY/)
})

test('a certificate that the server did not see is not shown: exit 3, in every report; one let in is a finding', () => {
  const { preflight } = sampleFlood()
  const of = (changes: Partial<PreflightResult['profiles'][number]>) =>
    sampleLoad({
      command: 'proof',
      proofs: [
        {
          target: 'nginx, TLS 1.3',
          k6: '2.2.0',
          preflight: {
            ...preflight,
            counted: 'its log',
            profiles: preflight.profiles.map((one) => ({ ...one, ...changes })),
          },
        },
      ],
    })
  const shown = of({})
  assert.deepEqual([shown.exitCode, loadVerdict(shown).word], [0, 'Shown'])
  const unseen = of({ serverSaw: 0, void: ['the server saw the certificate 0 times in 5 attempts'] })
  assert.deepEqual([unseen.exitCode, loadVerdict(unseen).word], [3, 'Not shown'])
  assert.deepEqual(validateLoad(unseen), [])
  for (const text of [renderLoadHtml(unseen), renderLoadMarkdown(unseen)])
    assert.match(text, /0 in 40 attempts.*the server saw the certificate 0 times/s)
  const letIn = of({ void: ['let in'], finding: 'a certificate that expired yesterday was let in' })
  assert.deepEqual([letIn.exitCode, loadVerdict(letIn).tone], [1, 'bad'])
})
