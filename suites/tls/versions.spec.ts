import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'

const base = {
  kind: 'should',
  profile: 'full',
} as const satisfies Partial<CheckMeta>

/** What the ServerHello of a handshake in TLS 1.2 says. */
async function helloOf(run: CheckContext): Promise<Record<string, unknown>> {
  const { transcript, summary, code } = await run.attempt({ version: 'TLSv1.2' })
  const hello = transcript?.messages.find(({ name }) => name === 'ServerHello')?.detail
  return hello ?? run.inconclusive(summary, code)
}

check(
  'tls.downgrade-sentinel',
  {
    ...base,
    severity: 'low',
    title: 'a ServerHello of TLS 1.2 says that the server speaks TLS 1.3',
    needs: ['mtls', 'TLSv1.2', 'TLSv1.3'],
    grounds: ['RFC 8446 §4.1.3', 'catalogue TLS-08'],
    killedBy: ['edge.no-downgrade-sentinel'],
    why: 'Without the mark in its random a client cannot tell an old server from somebody in between who has taken TLS 1.3 out of its hello. Usually it is missing where another machine ends TLS 1.2 than TLS 1.3, which then has rules of its own.',
    sends: 'A ClientHello that offers TLS 1.2 at best.',
    expects: 'The random of the ServerHello ends with DOWNGRD and 1.',
    remediation: `Every TLS library that speaks TLS 1.3 sends it by itself (OpenSSL 1.1.1, BoringSSL, Go 1.12 and later): nginx, httpd, HAProxy, Caddy, Envoy, AWS ALB and the Cloudflare edge have no switch for it. Look for a second machine that answers TLS 1.2, and for one that inspects TLS in between. Or leave TLS 1.2 out:
  nginx    ssl_protocols TLSv1.3;
  httpd    SSLProtocol TLSv1.3
  HAProxy  bind … ssl-min-ver TLSv1.3
  Cloudflare edge  PATCH /zones/<zone>/settings/min_tls_version   {"value":"1.3"}`,
  },
  async (run) => {
    const { downgradeSentinel } = await helloOf(run)
    run.expect(
      downgradeSentinel === true,
      'the random carries the mark',
      'TLS 1.3 is spoken, and the random of a TLS 1.2 ServerHello does not say so',
    )
  },
)

check(
  'tls.extended-master-secret',
  {
    ...base,
    severity: 'medium',
    title: 'TLS 1.2 with client certificates uses the extended master secret',
    needs: ['mtls', 'TLSv1.2'],
    grounds: [
      'RFC 7627 §1 (triple handshake)',
      'tlsfuzzer extended-master-secret-extension-with-client-cert',
      'catalogue TLS-27',
    ],
    killedBy: ['edge.no-extended-master-secret'],
    why: 'The master secret of old TLS 1.2 does not depend on the handshake it came from. With renegotiation or resumption somebody in between can make a client’s certificate stand for another connection.',
    sends: 'A ClientHello of TLS 1.2 with extended_master_secret.',
    expects: 'The ServerHello takes it up.',
    remediation: `OpenSSL 1.1.0 and later, BoringSSL and Go 1.20 and later do it unless told otherwise: update the library, and look for a switch against it.
  nginx    no ssl_conf_command Options -ExtendedMasterSecret;
  httpd    no SSLOpenSSLConfCmd Options -ExtendedMasterSecret
  HAProxy, Caddy, Envoy: no switch
  AWS ALB: a security policy of TLS 1.3 only, where the answer lacks it
  Cloudflare edge  PATCH /zones/<zone>/settings/min_tls_version   {"value":"1.3"}`,
  },
  async (run) => {
    const { extendedMasterSecret } = await helloOf(run)
    run.expect(
      extendedMasterSecret === true,
      'extended_master_secret is taken up',
      'TLS 1.2 is spoken without extended master secret',
    )
  },
)
