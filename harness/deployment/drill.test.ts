import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createAuthority } from '../pki/authority.ts'
import { loadDeployment } from './load.ts'
import { assertRefused, scratch } from './testing.ts'
import type { Deployment } from './types.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'harness-drill-'))
  const ca = await createAuthority()
  const { cert, key } = await ca.issue({ subject: 'CN=drill' })
  await writeFile(join(directory, 'drill.pem'), cert)
  await writeFile(join(directory, 'drill-key.pem'), key, { mode: 0o600 })
})
after(() => rm(directory, { recursive: true, force: true }))

async function load(text: string): Promise<Deployment> {
  const file = join(directory, 'harness.yaml')
  await writeFile(file, `hostname: a.example\nconnect: 127.0.0.1:8443\ncanary: /c\n${text}`)
  return loadDeployment(file, { env: {} })
}

const rest =
  'origin: "[::1]:8444", identity: { cert: drill.pem, key: drill-key.pem }, originCommand: ./switch'

test('a hostname for drills takes what it does not give from the deployment, but for who is let in', async () => {
  const mtls = 'mtls: { mode: enforce }\n'
  const { drill } = await load(`${mtls}drill: { hostname: b.example, ${rest} }\n`)
  const { identity, target, ...others } = drill ?? {}
  assert.deepEqual(others, {
    origin: { address: '::1', port: 8444 },
    originMode: 'off',
    originCommand: './switch',
    folder: directory,
  })
  assert.equal(identity?.subject, 'CN=drill')
  assert.deepEqual(target, {
    hostname: 'b.example',
    address: '127.0.0.1',
    port: 8443,
    canary: '/c',
    requests: [],
  })
  const moved = await load(`drill: { hostname: b.example, connect: "c:1", originMode: optional, ${rest} }\n`)
  assert.deepEqual([moved.drill?.target.address, moved.drill?.originMode], ['c', 'optional'])
  assert.equal((await load('')).drill, undefined)
})

test('a command keeps the shell’s own variables', async () => {
  const command = 'originCommand: "nginx-mode $HARNESS_ORIGIN_MODE $${HARNESS_ORIGIN_TRUST}"'
  const { drill } = await load(
    `drill: { hostname: b.example, ${rest.replace('originCommand: ./switch', () => command)} }\n`,
  )
  assert.equal(drill?.originCommand, 'nginx-mode $HARNESS_ORIGIN_MODE ${HARNESS_ORIGIN_TRUST}')
})

test('the deployment’s own hostname is not drilled', async () => {
  await assert.rejects(
    load(`drill: { hostname: A.example, ${rest} }\n`),
    /drill\.hostname: is the hostname of the deployment itself/,
  )
})

const bad = scratch()
const refused = (name: string, text: string, message: RegExp, expected = {}): void => {
  test(`refused: ${name}`, () => assertRefused(bad, text, message, expected))
}
refused(
  'a drill without its origin',
  '»drill: { hostname: b.example, identity: { cert: text.pem, key: text.pem } }',
  /^missing keys? `origin` and `originCommand` in drill$/,
  { others: 2 },
)
refused(
  'an origin that is to be left required',
  'drill: { hostname: b.example, originMode: »required, origin: "a:1", originCommand: x, identity: { cert: text.pem, key: text.pem } }',
  /^drill\.originMode: `required` is not one of off, optional/,
  { others: 2 },
)
