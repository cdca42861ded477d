import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { requireCertificate, verifyChain } from '../remedies.ts'

type Version = 'TLSv1.2' | 'TLSv1.3'
const short = { 'TLSv1.2': '1.2', 'TLSv1.3': '1.3' } as const

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  const n = short[version]
  const grounds =
    version === 'TLSv1.2' ? ['RFC 5246 §7.4.4', 'catalogue TLS-01'] : ['RFC 8446 §4.3.2', 'catalogue TLS-02']
  const base = {
    kind: 'must',
    profile: 'quick',
    needs: ['mtls', version],
    grounds,
  } as const satisfies Partial<CheckMeta>

  check(
    `tls.certificate-request-${n}`,
    {
      ...base,
      title: `TLS ${n}: the handshake asks for a client certificate`,
      severity: 'critical',
      killedBy: [`edge.no-certificate-request-${n}`],
      why: `Without a CertificateRequest no client can present anything: whatever protects the hostname in TLS ${n}, it is not mutual TLS. Servers are known to ask in one version and forget the other.`,
      sends: `A TLS ${n} handshake without a certificate; the server’s flight is decrypted and read.`,
      expects: 'A CertificateRequest in the first handshake.',
      remediation: requireCertificate,
    },
    async (run) => {
      const { transcript, summary, code } = await run.attempt({ version })
      if (transcript?.version === undefined) return run.inconclusive(summary, code)
      const request = transcript.certificateRequest
      // A handshake that stopped early may never have come to the point of asking.
      const complete = transcript.messages.some(
        ({ from, name: message }) =>
          from === 'server' && (message === 'ServerHelloDone' || message === 'Finished'),
      )
      if (request === undefined && !complete)
        return run.inconclusive(summary, 'the server’s flight did not end')
      if (request?.late === true || run.facts.clientCertificate[version] === 'late')
        run.warn('asked only after the request', 'late: clients and HTTP/2 often cannot answer')
      run.expect(
        request !== undefined,
        `CertificateRequest seen, ${request?.caNames.length ?? 0} CA names`,
        'no CertificateRequest in the handshake',
      )
    },
  )

  check(
    `tls.no-certificate-${n}`,
    {
      ...base,
      title: `TLS ${n}: no certificate, no access`,
      severity: 'critical',
      killedBy: ['edge.accepts-no-certificate', `edge.open-in-${n}`],
      why: `This is the basic promise. The two TLS versions are separate code paths in every server, and in TLS 1.3 the refusal comes only after the client has finished: tools that stop at the handshake call such servers open, or call open servers closed.`,
      sends: `A TLS ${n} handshake with an empty Certificate, then a request; then everything until an answer, an alert or the end.`,
      expects: 'Refused (alert, close, or an HTTP refusal); in report mode passed with status none.',
      remediation: requireCertificate,
    },
    async (run) => {
      await run.rejected('none', { version, label: 'no certificate' }, await run.validTwin({ version }))
    },
  )

  check(
    `tls.bad-certificates-${n}`,
    {
      ...base,
      profile: 'default',
      title: `TLS ${n}: bad certificates are turned away`,
      severity: 'critical',
      grounds: [...grounds, 'catalogue TLS-03', 'CVE-2019-0215 (httpd: access control lost in TLS 1.3)'],
      killedBy: [
        `edge.invalid-accepted-in-${n}`,
        'edge.accepts-self-signed',
        'edge.accepts-unknown-ca',
        'edge.accepts-expired-day',
        'edge.accepts-impostor-ca',
        'edge.accepts-server-auth-only',
      ],
      why: 'A verdict holds for the version it was reached in, and for no other.',
      sends: `In TLS ${n}: a self-signed certificate, one of an unknown CA, one of an impostor of yours, an expired one, one for servers only (as far as they can be minted).`,
      expects: 'Each refused; in report mode passed with status invalid.',
      remediation: verifyChain,
    },
    async (run) => {
      for (const id of run.can([
        'self-signed',
        'unknown-ca',
        'impostor-ca',
        'expired-day',
        'server-auth-only',
      ])) {
        const identity = await run.identity(id)
        await run.rejected('invalid', { version, identity, label: id }, await run.validTwin({ version }))
      }
    },
  )
}

