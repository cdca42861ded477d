import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noCertificateFields } from '../edge/certificate-fields.ts'
import { compileCondition, compileValue } from './compile.ts'
import { RuleError } from './error.ts'
import { request } from './testing/request.ts'

const cert = 'cf.tls_client_auth'
const truths: readonly (readonly [expression: string, value: boolean])[] = [
  ['true', true],
  ['false', false],
  ['not false', true],
  ['ssl', true],
  ['not ssl', false],
  ['!ssl', false],
  ['not not ssl', true],
  [`${cert}.cert_verified`, true],
  [`not ${cert}.cert_verified`, false],
  [`not ${cert}.cert_verified or ${cert}.cert_revoked`, false],
  [`${cert}.cert_issuer_ski eq "A5AC554235DBA6D963B9CDE0185CFAD6E3F55E8F"`, true],
  [`${cert}.cert_issuer_ski eq "a5ac554235dba6d963b9cde0185cfad6e3f55e8f"`, false],
  [`${cert}.cert_rfc9440 ne ""`, true],
  [`(http.host in {"api.example.test"} and not ${cert}.cert_verified)`, false],
  // Case: strings are compared with it, except by wildcard; operators are lower case.
  ['http.request.uri.path eq "/api/Temps"', true],
  ['http.request.uri.path eq "/api/temps"', false],
  ['lower(http.request.uri.path) eq "/api/temps"', true],
  ['upper(http.request.method) == "GET"', true],
  ['http.request.uri.path contains "Temp"', true],
  ['http.request.uri.path contains "temp"', false],
  ['http.request.uri.path wildcard "/API/*"', true],
  ['http.request.uri.path strict wildcard "/API/*"', false],
  ['http.request.uri.path strict wildcard "/api/*s"', true],
  ['http.request.uri.path strict wildcard "/api"', false],
  ['http.request.uri.path wildcard r"\\*"', false],
  ['http.request.full_uri wildcard "https://*.test/*"', true],
  ['http.request.full_uri wildcard "http://*"', false],
  ['http.request.uri.path matches "^/api/[A-Z]"', true],
  ['http.request.uri.path ~ r"^/api$"', false],
  ['http.user_agent matches "sensor\\/\\d"', true],
  ['starts_with(http.request.uri.path, "/api/")', true],
  ['ends_with(http.request.uri.path, "/")', false],
  ['len(http.host) eq 16', true],
  ['len(http.host) in {1..15 17}', false],
  ['len(http.host) in {1..15 16..20}', true],
  ['len(http.host) > 0x0f', true],
  ['len(http.host) >= 17', false],
  ['len(http.host) lt -1', false],
  ['http.request.uri eq "/api/Temps?unit=C"', true],
  ['http.request.uri.query eq "unit=C"', true],
  ['http.request.method in {"POST" "PUT"}', false],
  ['http.request.version eq "HTTP/1.1"', true],
  ['http.cookie eq "a=1; b=2"', true],
  ['http.host lt "b"', true],
  ['http.host ge "b"', false],
  ['ip.src eq 203.0.113.7', true],
  ['ip.src ne 203.0.113.7', false],
  ['ip.src in {203.0.113.0/24 2001:db8::/32}', true],
  ['ip.src in {203.0.113.1..203.0.113.6}', false],
  ['ip.src in {203.0.113.1..203.0.113.7 ::1}', true],
  // Precedence: not, and, xor, or.
  ['true or true and false', true],
  ['(true or true) and false', false],
  ['not true or true', true],
  ['not (true or true)', false],
  ['true xor true and false', true],
  ['(true xor true) and false', false],
  ['true or true xor true', true],
  ['(true or true) xor true', false],
  ['true ^^ false || false && false', true],
  ['not http.host eq "x"', true],
  // Arrays and maps.
  ['http.request.headers["accept"][1] eq "application/json"', true],
  ['http.request.headers["accept"][0] eq "application/json"', false],
  ['any(http.request.headers["accept"][*] == "application/json")', true],
  ['all(http.request.headers["accept"][*] == "application/json")', false],
  ['any(lower(http.request.headers.names[*])[*] == "user-agent")', true],
  ['any(not http.request.headers["accept"][*] contains "t")', false],
  ['any(http.request.headers["accept"][*] in {"text/html"})', true],
  ['all(len(http.request.headers["accept"][*])[*] in {9 16})', true],
  ['len(http.request.headers["accept"]) eq 2', true],
  // A missing value makes every comparison false.
  ['http.request.headers["x"][0] eq "a"', false],
  ['http.request.headers["x"][0] ne "a"', false],
  ['not http.request.headers["x"][0] eq "a"', true],
  ['any(http.request.headers["x"][*] ne "a")', false],
  ['len(http.request.headers["x"]) ge 0', false],
  ['starts_with(http.request.headers["x"][0], "")', false],
  ['http.request.headers["accept"][9] ne "a"', false],
  // Strings.
  ['http.request.method eq "\\x47ET"', true],
  ['http.request.method eq r#"GET"#', true],
  ['http.request.method eq r"\\x47ET"', false],
  ['http.request.method\n  eq\t"GET" and\r\n ssl', true],
]

