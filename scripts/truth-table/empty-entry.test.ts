/**
 * `client-cert.empty-entry` against servers that nobody here wrote: the honest scripted handshake comes through, and
 * every malformed one is refused. The fault that it finds exists in the lab alone.
 */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCheck } from '../../fixtures/run.ts'
import { serverKinds } from '../../fixtures/servers/index.ts'
import { createMaterial } from '../../fixtures/servers/material.ts'
import { freePort } from '../../fixtures/servers/ports.ts'
import { scratchFolder } from '../../fixtures/servers/scratch.ts'
import type { Material, Mode, ServerKind } from '../../fixtures/servers/types.ts'
import { observe } from '../../harness/verify/observe.ts'
import { mints, resolveSource } from '../../harness/verify/run-file.ts'
import type { CheckResult } from '../../reports/types.ts'
import { loadCatalogue } from '../../suites/index.ts'
import { writeDeployment } from './deployment.ts'

const inCi = (process.env.CI ?? '') !== ''
let scratch: Awaited<ReturnType<typeof scratchFolder>>
let material: Material

before(async () => {
  scratch = await scratchFolder()
  material = await createMaterial(join(scratch.dir, 'material'))
})
after(() => scratch.remove())

async function result(kind: ServerKind, mode: Mode): Promise<CheckResult> {
  const check = (await loadCatalogue()).find(({ id }) => id === 'client-cert.empty-entry')
  assert.ok(check !== undefined)
  const dir = join(scratch.dir, `${kind.name}-${mode}`)
  await mkdir(dir)
  const port = await freePort()
  const server = await kind.start({ mode, version: 'both', port, material, dir })
  try {
    const file = await writeDeployment(dir, { port, marker: server.marker, material })
    const deployment = await resolveSource({ file })
    const { facts, caNames } = await observe(deployment)
    return (await runCheck(check, { deployment, facts, mintFor: mints(caNames, deployment.target) })).result
  } finally {
    await server.stop()
  }
}

for (const kind of serverKinds) {
  test(`${kind.name}, required: refused in both versions`, { skip: !inCi && kind.available() }, async () => {
    const { verdict, observed, reason, evidence } = await result(kind, 'required')
    assert.equal(verdict, 'pass', `${observed}; ${reason}`)
    const scripted = evidence.filter(({ label }) => label.includes('scripted client'))
    for (const version of ['TLSv1.2', 'TLSv1.3']) {
      const [honest, ...malformed] = scripted.filter(({ label }) => label.includes(version))
      assert.match(honest?.outcome ?? '', /the application answered as declared/)
      assert.equal(malformed.length, 4)
      // Go's TLS, which is Caddy's, has other names for it in TLS 1.2.
      const alert = kind.name === 'caddy' ? /decode_error|unexpected_message|bad_certificate/ : /decode_error/
      for (const { outcome, label } of malformed) assert.match(outcome, alert, label)
    }
  })
}

test('where nobody is asked there is nothing to turn away', async () => {
  const node = serverKinds.find(({ name }) => name === 'node')
  assert.ok(node !== undefined)
  const { verdict, reason, reached } = await result(node, 'off')
  assert.deepEqual([verdict, reached], ['not-applicable', false], reason)
})
