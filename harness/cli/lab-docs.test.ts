/**
 * The documents about the lab: their commands run as written, their tables name what there is.
 */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { labHostnames, teamDomain } from '../lab/hostnames.ts'
import { scenarioContext } from '../lab/scenarios/context.ts'
import { lasting } from '../lab/scenarios/lasting.ts'
import { scenarios } from '../lab/scenarios/scenarios.ts'
import { diffStates } from '../lab/state/diff.ts'
import { bin, finished, harness, interruptLab, type RunningLab, startLabUp } from './testing/lab-up.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const document = (name: string): Promise<string> => readFile(join(root, 'docs', name), 'utf8')

/** Content of the fenced blocks of a language, in their order. */
const blocks = (markdown: string, language: string): string[] =>
  [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , content = '']) => content)

let dir: string
let env: NodeJS.ProcessEnv
const labs: RunningLab[] = []
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harness-lab-docs-'))
  const tools = join(dir, 'tools')
  await mkdir(tools)
  await writeFile(join(tools, 'harness'), `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`, {
    mode: 0o755,
  })
  env = { ...process.env, PATH: [tools, dirname(process.execPath), process.env.PATH].join(delimiter) }
  // Where the script of api-shield.md finds the SDK.
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'))
  labs.push(await startLabUp(dir, []))
})
after(async () => {
  await Promise.all(labs.map(interruptLab))
  await rm(dir, { recursive: true, force: true })
})

test('api-shield.md: the script runs as it stands there, and takes back what it has set up', async () => {
  const [script = '', ...more] = blocks(await document('api-shield.md'), 'js')
  assert.equal(more.length, 0)
  await writeFile(join(dir, 'api-shield.mjs'), script)
  const { api } = await scenarioContext(join(dir, 'harness-lab', 'lab.json'))
  const before = await api.state()
  const args = ['api-shield.mjs', 'harness-lab/lab.json']
  const { code, out, err } = await finished(process.execPath, args, { cwd: dir, env })
  assert.equal(code, 0, out + err)
  const lines = out.trim().split('\n')
  assert.equal(lines.filter((line) => line.startsWith('ok ')).length, 11, out)
  assert.ok(!out.includes('WRONG'), out)
  assert.match(out, /issuer=.*Harness Lab Client CA A/)
  const changes = diffStates(before, await api.state(), { ignoreTimestamps: true })
  assert.deepEqual(
    changes.filter((change) => !lasting(change)).map(({ path }) => path),
    [],
  )
})

test('api-shield.md: in a lab where rules do not see revocation the script fails', async () => {
  const faulty = await startLabUp(dir, ['--out', 'forgetful', '--fault', 'edge.rule-ignores-revoked'])
  labs.push(faulty)
  const args = ['api-shield.mjs', 'forgetful/lab.json']
  const { code, out } = await finished(process.execPath, args, { cwd: dir, env })
  assert.notEqual(code, 0)
  assert.match(out, /^WRONG {2}the rule looks at it: the phone: 201$/m)
})

test('lab.md: every command runs as it stands there, one after another in one shell', async () => {
  const all = blocks(await document('lab.md'), 'sh')
  const starts = all.filter((block) => block.startsWith('harness lab up'))
  assert.deepEqual([starts.length, starts[0]], [2, 'harness lab up\n'])
  for (const block of starts.slice(1)) {
    const words = block.trim().split(' ')
    labs.push(await startLabUp(dir, words.slice(3)))
  }
  const commands = all.filter((block) => !starts.includes(block)).join('\n')
  // A command that fails, also inside a pipe or a substitution, ends it.
  const script = `set -euo pipefail\n${commands}\necho 'to the end'\n`
  const { code, out, err } = await finished('bash', ['-c', script], { cwd: dir, env })
  assert.equal(code, 0, `${out.slice(-2000)}\n${err}`)
  assert.match(out, /to the end\n$/)
  assert.match(out, /client_certificate_required[\s\S]*\n403\n/)
  assert.match(out, /"harness":"canary"/)
  assert.match(out, /differences\.\nthey differ\n/)
  assert.match(out, /\nThe same\.\n/)
  const outcomes = JSON.parse(await readFile(join(dir, 'scenarios.json'), 'utf8')) as { ok: boolean }[]
  assert.deepEqual(
    outcomes.map(({ ok }) => ok),
    scenarios.map(() => true),
  )
})

test('lab.md names every hostname, scenario, field of lab.json and option of lab up', async () => {
  const text = await document('lab.md')
  const told = JSON.parse(await readFile(join(dir, 'harness-lab', 'lab.json'), 'utf8')) as Record<
    string,
    Record<string, unknown> | string
  >
  const fields = Object.entries(told).flatMap(([name, value]) => [
    name,
    // Below these are names of the lab's own things.
    ...(typeof value === 'string' || ['hostnames', 'identities', 'origins'].includes(name)
      ? []
      : Object.keys(value)),
  ])
  assert.ok(fields.length > 20)
  for (const name of [
    ...fields,
    ...labHostnames.map(({ hostname }) => hostname),
    teamDomain,
    ...scenarios.map((scenario) => scenario.name),
  ])
    assert.ok(text.includes(`\`${name}\``), name)
  const { out } = await harness(dir, 'lab', 'up', '--help')
  for (const [option] of out.matchAll(/--(?!help)[a-z-]+(?= .*\S\n)/g))
    assert.ok(text.includes(option), option)
})
