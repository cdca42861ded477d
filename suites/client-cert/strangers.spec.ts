import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { strangersTarget } from '../../fixtures/needs.ts'
import type { Target } from '../../harness/deployment/types.ts'
import { describeCertificate } from '../../harness/pki/describe.ts'
import { extendedKeyUsages } from '../../harness/pki/oids.ts'
import type { Identity } from '../../harness/pki/types.ts'
import { publicAside, unlessPublic } from '../remedies.ts'

const base = {
  kind: 'must',
  profile: 'default',
  expects: 'Turned away, while the valid certificate is let in; in report mode passed with status invalid.',
} as const satisfies Partial<CheckMeta>

/**
 * Why a refusal of this certificate would say nothing about its CA; undefined where it does. Public CAs have stopped issuing
 * for clients: a server that trusts one of them refuses such a certificate for its purpose alone.
 */
function unfit({ cert }: Identity): string | undefined {
  const described = describeCertificate(cert)
  if (!described.ok) return 'cannot be read'
  const { eku, validFrom, validTo } = described.facts
  const now = Date.now()
  if (Date.parse(validTo) <= now || Date.parse(validFrom) > now) return 'is not in date'
  const forClients: string[] = [extendedKeyUsages.clientAuth, extendedKeyUsages.anyExtendedKeyUsage]
  return eku.length === 0 || eku.some((oid) => forClients.includes(oid))
    ? undefined
    : 'is not for clients (its extended key usage lacks clientAuth)'
}

/** Each of them is turned away, for its issuer and not for its dates or purpose. */
async function turnedAway(run: CheckContext, target: Target, strangers: readonly Identity[]): Promise<void> {
  await run.onlyIfClosed(target)
  const told: string[] = []
  for (const identity of strangers) {
    const wanted = { target, identity, label: `certificate of a stranger: ${identity.name}` }
    const reason = unfit(identity)
    if (reason === undefined) {
      await run.rejected('invalid', wanted, await run.validTwin({ target }))
      continue
    }
    // It may get in all the same, which is a finding; that it does not is none.
    const { verdict, summary } = await run.attempt(wanted)
    run.reached ||= verdict === 'allowed' && run.mode(target) === 'enforce'
    if (run.reached) run.expect(false, '', summary)
    told.push(`${identity.name} ${reason}`)
  }
  if (run.held === 0) run.skip(`a refusal would say nothing about the CA: ${told.join('; ')}`)
}

check(
  'client-cert.public-ca',
  {
    ...base,
    severity: 'critical',
    title: 'a certificate of a public CA is turned away',
    needs: ['mtls', 'public-certificates'],
    grounds: ['Caddy CVE-2026-27586 (GO-2026-4539)', 'catalogue CRT-38', 'catalogue MOD-08'],
    killedBy: ['edge.trusts-system-roots', 'edge.accepts-unknown-ca', 'edge.invalid-accepted-in-1.3'],
    why: 'A trust store that is missing, unreadable or empty should end in a refusal to start. Some servers go on with the CAs of the system instead: then everybody who can get a certificate for any domain, which is free, is a valid client.',
    sends: 'A certificate of a public CA, with its key, that names clients among its purposes.',
    remediation: `Name the file with your own CA, and see that it is read: an error in the log, or tls.ca-names.

nginx (refuses to start without the file):
  ssl_client_certificate /etc/nginx/client-ca.pem;
  ssl_verify_client on;
  # not ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt

httpd (a path of the system store, or none at all, is the mistake):
  SSLCACertificateFile /etc/apache2/client-ca.pem
  SSLVerifyClient require

HAProxy:
  bind :443 ssl crt site.pem ca-file client-ca.pem verify required
  # not ca-file @system-ca

Caddy (2.11.1 and later fail when the file is missing):
  tls { client_auth { mode require_and_verify  trust_pool file /etc/caddy/client-ca.pem } }

Envoy: validation_context.trusted_ca names your CA, never the system bundle
Node: \`ca\` must not be undefined: \`requestCert\` without it verifies against the bundled roots
AWS ALB: a trust store with your CA; it has no default

Cloudflare edge: only CAs that are associated are trusted; see which:
  GET /zones/<zone>/certificate_authorities/hostname_associations?mtls_certificate_id=<id of each CA>`,
  },
  async (run) => {
    await turnedAway(run, run.target, run.target.mtls?.publicCertificates ?? [])
  },
)

check(
  'client-cert.of-other-account',
  {
    ...base,
    severity: 'high',
    title: 'a certificate that the same edge issued to another account is turned away',
    needs: ['strangers'],
    grounds: [
      'Cloudflare API: CAs are set at account level; without a test of the issuer any valid certificate is accepted',
      'catalogue CRT-36',
    ],
    killedBy: ['config.rule-any-issuer'],
    why: 'A shared issuing CA verifies the certificates of all its customers. A rule that asks for “a verified certificate” and not for whose lets in whoever can open an account.',
    sends:
      'A genuine certificate of another account or zone (mtls.strangers), to the hostname it was not made for.',
    remediation: `Say whose certificates are meant, in every rule that asks for a verified one:

Cloudflare edge (the identifier of your CA: openssl x509 -noout -ext subjectKeyIdentifier -in ca.pem, without colons):
  not (cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski in {"<SKI OF YOUR CA>"})
  PATCH /zones/<zone>/rulesets/<ruleset>/rules/<rule>   {"action":"block","expression":"…"}

nginx, httpd, HAProxy, Caddy, Envoy: trust a CA that issues for you alone. Where it has to be a shared one compare the issuer of each certificate, or the names it gives out:
  nginx    if ($ssl_client_i_dn != "CN=your CA") { return 403; }
  httpd    Require expr %{SSL_CLIENT_I_DN} == 'CN=your CA'
  HAProxy  http-request deny unless { ssl_c_i_dn(CN) -m str "your CA" } ${unlessPublic}   (${publicAside})
  Envoy    match_typed_subject_alt_names

AWS ALB: a trust store with your own subordinate CA only.`,
  },
  async (run) => {
    const target = strangersTarget(run.deployment) ?? run.skip('needs mtls.strangers')
    await turnedAway(run, target, target.mtls?.strangers ?? [])
  },
)
