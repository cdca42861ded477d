/**
 * Remediation with what is configured now: the zone's id, the ruleset, the rules about the hostname, and what a PUT would
 * replace. Read once per run and only where something was found; nothing is ever written.
 * @module
 */
import { type ClientCa, type CustomRule, configurationAt } from '../../fixtures/configuration.ts'
import type { CheckResult } from '../../reports/types.ts'
import type { Deployment } from '../deployment/types.ts'

/** What remediation refers to. A part that could not be read is undefined. */
export interface CurrentObjects {
  zone: string
  account: string
  hostname: string
  ruleset: string | undefined
  rules: readonly CustomRule[] | undefined
  cas: readonly ClientCa[] | undefined
}

const needRemedy = new Set<CheckResult['verdict']>(['fail', 'warn'])
/** Remediation that speaks of the edge's API. */
const speaksOfEdge = /<(?:zone|account|ruleset|rule)>|\{zone\}/

/** The results; where something was found and a control plane is given, their remediation names its objects. */
export async function withCurrentObjects(
  checks: readonly CheckResult[],
  deployment: Deployment,
): Promise<CheckResult[]> {
  const isMeant = ({ verdict, remediation }: CheckResult): boolean =>
    needRemedy.has(verdict) && speaksOfEdge.test(remediation)
  const objects = checks.some(isMeant) ? await readObjects(deployment) : undefined
  if (objects === undefined) return [...checks]
  return checks.map((check) =>
    isMeant(check) ? { ...check, remediation: fillIn(check.remediation, objects) } : check,
  )
}

async function readObjects(deployment: Deployment): Promise<CurrentObjects | undefined> {
  const configuration = configurationAt(deployment)
  const { controlPlane, target } = deployment
  if (configuration === undefined || controlPlane === undefined) return undefined
  // A token that may not read one part is still good for the others.
  const part = <T>(read: Promise<T>): Promise<T | undefined> => read.catch(() => undefined)
  const [ruleset, rules, cas] = await Promise.all([
    part(configuration.customRuleset()),
    part(configuration.customRules()),
    part(configuration.clientCas()),
  ])
  const { zone, account } = controlPlane
  return { zone, account, hostname: target.hostname, ruleset, rules, cas }
}

/** Fills placeholders and adds what is configured now. Pure. */
export function fillIn(remediation: string, objects: CurrentObjects): string {
  const { zone, account, hostname, ruleset, rules = [] } = objects
  const own = rules.filter(({ expression }) => expression.toLowerCase().includes(hostname))
  const [only, ...more] = own
  const values: Record<string, string | undefined> = {
    '<zone>': zone,
    '{zone}': zone,
    '<account>': account,
    '<HOST>': hostname,
    HOST: hostname,
    '<ruleset>': ruleset,
    // Which one is meant can be told only where there is one.
    '<rule>': more.length === 0 ? only?.id : undefined,
  }
  const filled = remediation.replace(
    /<(?:zone|account|HOST|ruleset|rule)>|\{zone\}|\bHOST\b/g,
    (word) => values[word] ?? word,
  )
  const notes = [
    /\/rulesets\//.test(filled) ? rulesNote(own, objects) : '',
    /hostname_associations/.test(filled) ? associationsNote(objects) : '',
  ].filter((note) => note !== '')
  return [filled, ...notes].join('\n\n')
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

function rulesNote(own: readonly CustomRule[], { zone, ruleset, rules, hostname }: CurrentObjects): string {
  if (rules === undefined) return ''
  if (ruleset === undefined) return `Now: zone ${zone} has no custom rules at all.`
  const lines = own.map(
    ({ id, action, enabled, expression }) =>
      `  ${id}  ${action}${enabled ? '' : ' (switched off)'}  ${oneLine(expression)}`,
  )
  const what =
    lines.length === 0
      ? `none of its ${rules.length} rules names ${hostname}`
      : 'its rules about the hostname are'
  return [
    `Now, in ruleset ${ruleset} of zone ${zone}: ${what}${lines.length === 0 ? '.' : ''}`,
    ...lines,
    `PATCH on a rule changes that rule only; a PUT on the ruleset would replace all ${rules.length} of them.`,
  ].join('\n')
}

function associationsNote({ cas }: CurrentObjects): string {
  if (cas === undefined) return ''
  const lines = cas.map(({ id, name, hostnames }) => `  ${name} (${id}): ${hostnames.join(', ') || 'none'}`)
  return [
    'Now, hostnames by CA. PUT replaces the whole list of its CA: send every hostname that is to stay, or it asks nobody any more.',
    ...lines,
  ].join('\n')
}
