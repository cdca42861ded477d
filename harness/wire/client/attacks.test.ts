/**
 * Every attack on servers that nobody here wrote: refused, while the honest twin is answered. And what arrives is what
 * was meant to be sent.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { certificates } from '../testing.ts'
import { readTranscript } from '../transcript.ts'
import { attackIds, runAttack } from './attacks.ts'
import { runScript } from './run.ts'
import { installed, type RealServer, serverNames, startServer } from './testing-servers.ts'
import type { Script, ScriptResult } from './types.ts'

const { client, clientRsa, clientEd25519 } = certificates()
const request = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
const answered = (result: ScriptResult): boolean =>
  /^HTTP\/1\.[01] 200 /i.test(result.response.toString('latin1'))

for (const name of serverNames) {
  describe(name, { skip: installed(name) ? false : 'not installed' }, () => {
    let server: RealServer | undefined
    before(async () => {
      server = await startServer(name)
    })
    after(async () => server?.stop())
    const script = (extra: Partial<Script>): Script => ({
      host: '127.0.0.1',
      port: server?.port ?? 0,
      serverName: 'localhost',
      version: 'TLSv1.3',
      request,
      deadline: 3000,
      ...extra,
    })

    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const id of attackIds) {
        test(`${version} ${id}: not answered, and the honest twin is`, async () => {
          for (const identity of [client, clientRsa]) {
            const result = await runAttack(script({ version, identity }), id)
            assert.ok(!answered(result), `${result.response}`)
            assert.ok(['alert', 'closed'].includes(result.end), `${result.end} ${result.reason}`)
            assert.equal(result.asked, true)
          }
          assert.ok(answered(await runScript(script({ version, identity: client }))))
        })
      }

      test(`${version}: cut up in every legal way, honest handshakes are answered`, async () => {
        for (const delivery of [
          { recordBytes: 1 },
          { recordBytes: 16 },
          { recordBytes: 100, all: true },
          { segmentBytes: 64, delay: 1 },
        ]) {
          const result = await runScript(script({ version, identity: client, delivery }))
          assert.ok(answered(result), `${JSON.stringify(delivery)} ${result.end} ${result.reason}`)
        }
      })

      test(`${version}: padding, reserved values and old record versions, honest handshakes are answered`, async () => {
        for (const hello of [{ padding: 8000 }, { grease: true }, { recordVersion: 0x0301 }]) {
          const result = await runScript(script({ version, identity: clientEd25519, hello }))
          assert.ok(answered(result), `${JSON.stringify(hello)} ${result.end} ${result.reason}`)
        }
      })
    }

    test('asked for another key share, it sends one, and is answered', async () => {
      for (const keyShares of [[], ['secp256r1'] as const]) {
        const hello = { keyShares: [...keyShares] }
        const result = await runScript(script({ identity: client, hello }))
        assert.ok(answered(result), `${result.end} ${result.reason}`)
        if (keyShares.length === 0) assert.equal(result.retried, true)
        assert.deepEqual(readTranscript(result).problems, [])
      }
    })
  })
}

test('attacks leave as they are described', async () => {
  const server = await startServer('node')
  const to = (version: Script['version']): Script => ({
    host: '127.0.0.1',
    port: server.port,
    version,
    identity: client,
    request,
  })
  try {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const sent = async (id: Parameters<typeof runAttack>[1]): Promise<string[]> => {
        const { messages } = readTranscript(await runAttack(to(version), id))
        const names = messages.filter(({ from }) => from === 'client').map(({ name }) => name)
        return names.filter((name) => /^(Certificate|CertificateVerify|Finished|ApplicationData)$/.test(name))
      }
      assert.deepEqual((await sent('verify-omitted')).slice(0, 2), ['Certificate', 'Finished'])
      assert.equal((await sent('certificate-omitted'))[0], 'Finished')
      assert.deepEqual((await sent('other-key')).slice(0, 3), [
        'Certificate',
        'CertificateVerify',
        'Finished',
      ])
      assert.deepEqual(await sent('data-before-finished'), ['Certificate', 'ApplicationData'])
      const [first, second] = [await runScript(to(version)), await runAttack(to(version), 'replayed')]
      assert.ok(first.proof !== undefined && second.proof !== undefined)
      const { clientVerify } = readTranscript(await runAttack(to(version), 'wrong-scheme'))
      assert.equal(clientVerify, 'rsa_pss_rsae_sha256')
    }
  } finally {
    await server.stop()
  }
})
