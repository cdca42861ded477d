import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { serverKinds } from '../../fixtures/servers/index.ts'
import { certificateMaker, createMaterial, type Pair } from '../../fixtures/servers/material.ts'
import { freePort } from '../../fixtures/servers/ports.ts'
import { scratchFolder } from '../../fixtures/servers/scratch.ts'
import type { Material, RunningServer } from '../../fixtures/servers/types.ts'
import {
  admitted,
  type Cell,
  cells,
  type Stranger,
  speaks,
  statementOf,
  strangers,
  truths,
} from './expected.ts'
import { visit } from './visit.ts'

const inCi = (process.env.CI ?? '') !== ''
const versions = ['TLSv1.2', 'TLSv1.3'] as const

let scratch: Awaited<ReturnType<typeof scratchFolder>>
let material: Material
let identities: Record<Stranger, Pair | undefined>

before(async () => {
  scratch = await scratchFolder()
  material = await createMaterial(join(scratch.dir, 'material'))
  const make = await certificateMaker(join(scratch.dir, 'strangers'))
  const otherCa = await make.selfSigned('other-ca', '/CN=Other CA', 'ca')
  identities = {
    nobody: undefined,
    'self-signed': await make.selfSigned('self-signed', '/O=mtls.test/CN=sensor-001', 'client'),
    'unknown-ca': await make.issue('unknown-ca', '/O=mtls.test/CN=sensor-001', 'client', otherCa),
  }
})

after(() => scratch.remove())

describe('the expectations are complete', () => {
  it('each mode of each server has exactly one truth per version set it runs with', () => {
    for (const kind of serverKinds) {
      const own = cells.filter(({ truth }) => truth.server === kind.name)
      assert.deepEqual(new Set(own.map(({ truth }) => truth.mode)), new Set(kind.modes), kind.name)
      const names = own.map(({ truth, version }) => `${truth.mode} ${version}`)
      assert.equal(new Set(names).size, names.length, `${kind.name}: a cell twice`)
    }
  })

  it('off, optional and required are there for every server in 1.2, 1.3 and both', () => {
    for (const { name } of serverKinds) {
      for (const mode of ['off', 'optional', 'required']) {
        const found = cells.filter(({ truth }) => truth.server === name && truth.mode === mode)
        assert.equal(found.length, 3, `${name} ${mode}`)
      }
    }
  })

  it('who lets a stranger in is never expected to exit with 0, with a file or without', () => {
    for (const { admits, exit, because } of truths) {
      const isOpen = Object.values(admits).flat().length > 0
      assert.equal(isOpen && (exit.file !== 1 || exit.blackBox !== 1), false, because)
      assert.ok(because.length > 0)
    }
  })

  it('an open version makes the whole cell not enforced', () => {
    const cell = cells.find(({ truth }) => truth.mode === 'open-in-1.2')
    assert.ok(cell)
    assert.equal(statementOf(cell).enforced, false)
    assert.equal(statementOf({ ...cell, version: 'TLSv1.3' }).enforced, true)
    assert.equal(statementOf({ ...cell, version: 'TLSv1.3' })['TLSv1.2'], 'unsupported')
  })
})

for (const kind of serverKinds) {
  const why = kind.available()
  describe(`${kind.name} does what is expected of it (openssl s_client)`, { skip: !inCi && why }, () => {
    for (const cell of cells.filter(({ truth }) => truth.server === kind.name)) {
      it(`${cell.truth.mode}, ${cell.version}`, () => confirm(cell))
    }
  })

  async function confirm({ truth, version }: Cell): Promise<void> {
    const dir = join(scratch.dir, `${kind.name}-${truth.mode}-${version}`)
    await mkdir(dir)
    const server = await kind.start({ mode: truth.mode, version, port: await freePort(), material, dir })
    try {
      for (const one of versions) {
        if (speaks(version, one)) await confirmVersion(truth, one, server)
        else assert.equal(await reached(server, one, validIdentity()), false, `${one} is spoken`)
      }
    } finally {
      await server.stop()
    }
  }
}

const validIdentity = (): Pair => ({ cert: material.clientCert, key: material.clientKey })

const reached = async (
  server: RunningServer,
  version: 'TLSv1.2' | 'TLSv1.3',
  identity?: Pair,
): Promise<boolean> => {
  const who = identity === undefined ? {} : { identity }
  const said = await visit({ port: server.port, version, trust: material.serverCa, ...who })
  return said.includes(server.marker)
}

async function confirmVersion(
  truth: Cell['truth'],
  version: 'TLSv1.2' | 'TLSv1.3',
  server: RunningServer,
): Promise<void> {
  assert.ok(
    await reached(server, version, validIdentity()),
    `${version}: a valid certificate is refused\n${server.log()}`,
  )
  const seen: Stranger[] = []
  for (const who of strangers) if (await reached(server, version, identities[who])) seen.push(who)
  assert.deepEqual(seen, [...admitted(truth, version)], `${version}: who gets in (${truth.because})`)
}
