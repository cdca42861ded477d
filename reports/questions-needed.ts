/**
 * What a deployment file can add, by the words in which a report says that it is missing. Data; the first that fits counts.
 * @module
 */

/** Something that can be added. */
export interface Needed {
  /** Fits the reason of a check that did not run or did not count. */
  when: RegExp
  /** What it is, in words. */
  add: string
  /** Lines for the deployment file. */
  lines: string
}

/** In the order in which reasons are compared. */
export const answersNeeded: readonly Needed[] = [
  {
    when: /is trusted here/,
    add: 'the CA that signs the server certificates, where it is none of the system’s',
    lines: 'trust: ./server-ca.pem',
  },
  {
    when: /mtls\.crl|CRL/,
    add: 'the list of revoked certificates of the CA',
    lines: 'mtls:\n  crl: ./client-ca.crl',
  },
  {
    when: /mtls\.identities.*access\.with|beside access\.with/,
    add: 'a valid client certificate for the hostname that asks for both',
    lines: 'mtls:\n  identities: [{ name: device, cert: ./device.pem, key: ./device-key.pem }]',
  },
  {
    when: /siblings\[\]\.mtls/,
    add: 'a valid client certificate for the sibling with a CA of its own',
    lines:
      'siblings:\n  - hostname: other.HOST\n    mtls: { mode: enforce, identities: [{ name: theirs, cert: ./theirs.pem, key: ./theirs-key.pem }] }',
  },
  {
    when: /give mtls\.refusal, or requests/,
    add: 'whether that page is the refusal: its status and body, byte for byte',
    lines: 'mtls:\n  mode: enforce\n  refusal: { status: 200, body: ./refusal.html }',
  },
  {
    when: /^needs mtls\.commonNames/,
    add: 'whom the rule lets in, where that is not every certificate of the CA: whether all others stay out',
    lines: 'mtls:\n  mode: enforce\n  commonNames: [device-001]',
  },
  {
    when: /^needs access\.commonNames/,
    add: 'whose certificates the policy of Access lets in, where it names them: whether all others stay out',
    lines: 'access:\n  with: access-and-mtls\n  commonNames: [device-001]',
  },
  {
    when: /mtls\.publicCertificates/,
    add: 'the certificate of a public CA with its key, such as the server certificate of a site of yours: whether such ones are let in',
    lines: 'mtls:\n  publicCertificates: [{ name: site, cert: ./site.pem, key: ./site-key.pem }]',
  },
  {
    when: /mtls\.strangers/,
    add: 'a client certificate of another account or zone of the same edge: whether its owner is let in here',
    lines: 'mtls:\n  strangers: [{ name: neighbour, cert: ./neighbour.pem, key: ./neighbour-key.pem }]',
  },
  {
    when: /mtls\.identities/,
    add: 'a valid client certificate: the proof that good ones get in, and what makes a refusal of a bad one mean something',
    lines:
      'mtls:\n  mode: enforce\n  identities: [{ name: device, cert: ./device.pem, key: ./device-key.pem }]',
  },
  {
    when: /mtls\.ca\.key/,
    add: 'the key of a test CA that the host trusts: every kind of bad certificate is then minted with its good twin',
    lines: 'mtls:\n  ca: { cert: ./client-ca.pem, key: ./client-ca-key.pem }',
  },
  {
    when: /mtls\.ca\.cert/,
    add: 'the certificate of the CA (no key): impostors are made after it',
    lines: 'mtls:\n  ca: { cert: ./client-ca.pem }',
  },
  {
    when: /mtls\.refusal/,
    add: 'how the refusal looks',
    lines: 'mtls:\n  refusal: { status: 403, contentType: application/json, body: ./refusal.json }',
  },
  {
    when: /mtls\.forwarded/,
    add: 'the headers in which the origin is told about the certificate',
    lines: 'mtls:\n  forwarded: { status: cf-cert-verified }',
  },
  {
    when: /mtls\.mode: report/,
    add: 'a hostname in report mode: this one or a sibling',
    lines:
      'siblings:\n  - hostname: REPORT.HOST\n    mtls: { mode: report, forwarded: { status: cf-cert-verified } }',
  },
  {
    when: /\bcanary\b/,
    add: 'a canary at the origin, whose fresh answer proves every request (harness canary prints one)',
    lines: 'canary: /.well-known/harness-canary',
  },
  {
    when: /another application of the same team/,
    add: 'a second application of the same team',
    lines:
      'siblings:\n  - hostname: other.HOST\n    access: { team: TEAM.cloudflareaccess.com, audience: AUD, serviceToken: { id: "${ID}", secret: "${SECRET}" } }',
  },
  {
    when: /access-and-mtls/,
    add: 'a hostname that asks for a certificate and for Access',
    lines:
      'siblings:\n  - hostname: both.HOST\n    access: { team: TEAM.cloudflareaccess.com, with: access-and-mtls }',
  },
  {
    when: /siblings: a hostname without/,
    add: 'a public hostname on the same edge: whether its connections and sessions lead to the protected one',
    lines: 'siblings:\n  - hostname: www.HOST\n    mtls: { mode: off }',
  },
  {
    when: /another CA/,
    add: 'a protected hostname with another CA on the same edge',
    lines:
      'siblings:\n  - hostname: other.HOST\n    mtls: { mode: enforce, identities: [{ name: theirs, cert: ./theirs.pem, key: ./theirs-key.pem }] }',
  },
  {
    when: /access\.otherServiceToken/,
    add: 'a service token of the team that this application does not accept',
    lines: 'access:\n  otherServiceToken: { id: "${OTHER_ID}", secret: "${OTHER_SECRET}" }',
  },
  {
    when: /access\.serviceToken/,
    add: 'a service token that the application accepts: the good twin of every bad one',
    lines: 'access:\n  serviceToken: { id: "${ID}", secret: "${SECRET}" }',
  },
  {
    when: /access\.session/,
    add: 'a global session of somebody who may use the application',
    lines: 'access:\n  session: "${SESSION}"',
  },
  {
    when: /access\.signing/,
    add: 'the signing key of a test environment (never of production)',
    lines: 'access:\n  signing: { key: ./team-signing-key.pem }',
  },
  {
    when: /access\.audience/,
    add: 'the audience tag of the application',
    lines: 'access:\n  audience: AUD',
  },
  {
    when: /\baccess\b/,
    add: 'the Access team, where the hostname is behind Access and does not show it',
    lines: 'access:\n  team: TEAM.cloudflareaccess.com',
  },
  {
    when: /\bdrill\b/,
    add: 'a hostname of the zone that nobody depends on: origin pulls are switched on and off there under traffic (--staging)',
    lines:
      'drill: { hostname: drill.HOST, origin: "ADDRESS:443", identity: { cert: ./drill.pem, key: ./drill-key.pem }, originCommand: ./origin-mode }',
  },
  {
    when: /origin\.otherIdentity/,
    add: 'a certificate of another client of the CA that signed the edge’s: whether the origin tells them apart',
    lines: 'origin:\n  otherIdentity: { cert: ./monitoring.pem, key: ./monitoring-key.pem }',
  },
  {
    when: /origin\.allowList/,
    add: 'whether the origin serves certain addresses only',
    lines: 'origin:\n  allowList: true',
  },
  {
    when: /origin\.identity/,
    add: 'the certificate that the edge presents to the origin',
    lines: 'origin:\n  identity: { cert: ./edge.pem, key: ./edge-key.pem }',
  },
  {
    when: /origin\.validates/,
    add: 'whether the origin verifies the assertion of Access itself',
    lines: 'origin:\n  validates: true',
  },
  {
    when: /\borigin\b/,
    add: 'the address of the origin: whether the edge can be walked around',
    lines: 'origin:\n  address: ADDRESS:443\n  pulls: hostname',
  },
  {
    when: /controlPlane/,
    add: 'a read-only API token: the configuration itself is then audited',
    lines: 'controlPlane: { zone: ZONE_ID, account: ACCOUNT_ID, token: "${CLOUDFLARE_API_TOKEN}" }',
  },
  {
    when: /ports\.plain/,
    add: 'ports on which the same host answers without TLS',
    lines: 'ports: { plain: [80, 8080] }',
  },
  { when: /ports\.tls/, add: 'further TLS ports of the same host', lines: 'ports: { tls: [8443] }' },
  {
    when: /\brequests\b/,
    add: 'requests of the application and how they are answered',
    lines:
      'requests:\n  - { path: /api/status, method: GET, allowed: { status: 200, bodyContains: \'"ok"\' } }',
  },
]
