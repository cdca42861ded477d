import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import { requireCertificate, verifyChain } from '../remedies.ts'
import { likeUsual } from '../usual.ts'

const base = { severity: 'critical', kind: 'must', profile: 'quick' } as const satisfies Partial<CheckMeta>

check(
  'client-cert.none',
  {
    ...base,
    title: 'a request without a certificate is turned away',
    connections: 64, // every address of the name
    needs: ['mtls'],
    grounds: ['RFC 8446 §4.4.2.4', 'RFC 5246 §7.4.6', 'catalogue CRT-01'],
    killedBy: ['edge.accepts-no-certificate', 'edge.open-in-1.3'],
    why: 'Whoever has the URL is in, otherwise.',
    sends:
      'An empty Certificate in the best TLS version both sides speak, and one request: to every address of the name, with and without ALPN.',
    expects: 'Refused; in report mode passed with status none.',
    remediation: requireCertificate,
  },
  async (run) => {
    const twin = await run.validTwin()
    for (const address of run.facts.addresses) {
      const target = { ...run.target, address }
      await run.rejected('none', { target, label: `nobody, ${address}` }, twin)
    }
    if (run.held === 0) await run.rejected('none', { label: 'no certificate' }, twin)
    // Clients that do not know ALPN take a path of their own through some servers.
    if (!run.onlyHttp2) await run.rejected('none', { alpn: 'none', label: 'nobody, no ALPN' }, twin)
  },
)

check(
  'client-cert.none-http2',
  {
    ...base,
    profile: 'default',
    title: 'HTTP/2: a request without a certificate is turned away',
    needs: ['mtls', 'h2'],
    grounds: ['RFC 9113 §9.2', 'catalogue MOD-13', 'catalogue TLS-09'],
    killedBy: ['edge.h2-open', 'edge.accepts-no-certificate', 'edge.open-in-1.3'],
    why: 'HTTP/2 is a different code path in most servers, and the one browsers use.',
    sends: 'ALPN h2, no certificate, one request.',
    expects: 'Refused; in report mode passed with status none.',
    remediation: requireCertificate,
  },
  async (run) => {
    await run.rejected('none', { alpn: 'h2', label: 'no certificate' }, await run.validTwin({ alpn: 'h2' }))
  },
)

check(
  'client-cert.bad-http2',
  {
    ...base,
    profile: 'default',
    title: 'HTTP/2: bad certificates are turned away',
    needs: ['mtls', 'h2'],
    grounds: ['RFC 9113 §9.2', 'catalogue TLS-03', 'catalogue TLS-09'],
    killedBy: [
      'edge.h2-accepts-invalid',
      'edge.invalid-accepted-in-1.3',
      'edge.accepts-self-signed',
      'edge.accepts-unknown-ca',
      'edge.accepts-expired-day',
    ],
    why: 'A rule that asks for a certificate and a rule that asks whether it is valid are two rules; the second is easily written for HTTP/1.1 alone.',
    sends:
      'ALPN h2 and a self-signed certificate, one of an unknown CA, an expired one (as far as they can be minted).',
    expects: 'Each refused; in report mode passed with status invalid.',
    remediation: verifyChain,
  },
  async (run) => {
    for (const id of run.can(['self-signed', 'unknown-ca', 'expired-day'])) {
      const identity = await run.identity(id)
      await run.rejected('invalid', { alpn: 'h2', identity }, await run.validTwin({ alpn: 'h2' }))
    }
  },
)

check(
  'client-cert.valid',
  {
    ...base,
    title: 'a valid certificate is let in',
    needs: ['mtls', 'valid'],
    grounds: ['catalogue MOD-03'],
    killedBy: ['edge.refuses-valid', 'edge.no-certificate-request-1.3'],
    why: 'The other half of the promise: a hostname that refuses everybody is safe and useless, and every refusal seen there proves nothing.',
    sends: 'The deployment’s valid identity, one request.',
    expects: 'The application answers, proven by the canary’s nonce or the declared answer.',
    remediation:
      'Check that the CA that issued this certificate is the one the server trusts, that the chain is complete and in date, and that the certificate may be used by clients (EKU clientAuth).\n\n  harness certs inspect CERT.pem\n  openssl verify -purpose sslclient -CAfile client-ca.pem CERT.pem',
  },
  async (run) => {
    const identity = await run.identity('valid')
    if (run.facts.clientCertificate['TLSv1.3'] === 'late') {
      const { verdict, summary } = await run.attempt({ identity })
      if (verdict === 'refused') {
        run.inconclusive(
          summary,
          'the host asks after the handshake, which this client cannot answer in TLS 1.3',
        )
      }
    }
    await run.allowed({ identity })
  },
)

