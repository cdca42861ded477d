/**
 * Which hostnames a rule or an application is about, read from its text. Pure.
 * @module
 */
import type { Application, CustomRule } from '../../fixtures/configuration.ts'
import type { Deployment, Target } from '../../harness/deployment/types.ts'

/** The deployment's hostnames. */
export const targetsOf = ({ target, siblings }: Deployment): Target[] => [target, ...siblings]

/** Hostnames that are to refuse whoever has no valid certificate. */
export const enforced = (deployment: Deployment): string[] =>
  targetsOf(deployment)
    .filter(({ mtls }) => mtls?.mode === 'enforce')
    .map(({ hostname }) => hostname.toLowerCase())

/** Whether a rule's expression can hold for a hostname: by name, by a pattern of names, or because it names none. */
export function covers({ expression }: Pick<CustomRule, 'expression'>, hostname: string): boolean {
  const text = expression.toLowerCase()
  if (!text.includes('http.host') || text.includes(`"${hostname}"`)) return true
  const patterns: [RegExp, (part: string) => boolean][] = [
    [/ends_with\(\s*(?:lower\()?http\.host\)?\s*,\s*"([^"]+)"/g, (part) => hostname.endsWith(part)],
    [/starts_with\(\s*(?:lower\()?http\.host\)?\s*,\s*"([^"]+)"/g, (part) => hostname.startsWith(part)],
    [/http\.host\)?\s+contains\s+"([^"]+)"/g, (part) => hostname.includes(part)],
    [/http\.host\)?\s+(?:strict )?wildcard\s+r?"([^"]+)"/g, (part) => glob(part).test(hostname)],
  ]
  return patterns.some(([pattern, fits]) => [...text.matchAll(pattern)].some(([, part = '']) => fits(part)))
}

const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  )

const certificateFields = /cf\.tls_client_auth\./

/** Block rules about client certificates that can hold for a hostname. */
export const guards = (rules: readonly CustomRule[], hostname: string): CustomRule[] =>
  rules.filter(
    (rule) => rule.action === 'block' && certificateFields.test(rule.expression) && covers(rule, hostname),
  )

/** Fields beside hostname and certificate that make a rule hold for some requests only. */
export function limits({ expression }: Pick<CustomRule, 'expression'>): string[] {
  const found = expression.match(/\b(?:http\.(?!host\b)|ip\.|cf\.(?!tls_client_auth))[a-z0-9_.]+/g) ?? []
  return [...new Set(found)]
}

/** Whether an application's patterns cover a hostname, at whatever path. */
export const protects = ({ domains }: Pick<Application, 'domains'>, hostname: string): boolean =>
  domains.some((domain) => glob((domain.split('/')[0] ?? '').toLowerCase()).test(hostname))

const lengths: Readonly<Record<string, number>> = { ms: 1 / 3_600_000, s: 1 / 3600, m: 1 / 60, h: 1, d: 24 }

/** A duration as the API writes it (`24h`, `1h30m`), in hours; undefined where it is none. */
export function hoursOf(duration: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(duration)) return undefined
  const parts = duration.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)
  return [...parts].reduce((sum, [, count, unit = '']) => sum + Number(count) * (lengths[unit] ?? 0), 0)
}

/** Applications on the deployment's hostnames. */
export const ownApplications = (all: readonly Application[], deployment: Deployment): Application[] =>
  all.filter((one) => targetsOf(deployment).some(({ hostname }) => protects(one, hostname.toLowerCase())))
