import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { noCertificateFields } from '../edge/certificate-fields.ts'
import { compileCondition, compileValue } from './compile.ts'
import { RuleError } from './error.ts'
import { ruleFieldTable } from './fields.ts'
import { ruleFunctions } from './functions.ts'
import { request } from './testing/request.ts'

const requests = [
  request(),
  request({ headers: [], target: '/', http: 2, tls: false, certificate: noCertificateFields }),
  request({ target: '*', remoteAddress: 'not an address', host: '' }),
]

/** Compiles, and evaluates what compiles. @returns whether it compiled. */
function survives(expression: string): boolean {
  let accepted = false
  for (const compile of [compileCondition, compileValue]) {
    try {
      const evaluate = compile(expression)
      accepted = true
      for (const fields of requests) evaluate(fields)
    } catch (error) {
      assert.ok(error instanceof RuleError, `${expression}: ${String(error)}`)
      assert.ok(error.column >= 1 && error.line >= 1)
    }
  }
  return accepted
}

test('any text: compiled, or refused with a position', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => {
      survives(text)
    }),
    { numRuns: 3000 },
  )
})

const words = fc.constantFrom(
  ...[...ruleFieldTable.keys(), ...ruleFunctions.keys()],
  ...['and', 'or', 'xor', 'not', '!', '&&', '||', '^^', '(', ')', '{', '}', '[', ']', '[*]', ',', '..'],
  ...[
    'eq',
    'ne',
    '<',
    '>=',
    'in',
    'contains',
    'wildcard',
    'strict wildcard',
    'matches',
    '~',
    'true',
    'false',
  ],
  ...[
    '"a"',
    'r#"a"#',
    '"',
    '5',
    '-1',
    '0x1F',
    '1.2.3.4',
    '1.2.3.0/24',
    '::1',
    '["accept"]',
    '[0]',
    '"(a*)*$"',
  ],
)

test('any words of the language: compiled, or refused with a position', () => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 14 }), (list) => {
      survives(list.join(' '))
    }),
    { numRuns: 5000 },
  )
})

/** Conditions that are right by construction, with the value they have for the first request. */
const { condition } = fc.letrec<{ condition: { text: string; value: boolean } }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      { text: 'ssl', value: true },
      { text: 'http.request.method eq "POST"', value: false },
      { text: 'cf.tls_client_auth.cert_verified', value: true },
      { text: 'any(http.request.headers["accept"][*] eq "x")', value: false },
      { text: 'ip.src in {203.0.113.0/24}', value: true },
    ),
    tie('condition').map(({ text, value }) => ({ text: `not (${text})`, value: !value })),
    fc
      .tuple(tie('condition'), fc.constantFrom('and', '||', 'xor'), tie('condition'))
      .map(([a, operator, b]) => ({
        text: `(${a.text}) ${operator} (${b.text})`,
        value:
          operator === 'and'
            ? a.value && b.value
            : operator === 'xor'
              ? a.value !== b.value
              : a.value || b.value,
      })),
  ),
}))

test('composed conditions have the value logic says', () => {
  const [first] = requests
  assert.ok(first)
  fc.assert(
    fc.property(condition, ({ text, value }) => {
      fc.pre(text.length <= 4096)
      assert.equal(compileCondition(text)(first), value, text)
    }),
    { numRuns: 1000 },
  )
})

test('the longest chain of operators compiles and evaluates', () => {
  assert.ok(survives(Array.from({ length: 500 }, () => 'ssl').join(' and ')))
  assert.ok(survives(Array.from({ length: 500 }, () => 'ssl').join(' or ')))
  assert.ok(!survives(`http.request.headers${'[0]'.repeat(1000)} eq "a"`))
})
