import { check } from '../../fixtures/catalogue.ts'
import { otherSibling } from '../../fixtures/needs.ts'

check(
  'client-cert.of-sibling-ca',
  {
    title: 'a certificate that is valid on a sibling with another CA is turned away here',
    severity: 'high',
    kind: 'must',
    profile: 'default',
    needs: ['mtls', 'valid', 'other-sibling'],
    grounds: [
      'Cloudflare API: CAs are set at account level, associations per hostname',
      'catalogue CRT-36',
      'catalogue CRT-37',
    ],
    killedBy: ['edge.accepts-sibling-ca', 'edge.accepts-unknown-ca', 'edge.invalid-accepted-in-1.3'],
    why: 'CAs are loaded into one store per server or per account more often than per hostname. Then every tenant’s clients are verified everywhere, and a rule that asks for “a verified certificate” lets all of them in.',
    sends:
      'The certificate that the sibling accepts, to the sibling and then to this hostname, each with its own SNI and Host.',
    expects: 'Let in by the sibling, turned away here; in report mode passed with status invalid.',
    remediation: `Trust one CA per hostname, and pin it where the store is shared.

nginx (per server block):
  ssl_client_certificate /etc/nginx/ca-of-this-host.pem;

httpd (per virtual host):
  SSLCACertificateFile /etc/apache2/ca-of-this-host.pem

HAProxy (per line of the crt-list):
  site.pem [ca-file ca-of-this-host.pem verify required] HOST

Caddy (per site):
  tls { client_auth { mode require_and_verify  trust_pool file ca-of-this-host.pem } }

Envoy (per filter chain): validation_context.trusted_ca, or pin by
  match_typed_subject_alt_names

AWS ALB: a trust store per listener; hostnames of one listener share it.

Cloudflare edge (the PUT replaces the whole list of hostnames of that CA: read it first), and pin the issuer in the rule:
  GET  /zones/<zone>/certificate_authorities/hostname_associations?mtls_certificate_id=<id of the CA>
  PUT  /zones/<zone>/certificate_authorities/hostname_associations   {"mtls_certificate_id":"<id>","hostnames":["…all that stay…"]}
  not (cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski eq "<SKI OF YOUR CA>")`,
  },
  async (run) => {
    const sibling = otherSibling(run.deployment) ?? run.skip('needs siblings')
    const identity = await run.identity('valid', sibling)
    await run.control({ target: sibling, identity, label: 'the good twin, on the sibling' })
    await run.rejected(
      'invalid',
      { identity, label: `certificate of ${sibling.hostname}` },
      await run.validTwin(),
    )
  },
)
