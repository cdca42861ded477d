import { check } from '../../fixtures/catalogue.ts'
import { probeQuic } from '../../harness/probe/version-negotiation.ts'

/** How long a server may take to answer a datagram (ms). */
const patience = 1000

check(
  'tls.http3',
  {
    title: 'the protected hostname is not reachable over HTTP/3, which nothing here certifies',
    severity: 'high',
    kind: 'should',
    profile: 'default',
    needs: ['mtls'],
    grounds: [
      'CVE-2026-53622 (Traefik)',
      'GHSA-gv8r-9rw9-9697 (Traefik)',
      'RFC 9114 §3.1',
      'RFC 9000 §6',
      'catalogue TLS-10',
    ],
    killedBy: ['edge.announces-http3', 'edge.answers-quic'],
    why: 'HTTP/3 is another listener with another TLS stack, and client certificates have been lost on the way to it. This harness speaks no QUIC: whatever else it says about the hostname holds for TCP, and where HTTP/3 is on, the hostname is not certified for it. HTTPS records in DNS can announce it too; they are not looked up.',
    sends:
      'A request, whose answer is searched for Alt-Svc; one datagram of an unknown QUIC version to the UDP port of the same number, which every QUIC server answers without keeping anything.',
    expects: 'No Alt-Svc with h3, and no answer over UDP.',
    remediation: `Switch HTTP/3 off for hostnames that want client certificates, until a test that speaks QUIC has shown that it asks for them; close UDP 443 in front of them.

nginx (no \`listen … quic\`, no Alt-Svc):
  listen 443 ssl;

Caddy:
  servers { protocols h1 h2 }

HAProxy (no \`bind quic4@\` and \`quic6@\` lines).

Envoy: no listener with \`quic_options\`. httpd and AWS ALB speak no HTTP/3.

Cloudflare edge:
  PATCH /zones/<zone>/settings/http3   {"value":"off"}`,
  },
  async (run) => {
    const twin = await run.validTwin()
    const outcome = await run.attempt(twin ?? { label: 'without a certificate' })
    const [, announced] =
      outcome.http?.headers.find(
        ([name, value]) => name.toLowerCase() === 'alt-svc' && /\bh3\b/.test(value),
      ) ?? []
    const quic = await probeQuic(run.target, patience)
    const found = [
      announced === undefined ? [] : ['Alt-Svc announces h3'],
      quic.versions === undefined ? [] : [quic.summary],
    ].flat()
    run.expect(
      found.length === 0,
      `no Alt-Svc with h3; ${quic.summary}`,
      `not certified for HTTP/3: ${found.join('; ')}`,
    )
    // Whoever is refused in TLS is told nothing: then UDP alone has to answer.
    if (outcome.http === undefined && outcome.verdict !== 'refused')
      run.inconclusive(outcome.summary, 'no answer to search for Alt-Svc')
  },
)
