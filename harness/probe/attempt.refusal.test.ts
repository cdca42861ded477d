import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createSecureContext, TLSSocket } from 'node:tls'
import { to, told, withHonest } from '../../fixtures/hostile/attempts.ts'
import { material } from '../../fixtures/hostile/material.ts'
import { type Authority, createAuthority } from '../pki/authority.ts'
import type { Identity } from '../pki/types.ts'
import type { Outcome } from './types.ts'

const versions = ['TLSv1.2', 'TLSv1.3'] as const

let clients: Authority
let valid: Identity
let stranger: Identity
before(async () => {
  clients = await createAuthority({ name: 'CN=Client CA' })
  valid = await clients.issue({ name: 'valid' })
  stranger = await (await createAuthority({ name: 'CN=Other CA' })).issue({ name: 'stranger' })
})

/** `openssl s_server` that answers HTTP, with what it prints. */
async function opensslServer(
  directory: string,
  args: string[],
): Promise<{ port: number; child: ChildProcess }> {
  const base = ['s_server', '-accept', '127.0.0.1:0', '-www', '-cert', 'cert.pem', '-key', 'key.pem']
  const child = spawn('openssl', [...base, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'ignore'] })
  const port = await new Promise<number>((resolve, reject) => {
    let text = ''
    child
      .once('error', reject)
      .once('exit', (code) => reject(new Error(`s_server ended with ${code}: ${text}`)))
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const match = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(text)
      if (match !== null) resolve(Number(match[1]))
    })
  })
  return { port, child }
}

describe('openssl s_server that requires a certificate', () => {
  let directory: string
  let child: ChildProcess
  let port: number
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'harness-probe-'))
    await writeFile(join(directory, 'cert.pem'), (await material()).cert)
    await writeFile(join(directory, 'key.pem'), (await material()).key, { mode: 0o600 })
    await writeFile(join(directory, 'ca.pem'), clients.cert)
    const verify = ['-Verify', '3', '-verify_return_error', '-verifyCAfile', 'ca.pem', '-CAfile', 'ca.pem']
    ;({ port, child } = await opensslServer(directory, verify))
  })
  after(async () => {
    child.kill('SIGKILL')
    await rm(directory, { recursive: true })
  })
  const application = {
    request: { method: 'GET', path: '/', allowed: { status: 200, bodyContains: 's_server' } },
  }

  for (const version of versions) {
    test(`${version}: no certificate is refused by an alert that says so, every time`, async () => {
      // In TLS 1.3 the alert races with the end of our own handshake: a tool that looks too early misses it.
      for (let round = 0; round < 15; round += 1) {
        const outcome = await to(port, { version, proof: application })
        assert.deepEqual(told(outcome), ['refused', 'tls-alert', 'tls', 'explicit'], outcome.summary)
        assert.equal(outcome.close, 'alert')
        assert.equal(outcome.transcript?.version, version)
        assert.deepEqual(outcome.transcript?.clientCertificates, [[]])
        const late = version === 'TLSv1.3'
        assert.equal(outcome.alert?.name, late ? 'certificate_required' : 'handshake_failure')
        assert.equal(outcome.transcript?.verdictPoint, late ? 'after-handshake' : 'in-handshake')
        assert.equal(outcome.tls !== undefined, late)
      }
    })

    test(`${version}: a stranger's certificate is sent, and refused by an alert`, async () => {
      const outcome = await to(port, { version, identity: stranger, proof: application })
      assert.deepEqual(told(outcome), ['refused', 'tls-alert', 'tls', 'explicit'], outcome.summary)
      const [sent] = outcome.transcript?.clientCertificates ?? []
      assert.equal(sent?.[0]?.fingerprint256, stranger.fingerprint256)
      assert.notEqual(outcome.transcript?.clientVerify, undefined)
    })

    test(`${version}: a valid certificate is let in by the declared answer`, async () => {
      const outcome = await to(port, { version, identity: valid, proof: application })
      assert.deepEqual(told(outcome), ['allowed', 'proof-pattern', 'http', undefined], outcome.summary)
      assert.deepEqual([outcome.tls?.version, outcome.tls?.trusted], [version, true])
      const other = {
        request: { method: 'GET', path: '/', allowed: { status: 200, bodyContains: 'no such text' } },
      }
      assert.equal((await to(port, { version, identity: valid, proof: other })).code, 'http-unproven')
    })
  }

  test('the request for a certificate is read, with its CA names', async () => {
    const { transcript } = await to(port)
    assert.deepEqual(
      transcript?.certificateRequest?.caNames.map(({ text }) => text),
      ['CN=Client CA'],
    )
  })
})

describe('Node with rejectUnauthorized', () => {
  for (const version of versions) {
    test(`${version}: a bad or absent certificate is refused in TLS, a valid one is let in`, async () => {
      const options = {
        requestCert: true,
        rejectUnauthorized: true,
        ca: clients.cert,
        minVersion: version,
        maxVersion: version,
      }
      await withHonest(options, async ({ port, seen }) => {
        for (const identity of [undefined, stranger]) {
          const outcome = await to(port, identity === undefined ? {} : { identity })
          assert.deepEqual([outcome.verdict, outcome.layer], ['refused', 'tls'], outcome.summary)
          assert.equal(seen.length, 0)
          // Newer Node versions say why when no certificate came; a bad one is still met with silence.
          if (identity === undefined) continue
          assert.deepEqual([outcome.code, outcome.attribution], ['tls-close', 'positional'])
          assert.ok(outcome.close === 'fin' || outcome.close === 'rst', outcome.close)
        }
        const outcome = await to(port, { identity: valid })
        assert.deepEqual(told(outcome), ['allowed', 'proof-nonce', 'http', undefined], outcome.summary)
        assert.equal(outcome.canary?.nonce.length, 32)
        assert.equal(seen[0]?.client, valid.fingerprint256)
      })
    })
  }
})

describe('a server that ends the connection once it has our certificate', () => {
  /** Completes the handshake, then ends it as told. */
  async function ender(
    version: (typeof versions)[number],
    end: (socket: TLSSocket, tcp: { resetAndDestroy(): void }) => void,
  ): Promise<Server> {
    const { cert, key } = await material()
    const secureContext = createSecureContext({
      cert,
      key,
      ca: clients.cert,
      minVersion: version,
      maxVersion: version,
    })
    const server = createServer((tcp) => {
      const socket = new TLSSocket(tcp, {
        isServer: true,
        secureContext,
        requestCert: true,
        rejectUnauthorized: false,
      })
      tcp.on('error', () => undefined)
      socket.on('error', () => undefined).once('secure', () => end(socket, tcp))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return server
  }
  const ends = {
    'a close_notify': [(socket) => void socket.end(), 'fin'],
    'a reset': [(_socket, tcp) => tcp.resetAndDestroy(), 'rst'],
  } satisfies Record<string, [Parameters<typeof ender>[1], Outcome['close']]>
  for (const version of versions) {
    for (const [how, [end, close]] of Object.entries(ends)) {
      test(`${version}: ${how} is a refusal by position, every time`, async () => {
        const server = await ender(version, end as Parameters<typeof ender>[1])
        try {
          const address = server.address()
          const port = typeof address === 'object' && address !== null ? address.port : 0
          for (let round = 0; round < 10; round += 1) {
            const outcome = await to(port, { identity: stranger })
            assert.deepEqual(told(outcome), ['refused', 'tls-close', 'tls', 'positional'], outcome.summary)
            if (close === 'rst') assert.equal(outcome.close, close)
          }
        } finally {
          server.close()
        }
      })
    }
  }
})
