import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadDeployment } from './load.ts'
import { assertRefused, type Expected, failure, scratch } from './testing.ts'

const directory = scratch()

function refused(what: string, lines: string, says: RegExp, expected?: Expected): void {
  test(`refused: ${what}`, () => assertRefused(directory, lines, says, expected))
}

const file = { code: 'ERR_DEPLOYMENT_FILE' } as const
refused(
  'file that does not exist',
  'trust: »./no/such.pem',
  /^trust: `\.\/no\/such\.pem` does not exist$/,
  file,
)
refused('folder', 'trust: »folder', /^trust: `folder` is a folder, not a file$/, file)
refused('device', 'trust: »/dev/zero', /is not an ordinary file$/, file)
refused('empty file', 'trust: »empty.pem', /^trust: `empty\.pem` is empty$/, file)
refused('not PEM', 'trust: »text.pem', /^trust: the certificate is not PEM$/, file)
refused('not a CRL', 'mtls: { mode: off, crl: »text.pem }', /^mtls\.crl: the CRL cannot be read/, file)
refused(
  'refusal page',
  'mtls: { mode: off, refusal: { body: »no.json } }',
  /^mtls\.refusal\.body: `no\.json` does not exist$/,
  file,
)
refused(
  'certificate in the file',
  'trust: »|\n  -----BEGIN CERTIFICATE-----',
  /^trust: is not the path of a file$/,
)

const secret = { code: 'ERR_DEPLOYMENT_SECRET' } as const
const andCert = { ...secret, others: 1 }
refused(
  'unset variable',
  'connect: »${NOT_SET}:443',
  /^connect: environment variable NOT_SET is not set$/,
  secret,
)
refused(
  'unset variable in a flow sequence',
  'siblings: [»${NOT_SET}]',
  /^siblings\[0\]: environment variable NOT_SET is not set$/,
  secret,
)
refused(
  'name of an inherited property',
  'canary: »${constructor}',
  /environment variable constructor is not set$/,
  secret,
)
refused('empty variable', 'canary: »${EMPTY}', /environment variable EMPTY is set but empty$/, secret)
refused(
  'malformed reference',
  'canary: »"/${A-B}"',
  /`\$\{A-B\}` is not a reference to an environment variable$/,
  secret,
)
refused(
  'unfinished reference',
  'canary: »"/${SECRET"',
  /is not a reference to an environment variable$/,
  secret,
)
refused(
  'literal passphrase',
  'mtls: { mode: off, ca: { key: no.pem, passphrase: »s3cret } }',
  /^mtls\.ca\.passphrase: a secret is written in the file$/,
  { ...secret, others: 2 },
)
refused(
  'passphrase that is a number',
  'mtls: { mode: off, ca: { key: no.pem, passphrase: »1234 } }',
  /a secret is written in the file$/,
  { ...secret, others: 2 },
)
refused(
  'reference inside a passphrase',
  'mtls: { mode: off, ca: { key: no.pem, passphrase: »"s3cret${SECRET}" } }',
  /a secret is written in the file$/,
  { ...secret, others: 2 },
)
refused(
  'key in the file',
  'mtls:\n  mode: off\n  ca:\n    cert: text.pem\n    key: »|\n      -----BEGIN PRIVATE KEY-----\n      s3cret',
  /^mtls\.ca\.key: a secret is written in the file where the path of a file is expected$/,
  andCert,
)

refused(
  'mode from the environment',
  'mtls:\n  mode: »${MODE}',
  /^mtls\.mode: the value from the environment is not one of enforce, report, off$/,
)
refused(
  'address from the environment',
  'connect: »${NUMBERED}',
  /^connect: the value from the environment is not ADDRESS:PORT$/,
)
refused(
  'path from the environment',
  'canary: »${MODE}',
  /^canary: the value from the environment is not a path that starts with \/$/,
)
refused(
  'missing file from the environment',
  'trust: »${DIR}/x.pem',
  /^trust: the file that the environment names does not exist$/,
  file,
)

test('a file that does not exist says where it was looked for', async () => {
  const { problems, hint } = await failure(directory, 'hostname: a.example\ntrust: ../other/ca.pem\n')
  assert.equal(problems.length, 1)
  const looked = join(directory, '..', 'other', 'ca.pem')
  assert.equal(hint, `it is ${looked}: paths are relative to the deployment file`)
})

test('deployment files that are no text, too large or not there', async () => {
  const utf16 = await failure(directory, Buffer.from([0xff, 0xfe, 0x68, 0x00]))
  assert.deepEqual(
    [utf16.code, utf16.message],
    ['ERR_DEPLOYMENT_FILE', 'the deployment file is not UTF-8 text'],
  )
  const latin1 = await failure(directory, Buffer.from('hostname: b\xfccher.example\n', 'latin1'))
  assert.equal(latin1.message, 'the deployment file is not UTF-8 text')
  const large = await failure(directory, `#${'x'.repeat(1 << 20)}\n`)
  assert.match(large.message, /^the deployment file is too large/)
  const missing = join(directory, 'nowhere.yaml')
  const error = { code: 'ERR_DEPLOYMENT_FILE', message: `the deployment file does not exist: ${missing}` }
  await assert.rejects(loadDeployment(missing), { ...error, location: { file: missing } })
  await assert.rejects(loadDeployment(directory), { code: 'ERR_DEPLOYMENT_FILE', message: /is a folder/ })
})

test('all problems of a file come in one message, by line', async () => {
  const text = [
    'hostname: https://a.example/',
    'trust: ./missing.pem',
    'wibble: 1',
    'mtls:',
    '  mode: enforced',
    '  ca: { cert: ./text.pem, key: ./text.pem, passphrase: ${NOT_SET} }',
    'deadline: never',
  ].join('\n')
  const error = await failure(directory, text)
  const at = error.problems.map(({ line, column }) => `${line}:${column}`)
  assert.deepEqual(at, ['1:11', '2:8', '3:1', '5:9', '6:15', '6:56', '7:11'])
  assert.deepEqual({ ...error.location, file: '' }, { file: '', line: 1, column: 11 })
  assert.equal(error.code, 'ERR_DEPLOYMENT_INVALID')
  assert.match(error.message, /^7 problems\n {2}1:11 {2}hostname: .*\n {2}2:8 {2}trust: /)
  assert.match(
    error.message,
    /\n {2}6:56 {2}mtls\.ca\.passphrase: environment variable NOT_SET is not set \(set NOT_SET/,
  )
})
