/** A right host that answers 429 to whoever connects too often. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { readResults } from '../../reports/read.ts'
import type { Results } from '../../reports/types.ts'
import { createAuthority } from '../pki/authority.ts'

const bin = fileURLToPath(new URL('../../bin/harness.mjs', import.meta.url))
/** Connections that it answers within a second. */
const permitted = 8

let directory: string
let server: Server
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'harness-rate-'))
  const [own, clients] = [await createAuthority(), await createAuthority()]
  const { cert, key } = await own.issue({ purpose: 'server', san: { dns: ['api.example.test'] } })
  const visitor = await clients.issue()
  let recent: number[] = []
  server = createServer(
    { cert, key, ca: clients.cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const now = performance.now()
      recent = [...recent.filter((at) => at > now - 1000), now]
      const { authorized } = request.socket as TLSSocket
      const status = recent.length > permitted ? 429 : authorized ? 200 : 403
      response.writeHead(status, { connection: 'close' }).end(status === 200 ? 'roof-7' : 'no')
    },
  ).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const files = { 'trust.pem': own.cert, 'ca.pem': clients.cert, 'a.pem': visitor.cert, 'a.key': visitor.key }
  for (const [name, text] of Object.entries(files))
    await writeFile(join(directory, name), text, { mode: 0o600 })
  await writeFile(
    join(directory, 'harness.yaml'),
    `hostname: api.example.test
connect: 127.0.0.1:${(server.address() as AddressInfo).port}
trust: trust.pem
requests: [{ path: /, allowed: { status: 200, bodyContains: roof-7 } }]
mtls: { mode: enforce, identities: [{ name: a, cert: a.pem, key: a.key }] }
`,
  )
})
after(async () => {
  server.close()
  await rm(directory, { recursive: true, force: true })
})

async function verify(...args: string[]): Promise<Results> {
  const out = join(directory, args.join('') || 'plain')
  const only = ['client-cert.none', 'client-cert.self-signed', 'client-cert.valid', 'tls.no-certificate-*']
  const command = [bin, 'verify', '-d', join(directory, 'harness.yaml'), '--only', ...only, '--out', out]
  const child = spawn(process.execPath, [...command, ...args], { stdio: 'ignore' })
  await new Promise((resolve) => child.once('close', resolve))
  return readResults(join(out, 'results.json'))
}

test('faster than it permits nothing is decided; at its pace it may go live', async () => {
  const hasty = await verify()
  assert.equal(hasty.exitCode, 3)
  assert.equal(hasty.summary.fail, 0, 'a limit is no finding')
  assert.match(JSON.stringify(hasty.checks), /rate limited/)
  const patient = await verify('--rate', '6')
  assert.deepEqual([patient.exitCode, patient.summary.inconclusive], [0, 0])
  assert.ok(patient.summary.pass >= 4)
})