for (const [expression, value] of truths) {
  test(`${expression} is ${value}`, () => {
    assert.equal(compileCondition(expression)(request()), value)
  })
}

const refused: readonly (readonly [expression: string, column: number, what: RegExp])[] = [
  ['', 1, /blank/],
  ['   ', 1, /blank/],
  ['http.hots eq "a"', 1, /unknown identifier/],
  ['ssl and cf.tls_client_auth.cert_verifed', 9, /unknown identifier/],
  ['not cf.client_cert_present', 5, /unknown identifier/],
  ['URI Path contains "/"', 5, /unknown operator "Path"/],
  ['toString(ssl)', 1, /unknown function; the lab has lower/],
  ['__proto__', 1, /unknown identifier/],
  ['constructor(ssl)', 1, /unknown function/],
  ['http.host', 1, /a string, not a boolean/],
  ['len(http.host)', 1, /an integer, not a boolean/],
  ['http.host EQ "a"', 11, /unknown operator "EQ"/],
  ['ssl AND ssl', 5, /unknown operator "AND"/],
  ['http.host like "a"', 11, /unknown operator "like"/],
  ['http.host = "a"', 11, /unrecognised input/],
  ['ssl eq true', 8, /followed by a literal value/],
  ['ssl eq "true"', 1, /a boolean takes no operator/],
  ['http.host eq api.example.test', 14, /followed by a literal value/],
  ["http.host eq 'a'", 14, /unrecognised input/],
  ['"a" eq "a"', 1, /left side/],
  ['http.host eq 5', 14, /expected a quoted string/],
  ['len(http.host) eq "5"', 19, /expected an integer/],
  ['len(http.host) eq 007', 19, /expected an integer/],
  ['len(http.host) eq 99999999999999999999', 19, /too large/],
  ['len(http.host) in {5..1}', 23, /ends before/],
  ['len(http.host) contains "5"', 1, /contains is not for an integer/],
  ['ip.src lt 1.2.3.4', 1, /lt is not for an IP address/],
  ['ip.src eq 1.2.3.0/24', 11, /in \{…\}/],
  ['ip.src eq "1.2.3.4"', 11, /without quotes/],
  ['ip.src in {1.2.3.256}', 12, /not an IP address/],
  ['ip.src in {1.2.3.0/33}', 12, /too long a prefix/],
  ['ip.src in {1.2.3.9..1.2.3.1}', 12, /ends before/],
  ['ip.src in {1.2.3.9..::1}', 12, /same family/],
  ['ip.src in $office', 11, /no lists/],
  ['http.host in {}', 14, /empty/],
  ['http.host in {"a", "b"}', 18, /literal value or }/],
  ['http.host in {"a"', 18, /literal value or }/],
  ['http.host in "a"', 14, /expected "{"/],
  ['(ssl', 5, /expected "\)"/],
  ['ssl)', 4, /no \( for this \)/],
  ['ssl and', 8, /ends too early/],
  ['and ssl', 1, /expected a field/],
  ['ssl ssl', 5, /unknown operator/],
  ['http.host eq "a', 14, /missing ending quote/],
  ['http.host eq r#"a"', 14, /missing ending quote/],
  ['http.host eq "\\d"', 15, /invalid escape/],
  ['http.host eq "a" @', 18, /unrecognised input/],
  ['http.host matches "(a"', 19, /no \) for this \(/],
  ['http.host matches "(?=a)"', 19, /not supported/],
  ['http.host wildcard "a**"', 20, /two \* in a row/],
  ['http.host strict "a"', 18, /expected "wildcard"/],
  ['http.host bitwise_and 1', 11, /bitwise_and/],
  ['lower(ssl) eq "a"', 7, /a string here, not a boolean/],
  ['lower(http.host', 16, /expected ","/],
  ['lower() eq "a"', 1, /takes 1 arguments/],
  ['starts_with(http.host)', 1, /takes 2 arguments/],
  ['starts_with("a", "a")', 13, /cannot be a literal/],
  ['http.request.uri.path ends_with "a"', 23, /unknown operator "ends_with"/],
  ['to_string(ssl) eq "true"', 1, /only be used in the value/],
  ['lower eq "a"', 1, /needs arguments/],
  ['http.request.headers["a"] eq "a"', 1, /an array of string/],
  ['http.request.headers[0] eq "a"', 1, /quoted string/],
  ['http.host[0] eq "a"', 1, /has no index/],
  ['http.request.headers["a"][*] eq "a"', 1, /inside of a function/],
  ['any(http.request.headers["a"][*])', 5, /any takes an array of bool/],
  ['any(ssl)', 5, /any takes an array of bool/],
  ['http.request.headers["a"][*][*] eq "a"', 1, /once/],
  ['any(http.request.headers["a"][*] eq "a" and ssl)', 5, /does not have and for arrays/],
  ['starts_with(http.host, http.request.headers["a"][*])', 24, /first argument/],
  ['http.host and ssl', 1, /and takes booleans/],
  ['not http.host', 5, /not takes a boolean/],
]

