import { randomBytes } from 'node:crypto'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { mintSource } from '../../harness/deployment/mint-source.ts'
import { createMint } from '../../harness/pki/mint.ts'
import type { Identity } from '../../harness/pki/types.ts'
import type { CertificateRequest } from '../../harness/wire/types.ts'
import { guardOrigin } from '../remedies.ts'
import { onlyIfShut, shut, unreachable } from './direct.ts'

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'quick',
  needs: ['origin', 'origin.tls'],
  remediation: guardOrigin,
  expects:
    'No connection, a TLS alert, or a refusal that names the certificate; with the edge’s certificate, an answer.',
} as const satisfies Partial<CheckMeta>

check(
  'origin.direct',
  {
    ...base,
    needs: ['origin'],
    title: 'the origin’s own address serves nobody but the edge',
    grounds: ['Cloudflare Authenticated Origin Pulls', 'catalogue ORI-01'],
    killedBy: ['origin.open', 'origin.optional', 'origin.allow-list-only'],
    why: 'Addresses of origins are found: in old DNS records, certificate logs, mail headers, scans. Whoever has it passes every rule of the edge, and may write the headers that the edge would have removed.',
    sends: 'A request to the origin’s address with SNI and Host of the deployment, without a certificate.',
  },
  (run) => shut(run, { label: 'past the edge' }),
)

check(
  'origin.direct-1.2',
  {
    ...base,
    profile: 'default',
    title: 'TLS 1.2: the origin’s own address serves nobody but the edge',
    grounds: ['catalogue ORI-01, TLS-01'],
    killedBy: ['origin.open-in-1.2'],
    why: 'Each version is another handshake, and in some servers another policy.',
    sends: 'The same in TLS 1.2.',
  },
  async (run) => {
    await onlyIfShut(run)
    const first = await run.attempt(run.originTry({ version: 'TLSv1.2', label: 'TLS 1.2' }))
    if (first.code === 'version-unsupported') return run.skip('the origin does not speak TLS 1.2')
    await shut(run, { version: 'TLSv1.2', label: 'TLS 1.2, past the edge' })
  },
)

check(
  'origin.other-names',
  {
    ...base,
    title: 'the origin is shut under every name',
    grounds: ['RFC 6066 §3', 'catalogue ORI-02, TLS-14'],
    killedBy: ['origin.open-for-other-names'],
    why: 'A server that asks for the edge’s certificate in one virtual host answers for all others, and often for no name at all, with the same application.',
    sends:
      'To the origin’s address, without a certificate: no SNI; SNI and Host of a random name; the right SNI with a random Host.',
  },
  async (run) => {
    await onlyIfShut(run)
    const name = `harness-${randomBytes(4).toString('hex')}.invalid`
    await shut(run, { servername: false, label: 'no SNI' }, { any: true })
    await shut(run, { servername: name, host: name, label: 'a random name' }, { any: true })
    await shut(run, { host: name, label: 'a random Host' }, { any: true })
  },
)

check(
  'origin.forged-edge-headers',
  {
    ...base,
    title: 'headers of the edge open nothing at the origin',
    needs: ['origin'],
    grounds: ['RFC 9440 §4', 'Cloudflare Access: validate the JWT at the origin', 'catalogue ORI-03'],
    killedBy: ['origin.trusts-edge-headers'],
    why: 'Cf-Connecting-Ip, Cf-Ray and the certificate headers are text. An origin that knows the edge by them knows it by nothing.',
    sends:
      'A request to the origin’s address with the headers that the edge would set, all forged, without a certificate.',
  },
  async (run) => {
    await onlyIfShut(run)
    const { forwarded, statusValues } = run.target.mtls ?? {}
    const about = Object.entries(forwarded ?? {}).map(([field, header]): [string, string] => [
      header,
      field === 'status' ? (statusValues?.valid ?? 'valid') : 'forged',
    ])
    await shut(run, {
      label: 'as if by the edge',
      headers: [
        ['CF-Connecting-IP', '192.0.2.1'],
        ['CF-Ray', '0123456789abcdef-AMS'],
        ['CF-Visitor', '{"scheme":"https"}'],
        ['CDN-Loop', 'cloudflare'],
        ['X-Forwarded-Proto', 'https'],
        ...about,
      ],
    })
  },
)

/** What the origin asks for; skips where it cannot be reached or asks for nothing. */
async function asked(run: CheckContext): Promise<CertificateRequest> {
  const outcome = await run.attempt(run.originTry({ label: 'past the edge' }))
  if (unreachable(outcome)) return run.skip(`not reachable from here: ${outcome.summary}`)
  return (
    outcome.transcript?.certificateRequest ??
    run.skip('the origin asks for no certificate: see origin.direct')
  )
}

check(
  'origin.insists',
  {
    ...base,
    title: 'an origin that asks for a certificate insists on it',
    grounds: ['Cloudflare Authenticated Origin Pulls, set-up (nginx `optional`)', 'catalogue ORI-04'],
    killedBy: ['origin.optional'],
    why: 'The documented set-up begins with `optional` and ends with `on`. Between the two everything works, for everybody.',
    sends: 'A request to the origin’s address without a certificate, where the handshake asked for one.',
  },
  async (run) => {
    await asked(run)
    await shut(run, { label: 'without what was asked for' })
  },
)

const sharedCa = /origin-pull\.cloudflare\.net/i