check(
  'client-cert.valid-1.2',
  {
    ...base,
    severity: 'high',
    profile: 'default',
    title: 'TLS 1.2: a valid certificate is let in',
    needs: ['mtls', 'valid', 'TLSv1.2'],
    grounds: ['catalogue MOD-03', 'catalogue TLS-03'],
    killedBy: ['edge.refuses-valid', 'edge.no-certificate-request-1.2'],
    why: 'Devices that cannot do better are locked out otherwise, and the refusals seen in TLS 1.2 prove nothing.',
    sends: 'The deployment’s valid identity in TLS 1.2, one request.',
    expects: 'The application answers.',
    remediation: 'Ask for the certificate in TLS 1.2 too, or switch TLS 1.2 off for this hostname.',
  },
  async (run) => {
    await run.allowed({ version: 'TLSv1.2', identity: await run.identity('valid') })
  },
)

check(
  'client-cert.valid-http2',
  {
    ...base,
    severity: 'high',
    profile: 'default',
    title: 'HTTP/2: a valid certificate is let in',
    needs: ['mtls', 'valid', 'h2'],
    grounds: ['RFC 9113 §9.2'],
    killedBy: ['edge.refuses-valid', 'edge.no-certificate-request-1.3'],
    why: 'An edge that offers HTTP/2 but cannot carry the certificate’s verdict there locks out every modern client.',
    sends: 'ALPN h2, the valid identity, one request.',
    expects: 'The application answers.',
    remediation:
      'Take HTTP/2 out of ALPN for this hostname, or ask for the certificate in the first handshake (HTTP/2 cannot renegotiate, RFC 9113 §9.2.1).',
  },
  async (run) => {
    await run.allowed({ alpn: 'h2', identity: await run.identity('valid') })
  },
)

check(
  'client-cert.every-request',
  {
    ...base,
    severity: 'high',
    profile: 'default',
    title: 'on one connection every request is judged, not only the first',
    needs: ['mtls', 'enforce'],
    grounds: ['RFC 9440 §3.3', 'catalogue HDR-21'],
    killedBy: ['edge.checks-first-request-only'],
    why: 'Verdicts kept per connection go stale; an edge that tests only the first request lets the second one through.',
    sends: 'Two requests on one connection without a certificate, then two with the valid one.',
    expects: 'Neither of the first two reaches the application, both of the others do.',
    remediation: verifyChain,
  },
  async (run) => {
    await run.onlyIfClosed()
    const further = [{}]
    const nobody = await run.attempt({ label: 'nobody, twice', further })
    const open = nobody.followUps.find(({ verdict }) => verdict === 'allowed')
    run.reached = open !== undefined
    run.expect(
      open === undefined,
      'both requests refused',
      `the second request on the connection got in: ${open?.summary ?? ''}`,
    )
    for (const [index, one] of [nobody, ...nobody.followUps].entries())
      await likeUsual(run, one, `request ${index + 1} on the connection: ${one.summary}`)
    const identity = await run.valid()
    if (identity === undefined) return
    const member = await run.control({ identity, label: 'valid, twice', further })
    const second = member.followUps[0]
    if (second !== undefined && second.http === undefined) run.note('the server closes after one request')
    run.expect(
      second?.verdict === 'allowed',
      'first and second request judged alike',
      `the second request of a valid client: ${second?.summary ?? 'none'}`,
    )
  },
)

check(
  'client-cert.declared-requests',
  {
    ...base,
    profile: 'default',
    title: 'every declared request is turned away without a certificate',
    connections: 64, // every declared request
    needs: ['enforce', 'requests'],
    grounds: [
      'catalogue PTH-01',
      'cloudflare-docs api-shield (rules match paths exactly)',
      'catalogue CRT-01',
    ],
    killedBy: ['edge.open-path', 'edge.refusal-shows-application'],
    why: 'Rules name paths and methods. The one that is proven is not the one that was forgotten.',
    sends: 'Each entry of `requests` with its method, without a certificate and with the valid one.',
    expects: 'Refused without, answered as declared with.',
    remediation: requireCertificate,
  },
  async (run) => {
    await run.onlyIfClosed()
    const identity = await run.valid()
    for (const request of run.target.requests) {
      const wanted = { proof: { request }, label: `${request.method} ${request.path}` }
      const twin =
        identity === undefined ? undefined : { ...wanted, identity, label: `${wanted.label}, the good twin` }
      await run.refused(wanted, twin)
    }
  },
)
