import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Results } from '../../reports/types.ts'
import { primary } from '../lab/hostnames.ts'
import { startLab } from '../lab/lab.ts'
import { speakAsStarted } from './as-started.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

/** What a process that npm started by this command prints, whatever its exit code. */
async function printed(args: string[], npm: string | undefined, cwd?: string): Promise<string> {
  const { npm_command: _, ...rest } = process.env
  const env = npm === undefined ? rest : { ...rest, npm_command: npm }
  return promisify(execFile)(process.execPath, [main, ...args], { env, cwd, timeout: 120_000 }).then(
    ({ stdout, stderr }) => stdout + stderr,
    ({ stdout = '', stderr = '' }: { stdout?: string; stderr?: string }) => stdout + stderr,
  )
}

test('text is written as started, JSON and bytes as they are', () => {
  const seen: (string | Uint8Array)[] = []
  const stream = { write: (chunk: string | Uint8Array): boolean => seen.push(chunk) > 0 }
  speakAsStarted(stream, 'npx harness')
  for (const chunk of [
    'harness verify\n',
    '{"a":"harness verify"}',
    '[\n"harness verify"]',
    Buffer.from('harness verify'),
  ])
    stream.write(chunk)
  assert.deepEqual(seen.map(String), [
    'npx harness verify\n',
    '{"a":"harness verify"}',
    '[\n"harness verify"]',
    'harness verify',
  ])
})

/** A command that a shell without `harness` would not find. */
const bare = /(?<!npx )(?<![\w./-])harness (?:verify|explain|init|checks|certs) /

test('help and errors name the command as it was started', async () => {
  for (const args of [
    ['--help'],
    ['verify', '--help'],
    ['explain', 'client-cert.nonesuch'],
    ['certs', 'defects', '--help'],
  ]) {
    assert.doesNotMatch(await printed(args, 'exec'), bare, args.join(' '))
    assert.doesNotMatch(await printed(args, undefined), /npx/, args.join(' '))
  }
  assert.match(await printed(['--help'], 'exec'), /npx harness verify --lab/)
})

test('a run by npx: every report as started, results.json as ever', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'as-started-'))
  t.after(() => rm(folder, { recursive: true }))
  const fault = 'edge.accepts-expired-day'
  const only = ['--only', 'client-cert.expired-day', '--out', 'out']
  const said = await printed(['verify', '--lab', '--fault', fault, ...only], 'exec', folder)
  const read = (name: string): Promise<string> => readFile(join(folder, 'out', name), 'utf8')
  for (const text of [said, await read('report.html'), await read('junit.xml')]) {
    assert.match(text, /npx harness verify --lab --fault/)
    assert.match(text, /npx harness certs defects/)
    assert.doesNotMatch(text, bare)
  }
  const { checks } = JSON.parse(await read('results.json')) as Results
  assert.match(checks[0]?.reproduce[0] ?? '', /^harness certs defects /)
})

test('init: the file it writes says how to go on as it was started', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'as-started-'))
  const lab = await startLab({})
  t.after(() => Promise.all([lab.close(), rm(folder, { recursive: true })]))
  const at = `${lab.edge.host}:${lab.edge.port}`
  for (const npm of ['exec', undefined]) {
    const said = await printed(['init', primary.hostname, '--connect-to', at, '--force'], npm, folder)
    const file = await readFile(join(folder, 'harness.yaml'), 'utf8')
    for (const text of [said, file]) assert.equal(/npx harness verify -d/.test(text), npm === 'exec', text)
    assert.match(file, /harness verify -d/)
  }
})