check(
  'origin.shared-ca',
  {
    ...base,
    severity: 'high',
    kind: 'should',
    profile: 'default',
    title: 'the origin does not trust the CA that every account of the edge shares',
    grounds: ['Cloudflare: the global certificate is the same for all accounts', 'catalogue ORI-05'],
    killedBy: ['origin.trusts-shared-ca'],
    why: 'Anybody with an account can let the edge call your origin under a hostname of their own, without your rules. The shared certificate proves that it was the edge, not that it was yours.',
    sends: 'A handshake with the origin; the CA names in its CertificateRequest are read.',
    expects: 'origin-pull.cloudflare.net is not among them.',
  },
  async (run) => {
    const { caNames } = await asked(run)
    if (caNames.length === 0) return run.skip('the origin names no CA: which ones it trusts cannot be seen')
    const shared = caNames.filter(({ text }) => sharedCa.test(text))
    run.expect(
      shared.length === 0,
      `asks for: ${caNames.map(({ text }) => text).join('; ')}`,
      `trusts the shared CA: ${shared.map(({ text }) => text).join('; ')}`,
    )
  },
)

const strangers = {
  profile: 'default',
  severity: 'critical',
  grounds: ['RFC 5280 §6.1', 'catalogue ORI-04, ORI-06'],
} as const satisfies Partial<CheckMeta>

check(
  'origin.self-signed',
  {
    ...base,
    ...strangers,
    title: 'a self-signed certificate opens nothing at the origin',
    killedBy: ['origin.accepts-self-signed'],
    why: 'Asking for a certificate without verifying it turns away only those who bring none.',
    sends: 'A request to the origin’s address with a self-signed certificate.',
  },
  async (run) => {
    await onlyIfShut(run)
    await shut(run, { identity: await run.identity('self-signed', run.originTry().target) })
  },
)

check(
  'origin.impostor-ca',
  {
    ...base,
    ...strangers,
    title: 'a CA that only has the right name opens nothing at the origin',
    killedBy: ['origin.compares-issuer-name'],
    why: 'The names of the CAs are in every handshake, for anybody to copy.',
    sends:
      'A request to the origin’s address with a certificate of a CA made here, with a name that the origin asked for.',
  },
  async (run) => {
    await onlyIfShut(run)
    const { caNames } = await asked(run)
    const { target } = run.originTry()
    const mint = createMint(mintSource(target ?? run.target, caNames))
    const missing = mint.missing('impostor-ca')
    if (missing !== undefined) return run.skip('the origin names no CA that could be copied')
    await shut(run, { identity: await mint.get('impostor-ca') })
  },
)

check(
  'origin.visitor-certificate',
  {
    ...base,
    ...strangers,
    title: 'a visitor’s certificate opens nothing at the origin',
    needs: ['origin', 'origin.tls', 'mtls', 'valid'],
    killedBy: ['origin.trusts-client-ca'],
    why: 'Visitors have good certificates for the edge. An origin that takes them too can be talked to past the edge, with any header about who one is.',
    sends: 'A request to the origin’s address with a certificate that the edge accepts.',
  },
  async (run) => {
    await onlyIfShut(run)
    const identity: Identity = await run.identity('valid')
    await shut(run, { identity })
  },
)

check(
  'origin.plain-port',
  {
    ...base,
    needs: ['origin'],
    title: 'the origin does not answer in plain HTTP',
    grounds: ['catalogue ORI-01, ORI-17, TLS-23'],
    killedBy: ['origin.plain-open'],
    why: 'Where there is no TLS there is no certificate to ask for: port 80 of the origin is a way past everything.',
    sends:
      'A plain request to the declared plain ports of the origin; where none is declared and TLS is on 443, to port 80.',
    expects: 'No connection, or a redirect or refusal.',
  },
  async (run) => {
    const { plainPorts = [], port } = run.deployment.origin ?? {}
    const ports = plainPorts.length > 0 ? plainPorts : port === 443 ? [80] : []
    if (ports.length === 0) return run.skip('needs origin.plainPorts')
    for (const plain of ports) {
      const outcome = await run.attempt(run.originTry({ port: plain, tls: false, label: `port ${plain}` }))
      run.reached = outcome.verdict === 'allowed'
      run.expect(
        outcome.verdict !== 'allowed',
        `port ${plain}: ${outcome.summary}`,
        `port ${plain}: ${outcome.summary}`,
      )
      if (outcome.verdict === 'inconclusive' && !unreachable(outcome)) run.inconclusive(outcome.summary)
    }
  },
)

check(
  'origin.address-hidden',
  {
    ...base,
    severity: 'low',
    kind: 'should',
    profile: 'default',
    needs: ['origin', 'valid'],
    title: 'answers do not name the origin’s address',
    grounds: ['catalogue ORI-08, RSP-05'],
    killedBy: ['origin.names-itself'],
    why: 'What makes the edge worth anything is that nobody goes around it.',
    sends:
      'Through the edge: a request that is answered, one for a path that does not exist, one without a certificate.',
    expects: 'The origin’s address and port stand in no header and in no body.',
  },
  async (run) => {
    const { address = '', port = 0 } = run.deployment.origin ?? {}
    const identity = await run.identity('valid')
    const tries = [{ identity }, { identity, path: '/harness-nowhere' }, {}]
    for (const wanted of tries) {
      const { http } = await run.attempt(wanted)
      const text = `${(http?.headers ?? []).flat().join('\n')}\n${http?.body.toString('latin1') ?? ''}`
      const found =
        text.includes(`${address}:${port}`) || (!address.startsWith('127.') && text.includes(address))
      run.expect(!found, 'the address is in none of three answers', `an answer names ${address}:${port}`)
    }
  },
)
