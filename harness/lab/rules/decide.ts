/**
 * The decision of the WAF custom rules: the first enabled block rule that matches. Without one nothing is blocked, whatever
 * the certificate.
 * @module
 */
import type { FaultId, Faults } from '../faults.ts'
import type { BlockParameters, Rule, ZoneState } from '../state/types.ts'
import { compileCondition } from './compile.ts'
import { RuleError } from './error.ts'
import type { RuleFields } from './fields.ts'

/** A request is blocked. */
export interface BlockDecision {
  rule: Rule
  /** Undefined: the edge's own page. */
  response: { status: number; contentType: string; body: Buffer } | undefined
}

const noFaults: Faults = new Set()

/** Decides; undefined: nothing blocks. Never throws. */
export function decideCustomRules(
  zone: ZoneState,
  fields: RuleFields,
  faults: Faults = noFaults,
): BlockDecision | undefined {
  const rules = zone.rulesets.http_request_firewall_custom?.rules
  if (rules === undefined) return undefined
  if (lapses.some(({ fault, test }) => faults.has(fault) && test(fields))) return undefined
  const seen = seenBy(fields, faults)
  for (const rule of rules) {
    if (!rule.enabled) {
      if (faults.has('edge.rule-stops-at-disabled')) return undefined
      continue
    }
    if (rule.action === 'block' && holds(rule, seen, faults)) return { rule, response: responseOf(rule) }
  }
  return undefined
}

/** A rule that cannot be read (a broken import) matches: it must not open what somebody meant to close. */
function holds({ expression }: Rule, fields: RuleFields, faults: Faults): boolean {
  try {
    return compileCondition(expression, { ignoreIssuer: faults.has('edge.rule-no-issuer-pin') })(fields)
  } catch (error) {
    if (error instanceof RuleError) return true
    throw error
  }
}

/** The fields as the rules of a faulty deployment see them. */
function seenBy(fields: RuleFields, faults: Faults): RuleFields {
  if (!faults.has('edge.rule-ignores-revoked') && !faults.has('edge.rule-raw-path')) return fields
  return {
    ...fields,
    ...(faults.has('edge.rule-raw-path') ? { path: fields.rawPath } : {}),
    ...(faults.has('edge.rule-ignores-revoked')
      ? { certificate: { ...fields.certificate, cert_revoked: false } }
      : {}),
  }
}

/** Requests that a rule written too narrowly does not match. */
const lapses: readonly { fault: FaultId; test(fields: RuleFields): boolean }[] = [
  { fault: 'edge.rule-misses-trailing-slash', test: ({ rawPath }) => /.\/$/.test(rawPath) },
  { fault: 'edge.rule-misses-double-slash', test: ({ rawPath }) => rawPath.includes('//') },
  {
    fault: 'edge.rule-misses-upper-case-path',
    test: ({ path }) => /[A-Z]/.test(path.replace(/%[0-9A-F]{2}/g, '')),
  },
  {
    fault: 'edge.rule-misses-encoded-path',
    // Unreserved characters, which nobody has to encode.
    test: ({ rawPath }) => /%(?:2[DE]|3\d|[46][1-9A-F]|[57][0-9A]|5F|7E)/i.test(rawPath),
  },
  { fault: 'edge.rule-misses-dot-segment', test: ({ rawPath }) => /\/\.\.?(?:\/|$)/.test(rawPath) },
  {
    fault: 'edge.rule-misses-writing-methods',
    test: ({ method }) => ['PUT', 'PATCH', 'DELETE'].includes(method),
  },
  {
    fault: 'edge.rule-misses-writes-at-path',
    test: ({ method, path }) => ['POST', 'DELETE'].includes(method) && /^\/temps(?:\/|$)/.test(path),
  },
]

/** Rules are never changed in place, so their answers are made once. */
const responses = new WeakMap<Rule, BlockDecision['response']>()

function responseOf(rule: Rule): BlockDecision['response'] {
  const known = responses.get(rule)
  if (known !== undefined) return known
  const parameters = rule.actionParameters as BlockParameters | undefined
  if (parameters === undefined) return undefined
  const { status_code: status, content_type: contentType, content } = parameters.response
  const response = { status, contentType, body: Buffer.from(content) }
  responses.set(rule, response)
  return response
}
