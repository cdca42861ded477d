/** Every server that is installed here: two ports, one process, and both kinds of answer. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createAuthority } from '../../harness/pki/authority.ts'
import { type Generator, startGenerator } from '../engine/generator.ts'
import { verdictOf } from '../engine/types.ts'
import { marker, targetNames } from './kinds.ts'
import { twoFreePorts } from './ports.ts'
import { programOf, startTwoPorts, titleOf } from './start.ts'

let dir = ''
let generator: Generator
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harness-targets-'))
  generator = await startGenerator()
})
after(async () => {
  await generator.stop()
  await rm(dir, { recursive: true, force: true })
})

for (const name of targetNames) {
  const program = programOf(name)
  const missing = program === undefined ? { skip: `${name} is not installed` } : {}
  test(
    `${name}: lets the good one in and the stranger not, and asks for nothing on the control port`,
    missing,
    async () => {
      const [authority, other] = await Promise.all([createAuthority(), createAuthority({ name: 'CN=other' })])
      const [server, good, stranger] = await Promise.all([
        authority.issue({ purpose: 'server' }),
        authority.issue(),
        other.issue(),
      ])
      const ports = await twoFreePorts()
      const running = await startTwoPorts(name, {
        dir: join(dir, name),
        ...ports,
        authority,
        server,
        depth: 10,
      })
      try {
        assert.match(await titleOf(name, program ?? ''), new RegExp(`^${name} \\d`))
        const look = async (
          port: number,
          version: 'TLSv1.2' | 'TLSv1.3',
          identity?: { cert: string; key: string },
        ) => {
          const own = identity === undefined ? {} : { identity: { cert: identity.cert, key: identity.key } }
          const lane = { id: 'x', host: '127.0.0.1', port, servername: 'localhost', version, marker, ...own }
          const { lanes } = await generator.block({ lanes: [lane], attempts: [3], concurrency: 1 })
          const seen = Object.keys(lanes[0]?.outcomes ?? {}) as Parameters<typeof verdictOf>[0][]
          return [...new Set(seen.map(verdictOf))]
        }
        for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
          assert.deepEqual(await look(ports.port, version, good), ['allowed'])
          assert.deepEqual(await look(ports.port, version, stranger), ['refused'])
          assert.deepEqual(await look(ports.port, version), ['refused'])
          assert.deepEqual(await look(ports.controlPort, version), ['allowed'])
        }
      } finally {
        await running.stop()
      }
    },
  )
}
