import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import { type CustomRule, configurationOf, reading } from '../../fixtures/configuration.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { associateHostname, blockByCertificate } from '../remedies.ts'
import { enforced, guards, limits } from './coverage.ts'

const base = {
  severity: 'critical',
  kind: 'must',
  profile: 'default',
  needs: ['control-plane', 'enforce'],
  remediation: blockByCertificate,
  sends: 'GET of the zone’s custom rules and of its hostname associations. Nothing is written.',
} as const satisfies Partial<CheckMeta>

/** Hostnames to be enforced by rules, each with the rules about certificates that can hold for it; skips where there are none. */
async function guarded(run: CheckContext): Promise<{ hostname: string; rules: CustomRule[] }[]> {
  const rules = await reading(run, configurationOf(run).customRules())
  return enforced(run.deployment).map((hostname) => ({ hostname, rules: guards(rules, hostname) }))
}

const list = (names: readonly string[]): string => names.join(', ')

check(
  'config-audit.rule',
  {
    ...base,
    title: 'a rule blocks requests without a valid certificate on every enforced hostname',
    grounds: ['Cloudflare mTLS: the association asks, a rule blocks', 'catalogue CPA-04'],
    killedBy: ['config.rule-missing'],
    why: 'Associating a hostname only makes the edge ask. Without a rule everybody is let in, with or without.',
    expects: 'For each hostname in mode enforce a block rule that looks at cf.tls_client_auth.',
  },
  async (run) => {
    const found = await guarded(run)
    const open = found.filter(({ rules }) => rules.length === 0).map(({ hostname }) => hostname)
    run.expect(
      open.length === 0,
      `${found.length} hostnames have a rule`,
      `no rule about certificates: ${list(open)}`,
    )
  },
)

check(
  'config-audit.rule-enabled',
  {
    ...base,
    title: 'the rules about client certificates are switched on',
    grounds: ['Cloudflare mTLS troubleshooting', 'catalogue CPA-05'],
    killedBy: ['config.rule-disabled'],
    why: 'Switched off for a test and forgotten: the list looks complete, and nothing is blocked.',
    expects: 'Of the rules that cover a hostname at least one is enabled.',
  },
  async (run) => {
    const found = (await guarded(run)).filter(({ rules }) => rules.length > 0)
    const off = found.filter(({ rules }) => rules.every(({ enabled }) => !enabled))
    run.expect(
      off.length === 0,
      `the rules of ${found.length} hostnames are on`,
      `every rule is disabled: ${list(off.map(({ hostname }) => hostname))}`,
    )
  },
)

/** One thing every rule that is relied on has to say. */
const statements = [
  {
    id: 'rule-unlimited',
    title: 'the rules about client certificates hold for every request',
    severity: 'high',
    grounds: ['Cloudflare mTLS troubleshooting', 'catalogue CPA-05, PTH-01'],
    killedBy: ['config.rule-limited'],
    why: 'A path, a method, an address or a country in the rule is a way around it for whoever writes it differently.',
    expects: 'For each hostname an enabled rule that looks at nothing but the hostname and the certificate.',
    fits: (rule: CustomRule) => limits(rule).length === 0,
    otherwise: (rules: CustomRule[]) => `holds only for some requests (${list(rules.flatMap(limits))})`,
  },
  {
    id: 'rule-verifies',
    title: 'the rules ask whether the certificate was verified, not whether one was shown',
    severity: 'critical',
    grounds: ['Cloudflare: cf.tls_client_auth.cert_presented', 'catalogue CPA-02'],
    killedBy: ['config.rule-presence-only'],
    why: 'Anybody can show a certificate. cert_presented is true for all of them.',
    expects: 'For each hostname an enabled rule with cf.tls_client_auth.cert_verified.',
    fits: ({ expression }: CustomRule) => expression.includes('cf.tls_client_auth.cert_verified'),
    otherwise: () => 'does not look at cert_verified',
  },
  {
    id: 'rule-revoked',
    title: 'the rules turn revoked certificates away',
    severity: 'high',
    grounds: ['Cloudflare: cert_verified stays true for a revoked certificate', 'catalogue CPA-03, CRT-29'],
    killedBy: ['config.rule-forgets-revoked'],
    why: 'Revoking a certificate of the managed CA changes nothing until a rule looks at cert_revoked.',
    expects: 'For each hostname on the managed CA an enabled rule with cf.tls_client_auth.cert_revoked.',
    fits: ({ expression }: CustomRule) => expression.includes('cf.tls_client_auth.cert_revoked'),
    otherwise: () => 'does not look at cert_revoked',
    managedOnly: true,
  },
] as const

for (const { id, fits, otherwise, ...meta } of statements) {
  check(`config-audit.${id}`, { ...base, ...meta }, async (run) => {
    const managed = 'managedOnly' in meta ? await onManagedCa(run) : undefined
    const found = (await guarded(run))
      .filter(({ hostname }) => managed === undefined || managed.has(hostname))
      .map(({ hostname, rules }) => ({ hostname, rules: rules.filter(({ enabled }) => enabled) }))
      .filter(({ rules }) => rules.length > 0)
    if (found.length === 0) return run.skip('no enabled rule to read: see config-audit.rule')
    const wrong = found.filter(({ rules }) => !rules.some(fits))
    run.expect(
      wrong.length === 0,
      `${found.length} hostnames: ${meta.title}`,
      wrong.map(({ hostname, rules }) => `the rule of ${hostname} ${otherwise(rules)}`).join('; '),
    )
  })
}

async function onManagedCa(run: CheckContext): Promise<Set<string>> {
  const cas = await reading(run, configurationOf(run).clientCas())
  return new Set(
    cas.filter(({ certificate }) => certificate === undefined).flatMap(({ hostnames }) => hostnames),
  )
}

check(
  'config-audit.association',
  {
    ...base,
    severity: 'high',
    title: 'every hostname with client certificates is associated with a client CA',
    remediation: associateHostname,
    grounds: ['Cloudflare: PUT of hostname_associations replaces the list', 'catalogue CPA-04, ORI-15'],
    killedBy: ['config.association-missing'],
    why: 'The list is replaced as a whole by each PUT, per CA. A hostname that somebody else’s PUT left out is no longer asked for certificates: the rule then blocks everybody, or, in report mode, nothing is reported.',
    expects: 'Each hostname of the file with mode enforce or report is in the list of at least one CA.',
  },
  async (run) => {
    const cas = await reading(run, configurationOf(run).clientCas())
    const { target, siblings } = run.deployment
    const asked = new Set(cas.flatMap(({ hostnames }) => hostnames))
    const wanted = [target, ...siblings].filter(
      ({ mtls }) => mtls?.mode === 'enforce' || mtls?.mode === 'report',
    )
    const missing = wanted.map(({ hostname }) => hostname.toLowerCase()).filter((name) => !asked.has(name))
    run.expect(
      missing.length === 0,
      `${wanted.length} hostnames are associated`,
      `associated with no client CA: ${list(missing)}`,
    )
  },
)
