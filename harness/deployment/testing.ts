/**
 * What tests of bad deployment files share.
 * @module
 */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { loadDeployment } from './load.ts'
import { DeploymentError, type Problem } from './problems.ts'

/** The environment of these tests; no value of it may be repeated. */
export const secretEnv = {
  SECRET: 's3cret passphrase',
  MODE: 'enforced-by-s3cret',
  NUMBERED: 's3cret:port',
  EMPTY: '',
  DIR: '/s3cret-dir',
}

/** A folder that is gone after the tests, with a folder, an empty file and a file without PEM in it. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'harness-deployment-'))
  mkdirSync(join(directory, 'folder'))
  writeFileSync(join(directory, 'empty.pem'), '')
  writeFileSync(join(directory, 'text.pem'), 'no PEM here\n')
  after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** The error of loading this text: a usage error with the file's name and without a value of {@link secretEnv}. */
export async function failure(
  directory: string,
  text: string | Buffer,
  name = 'harness.yaml',
): Promise<DeploymentError> {
  const file = join(directory, name)
  await writeFile(file, text)
  const error = await loadDeployment(file, { env: secretEnv }).then(
    () => assert.fail('it loaded'),
    (reason: unknown) => reason,
  )
  assert(error instanceof DeploymentError, String(error))
  assert.equal(error.exitCode, 2)
  assert.equal(error.location?.file, file)
  assert.doesNotMatch(`${error.message} ${error.hint} ${JSON.stringify(error.problems)}`, /s3cret/)
  return error
}

/** What is expected of one bad file. */
export interface Expected {
  /** Default ERR_DEPLOYMENT_INVALID. */
  code?: Problem['code']
  /** Further problems that the file has. */
  others?: number
  /** First line of the file. */
  first?: string
}

/** Asserts that `lines`, behind a hostname, have the problem `says` exactly where the mark `»` stands. */
export async function assertRefused(
  directory: string,
  lines: string,
  says: RegExp,
  { code = 'ERR_DEPLOYMENT_INVALID', others = 0, first = 'hostname: a.example\n' }: Expected = {},
): Promise<void> {
  const marked = `${first}${lines}\n`
  const before = marked.slice(0, marked.indexOf('»')).split('\n')
  const { problems } = await failure(directory, marked.replace('»', ''))
  const all = problems.map(({ line, column, message }) => `${line}:${column} ${message}`).join(' | ')
  const found = problems.find(({ message }) => says.test(message))
  assert(found !== undefined, `not said: ${all}`)
  const at = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
  assert.deepEqual({ line: found.line, column: found.column, code: found.code }, { ...at, code }, all)
  assert.equal(problems.length, others + 1, all)
}
