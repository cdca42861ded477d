import { X509Certificate } from 'node:crypto'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import { type ClientCa, configurationOf, reading } from '../../fixtures/configuration.ts'
import type { Target } from '../../harness/deployment/types.ts'
import { associateHostname, guardOrigin, verifyOrigin } from '../remedies.ts'
import { protects, targetsOf } from './coverage.ts'

const base = {
  severity: 'high',
  kind: 'must',
  profile: 'default',
  needs: ['control-plane'],
  sends: 'GET of the parts of the configuration named in the title. Nothing is written.',
} as const satisfies Partial<CheckMeta>

/** The file knows this CA for a hostname: it is declared, or has issued a declared identity. */
function declares({ mtls }: Target, { certificate }: ClientCa): boolean {
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(certificate ?? '')?.[0]
  if (pem === undefined || mtls === undefined) return false
  const ca = new X509Certificate(pem)
  const declared = [mtls.ca?.cert, mtls.caCert].filter((one) => one !== undefined)
  return (
    declared.some((one) => new X509Certificate(one).fingerprint256 === ca.fingerprint256) ||
    mtls.identities.some(({ cert }) => {
      const leaf = new X509Certificate(cert)
      return leaf.checkIssued(ca) && leaf.verify(ca.publicKey)
    })
  )
}

check(
  'config-audit.known-cas',
  {
    ...base,
    needs: ['control-plane', 'mtls'],
    title: 'no client CA is associated that the deployment file does not know',
    grounds: ['Cloudflare bring your own CA, cautions', 'catalogue CPA-12'],
    killedBy: ['config.unknown-ca'],
    why: 'Whoever holds the key of an associated CA makes valid certificates for the hostname. A supplier’s that has left, a test CA, a copy: each is a way in that no test with your own certificates finds.',
    expects:
      'Each uploaded CA associated with a hostname of the file is declared there, or has issued a declared identity.',
    remediation: associateHostname,
  },
  async (run) => {
    const cas = await reading(run, configurationOf(run).clientCas())
    const judged = targetsOf(run.deployment).flatMap((target) =>
      cas
        .filter(
          ({ certificate, hostnames }) => certificate !== undefined && hostnames.includes(target.hostname),
        )
        .map((ca) => ({ what: `${ca.name} (${target.hostname})`, known: declares(target, ca) })),
    )
    if (judged.length === 0 && cas.every(({ hostnames }) => hostnames.length === 0))
      return run.skip('no client CA is associated')
    const unknown = judged.filter(({ known }) => !known).map(({ what }) => what)
    run.expect(
      unknown.length === 0,
      `${judged.length} associations with uploaded CAs, all of them declared`,
      `not in the deployment file: ${unknown.join(', ')}`,
    )
  },
)

check(
  'config-audit.front-doors',
  {
    ...base,
    severity: 'critical',
    profile: 'quick',
    title: 'no undeclared hostname leads to the same origin unprotected',
    grounds: [
      'Cloudflare Access: new hostnames are exposed unless protection is required',
      'catalogue CPA-01, CPA-14, ORI-09, TLS-22',
    ],
    killedBy: ['config.front-door'],
    why: 'The most common hole of all: the protected hostname is closed, and an older, a test or a wildcard name leads to the same application through the same edge, with the same origin-pull certificate.',
    sends:
      'GET of the zone’s DNS records, associations, custom rules’ hostnames and Access applications. Nothing is written.',
    expects:
      'Each name with the origin’s address as content is declared in the file, or associated with a client CA, or covered by an Access application.',
    remediation: `Declare the name as public (siblings, mtls.mode: off) where it is meant to be, remove the record, or protect it:
  PUT  /zones/<zone>/certificate_authorities/hostname_associations   (replaces the whole list: send every hostname)
  POST /zones/<zone>/rulesets/<ruleset>/rules   {"action":"block","expression":"http.host eq \\"<NAME>\\" and not cf.tls_client_auth.cert_verified"}
  or an Access application:  POST /accounts/<account>/access/apps   {"type":"self_hosted","domain":"<NAME>","policies":[…]}
  remove it:  DELETE /zones/<zone>/dns_records/<record>

nginx, httpd, HAProxy, Caddy, Envoy and AWS ALB as the origin: answer for the names you know only (default_server with ssl_reject_handshake, strict-sni, host rules).`,
  },
  async (run) => {
    const configuration = configurationOf(run)
    const records = (await reading(run, configuration.dnsRecords())).filter(({ type }) =>
      ['A', 'AAAA', 'CNAME'].includes(type),
    )
    const [cas, applications] = await Promise.all([
      reading(run, configuration.clientCas()),
      reading(run, configuration.applications()),
    ])
    const own = run.target.hostname.toLowerCase()
    const contents = new Set(records.filter(({ name }) => name === own).map(({ content }) => content))
    if (contents.size === 0) return run.skip(`the zone has no record for ${own}`)
    const declared = new Set(targetsOf(run.deployment).map(({ hostname }) => hostname.toLowerCase()))
    const asked = new Set(cas.flatMap(({ hostnames }) => hostnames))
    const doors = [
      ...new Set(
        records
          .filter(({ content, name }) => contents.has(content) || content === own || name === own)
          .map(({ name }) => name),
      ),
    ]
    const open = doors.filter(
      (name) =>
        !declared.has(name) &&
        !asked.has(name) &&
        !applications.some((application) => protects(application, name)),
    )
    run.expect(
      open.length === 0,
      `${doors.length} names lead to the origin, all declared or protected`,
      `leads to the same origin unprotected: ${open.join(', ')}`,
    )
  },
)

