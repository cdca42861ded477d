/**
 * Request header transform rules: what they make of the headers to the origin. Rules run in order, every one sees the
 * request as it came, and a later one overwrites an earlier one.
 * @module
 */
import type { Faults } from '../faults.ts'
import type { RewriteParameters, Rule, ZoneState } from '../state/types.ts'
import { compileCondition, compileValue } from './compile.ts'
import { RuleError } from './error.ts'
import type { RuleFields } from './fields.ts'

type Headers = readonly (readonly [name: string, value: string])[]
type Operation = RewriteParameters['headers'][string]

const noFaults: Faults = new Set()

/** The headers after the zone's transform rules; the same array where nothing applies. Never throws. */
export function applyTransformRules(
  zone: ZoneState,
  fields: RuleFields,
  headers: Headers,
  faults: Faults = noFaults,
): Headers {
  const rules = zone.rulesets.http_request_late_transform?.rules
  if (rules === undefined) return headers
  const seen = seenBy(fields, faults)
  let result = headers
  for (const rule of rules)
    if (rule.enabled && rule.action === 'rewrite' && holds(rule, seen))
      result = changed(rule, seen, result, faults)
  return result
}

/** The values of fields do not change while the rules run. */
function seenBy(fields: RuleFields, faults: Faults): RuleFields {
  const { certificate } = fields
  if (!certificate.cert_presented || !faults.has('edge.transform-despite-invalid')) return fields
  return { ...fields, certificate: { ...certificate, cert_verified: true } }
}

/** A rule that cannot be read (a broken import) does nothing: there is no value it could set. */
function holds({ expression }: Rule, fields: RuleFields): boolean {
  return readable(() => compileCondition(expression)(fields)) === true
}

function readable<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RuleError) return undefined
    throw error
  }
}

function changed(rule: Rule, fields: RuleFields, headers: Headers, faults: Faults): Headers {
  let result = headers
  for (const [name, operation] of Object.entries((rule.actionParameters as RewriteParameters).headers)) {
    const value = newValue(operation, fields)
    // Setting to nothing removes (documented).
    if (operation.operation !== 'add') result = without(result, name, faults)
    if (value !== '') result = result.concat([[name, value]])
  }
  return result
}

function without(headers: Headers, name: string, faults: Faults): Headers {
  const bySpelling = faults.has('edge.transform-by-spelling')
  const firstOnly = faults.has('edge.transform-first-copy-only')
  const lower = name.toLowerCase()
  const same = ([other]: readonly [string, string]): boolean =>
    bySpelling ? other === name : other.toLowerCase() === lower
  const first = headers.findIndex(same)
  return headers.filter((header, at) => !same(header) || (firstOnly && at !== first))
}

function newValue({ operation, value, expression }: Operation, fields: RuleFields): string {
  if (operation === 'remove') return ''
  if (expression === undefined) return value ?? ''
  return headerText(readable(() => compileValue(expression)(fields)) ?? '')
}

/** Bytes outside of printable ASCII as `\u00c3`: documented for UTF-8; that controls are written so too is our choice. */
const headerText = (text: string): string =>
  text.replace(/[^\x20-\x7e]/gu, (char) =>
    [...Buffer.from(char, 'utf8')].map((byte) => `\\u00${byte.toString(16).padStart(2, '0')}`).join(''),
  )