check(
  'tls.ca-names',
  {
    title: 'the CertificateRequest names your CA and no other',
    severity: 'high',
    kind: 'must',
    profile: 'default',
    needs: ['mtls', 'mtls.ca'],
    grounds: [
      'RFC 8446 §4.2.4',
      'RFC 5246 §7.4.4',
      'CVE-2026-27586 (Caddy falls back to the system roots)',
      'catalogue TLS-04',
    ],
    killedBy: ['edge.ca-names-of-system-roots'],
    why: 'The list is what the server is about to trust. A foreign name in it is a second way in; a list of public CAs means the trust store failed to load and the system roots took its place.',
    sends:
      'A handshake per TLS version; `certificate_authorities` is compared, DER byte by byte, with the deployment’s CA.',
    expects: 'Exactly the subject of `mtls.ca`, or no names at all (legal, and says nothing).',
    remediation:
      'Point the list of accepted CAs at your CA only, and fail at start when the file does not load.\n\nnginx:\n  ssl_client_certificate /etc/nginx/client-ca.pem;    (one CA; ssl_trusted_certificate is not sent to clients)\n\nhttpd:\n  SSLCADNRequestFile /etc/apache2/client-ca.pem',
  },
  async (run) => {
    const expected = run.caSubjects()
    for (const version of run.versions()) {
      const { transcript } = await run.attempt({ version })
      const names = transcript?.certificateRequest?.caNames ?? []
      const foreign = names.filter(({ der }) => !expected.has(der)).map(({ text }) => text)
      run.expect(
        foreign.length === 0,
        names.length === 0 ? 'no names sent' : `only ${names.map(({ text }) => text).join(' and ')}`,
        `TLS ${short[version as Version]} also names ${foreign.join(' and ')}`,
      )
    }
  },
)

const weakScheme = /md5|sha1(?!\d)|anonymous/

check(
  'tls.signature-algorithms',
  {
    title: 'the CertificateRequest offers no MD5, SHA-1 or anonymous signatures',
    severity: 'low',
    kind: 'should',
    profile: 'default',
    needs: ['mtls'],
    grounds: ['RFC 9155 §2', 'RFC 8446 §4.2.3', 'catalogue TLS-05'],
    killedBy: ['edge.offers-sha1'],
    why: 'Clients may sign their proof of possession with any scheme offered. SHA-1 signatures can be forged with chosen-prefix collisions.',
    sends:
      'A handshake per TLS version; the schemes and (TLS 1.2) certificate types in the CertificateRequest are read.',
    expects: 'No MD5, SHA-1 or anonymous scheme, no fixed Diffie-Hellman certificate type.',
    remediation:
      "Raise the security level or list the schemes.\n\nOpenSSL based servers:\n  CipherString = DEFAULT:@SECLEVEL=2\n\nnginx 1.19.4 or later:\n  ssl_conf_command SignatureAlgorithms ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256;\n\nNode:\n  sigalgs: 'ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256:rsa_pkcs1_sha256'",
  },
  async (run) => {
    for (const version of run.versions()) {
      const { transcript } = await run.attempt({ version })
      const request = transcript?.certificateRequest
      if (request === undefined) continue
      const weak = [...request.signatureAlgorithms, ...request.certificateTypes].filter(
        (name) => weakScheme.test(name) || /fixed_(ec)?dh/.test(name),
      )
      run.expect(
        weak.length === 0,
        `${request.signatureAlgorithms.length} schemes, none weak`,
        `TLS ${short[version as Version]} offers ${weak.join(', ')}`,
      )
    }
    nothingAsked(run)
  },
)

const nothingAsked = (run: CheckContext): void => {
  if (run.held === 0) run.skip('no CertificateRequest was seen')
}