check(
  'config-audit.ssl-mode',
  {
    ...base,
    title: 'the edge verifies the origin (SSL mode strict)',
    grounds: ['Cloudflare SSL modes', 'catalogue ORI-17, ORI-18'],
    killedBy: ['config.ssl-full'],
    why: 'In mode flexible the edge talks plain HTTP to the origin and presents no certificate; in mode full it talks TLS to anybody. Only strict makes sure that what was let in arrives where it should.',
    expects: 'ssl is strict.',
    remediation: verifyOrigin,
  },
  async (run) => {
    const mode = await reading(run, configurationOf(run).setting('ssl'))
    run.expect(mode === 'strict' || mode === 'origin_pull', `ssl: ${mode}`, `ssl is ${mode}, not strict`)
  },
)

check(
  'config-audit.origin-pulls',
  {
    ...base,
    needs: ['control-plane', 'origin'],
    title: 'the edge presents its certificate for every hostname, at the level that was declared',
    grounds: ['Cloudflare Authenticated Origin Pulls: three independent levels', 'catalogue ORI-12, ORI-14'],
    killedBy: ['config.pull-association-missing'],
    why: 'The levels are independent, and the origin’s part is not in the control plane at all. A hostname that was forgotten gets nothing or another level’s certificate: either it is down, or its origin does not insist.',
    expects:
      'hostname: an enabled association for each hostname on that origin; zone: switched on, with an active certificate; global: the switch is on.',
    remediation: guardOrigin,
  },
  async (run) => {
    const configuration = configurationOf(run)
    const level = run.deployment.origin?.pulls ?? 'none'
    if (level === 'none') return run.skip('origin.pulls is none')
    if (level === 'global') {
      const value = await reading(run, configuration.setting('tls_client_auth'))
      return run.expect(value === 'on', 'the global switch is on', `tls_client_auth is ${value}`)
    }
    if (level === 'zone') {
      const [on, certificates] = await Promise.all([
        reading(run, configuration.zonePulls()),
        reading(run, configuration.pullCertificates()),
      ])
      const active = certificates.filter((one) => one.level === 'zone' && one.status === 'active')
      return run.expect(
        on && active.length > 0,
        `${active.length} active certificates`,
        'the zone level presents nothing',
      )
    }
    const records = await reading(run, configuration.dnsRecords())
    const contentOf = (name: string): string | undefined => records.find((one) => one.name === name)?.content
    const own = contentOf(run.target.hostname)
    const names = targetsOf(run.deployment)
      .map(({ hostname }) => hostname.toLowerCase())
      .filter((name) => name === run.target.hostname || (own !== undefined && contentOf(name) === own))
    const said = await Promise.all(
      names.map(async (name) => ({ name, on: await reading(run, configuration.hostnamePull(name)) })),
    )
    const without = said.filter(({ on }) => on !== true).map(({ name }) => name)
    run.expect(
      without.length === 0,
      `${names.length} hostnames present a certificate of their own`,
      `no certificate is presented for ${without.join(', ')}`,
    )
  },
)

check(
  'config-audit.shared-certificate',
  {
    ...base,
    severity: 'medium',
    kind: 'should',
    needs: ['control-plane', 'origin'],
    title: 'the certificate that all accounts share is not presented beside your own',
    grounds: ['Cloudflare: the global certificate is the same for all accounts', 'catalogue ORI-05, ORI-14'],
    killedBy: ['config.pulls-global'],
    why: 'With the global switch on, hostnames that were forgotten work, as long as the origin trusts the shared CA: the mistake is hidden until somebody uses it.',
    expects: 'tls_client_auth is off, unless origin.pulls is global.',
    remediation: `PATCH /zones/<zone>/settings/tls_client_auth   {"value":"off"}   once every hostname has a certificate of its own (GET /zones/<zone>/origin_tls_client_auth/hostnames/<HOST>).
Origin: trust your own CA only (nginx ssl_client_certificate, httpd SSLCACertificateFile, HAProxy ca-file, Caddy trust_pool, Envoy trusted_ca).`,
  },
  async (run) => {
    if (run.deployment.origin?.pulls === 'global') return run.skip('origin.pulls is global')
    const value = await reading(run, configurationOf(run).setting('tls_client_auth'))
    run.expect(
      value !== 'on',
      `tls_client_auth: ${value}`,
      'tls_client_auth is on beside certificates of your own',
    )
  },
)
