import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { root } from '../bin/node.mjs'
import { k6Version } from '../load/k6/find.ts'
import { installK6, presentK6, version } from './k6.mjs'

const { PATH, HARNESS_K6 } = process.env
let folder = ''
let said: string[] = []
const say = (line: string): void => {
  said.push(line)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'k6-setup-'))
  said = []
  mkdirSync(join(folder, 'bin'))
  mkdirSync(join(folder, 'load', 'k6', 'engine'), { recursive: true })
  process.env.PATH = join(folder, 'bin')
  delete process.env.HARNESS_K6
})
afterEach(() => {
  process.env.PATH = PATH
  if (HARNESS_K6 !== undefined) process.env.HARNESS_K6 = HARNESS_K6
  rmSync(folder, { recursive: true })
})

function program(name: string, body: string): string {
  const path = join(folder, 'bin', name)
  writeFileSync(path, `#!/bin/sh\n${body}\n`)
  chmodSync(path, 0o755)
  return path
}

test('one version is pinned, in all three places', () => {
  const module = readFileSync(join(root, 'load', 'k6', 'engine', 'go.mod'), 'utf8')
  assert.match(module, new RegExp(`^require go\\.k6\\.io/k6/v2 v${version}\\b`, 'm'))
  assert.equal(k6Version, version)
  assert.ok(existsSync(join(root, 'load', 'k6', 'engine', 'go.sum')))
})

test('a k6 of the version is taken, another one is not', () => {
  const path = program('k6', 'echo "k6 v1.7.0 (go1.25)"')
  assert.equal(presentK6(folder), undefined)
  program('k6', 'echo "k6 v2.2.9 (go1.26)"')
  assert.equal(presentK6(folder), path)
  assert.equal(installK6(folder, say), path)
  assert.deepEqual(said, [])
})

test('else it is built with Go from the pinned module, and put in place whole', () => {
  // Arguments: build -trimpath -ldflags '-s -w' -o FILE PACKAGE.
  program(
    'go',
    `[ "$1" = version ] && echo "go version go1.26.1 linux/amd64" && exit
[ "$7" = go.k6.io/k6/v2 ] && [ "$PWD" = "${join(folder, 'load', 'k6', 'engine')}" ] || exit 3
printf '#!/bin/sh\\necho k6 v2.2.0\\n' > "$6"; /bin/chmod 755 "$6"`,
  )
  const built = installK6(folder, say)
  assert.equal(built, join(folder, '.tools', 'k6', 'k6'))
  assert.equal(presentK6(folder), built)
  assert.match(said.join(), /building k6 2\.2\.0/)
  assert.deepEqual(readdirSync(join(folder, '.tools', 'k6')), ['k6'])
})

test('a build that fails says why and what to do instead, and leaves nothing', () => {
  program(
    'go',
    'if [ "$1" = version ]; then echo "go version go1.26.1 linux/amd64"; exit; fi\necho "no network" >&2; exit 1',
  )
  assert.equal(installK6(folder, say), undefined)
  assert.match(said.join('\n'), /not built: no network\n {2}instead: install k6 2\.2.*HARNESS_K6/)
  assert.deepEqual(readdirSync(join(folder, '.tools', 'k6')), [])
})