for (const [expression, column, what] of refused) {
  test(`refused: ${JSON.stringify(expression)}`, () => {
    assert.throws(
      () => compileCondition(expression),
      (error: unknown) => {
        assert.ok(error instanceof RuleError, String(error))
        assert.match(error.what, what)
        assert.equal(error.column, column, error.message)
        assert.match(error.message, new RegExp(`^Filter parsing error \\(1:${column}\\):\n`))
        return true
      },
    )
  })
}

test('an error on the second line says so, under the right character', () => {
  assert.throws(() => compileCondition('ssl and\n  http.hots eq "a"'), {
    message: 'Filter parsing error (2:3):\n  http.hots eq "a"\n  ^^^^^^^^^ unknown identifier',
    line: 2,
  })
})

test('4096 characters are allowed, 4097 are not', () => {
  const padded = (length: number): string => `ssl${' '.repeat(length - 3)}`
  assert.equal(compileCondition(padded(4096))(request()), true)
  assert.throws(() => compileCondition(padded(4097)), /more than 4096/)
})

test('nesting is bounded', () => {
  const nested = (depth: number): string => `${'('.repeat(depth)}ssl${')'.repeat(depth)}`
  assert.equal(compileCondition(nested(30))(request()), true)
  assert.throws(() => compileCondition(nested(200)), /nested more than/)
  assert.throws(() => compileCondition(`${'not '.repeat(500)}ssl`), /nested more than/)
})

test('the same text is compiled once', () => {
  assert.equal(compileCondition('ssl and ssl'), compileCondition('ssl and ssl'))
  assert.notEqual(compileCondition('ssl and ssl'), compileCondition('ssl and  ssl'))
})

test('without a certificate every string is empty and every boolean false', () => {
  const bare = request({ certificate: noCertificateFields })
  assert.equal(compileCondition(`${cert}.cert_presented or ${cert}.cert_serial ne ""`)(bare), false)
  assert.equal(compileCondition(`${cert}.cert_serial eq ""`)(bare), true)
})

const values: readonly (readonly [expression: string, value: string | undefined])[] = [
  [`${cert}.cert_rfc9440`, ':MIIB:'],
  [`to_string(${cert}.cert_verified)`, 'true'],
  ['to_string(len(http.host))', '16'],
  ['ip.src', '203.0.113.7'],
  ['"fixed"', 'fixed'],
  ['concat("a", http.request.method, "\\"")', 'aGET"'],
  ['http.request.headers["accept"][0]', 'text/html'],
  ['http.request.headers["x"][0]', undefined],
  ['concat("a", http.request.headers["x"][0])', undefined],
]
for (const [expression, value] of values) {
  test(`value of ${expression}`, () => {
    assert.equal(compileValue(expression)(request()), value)
  })
}

test('a value has to be a string', () => {
  assert.throws(() => compileValue('ssl'), /to_string/)
  assert.throws(() => compileValue('len(http.host)'), /to_string/)
  assert.throws(() => compileValue('http.request.headers["a"]'), /an array of string/)
})
