import assert from 'node:assert/strict'
import { createSecureServer } from 'node:http2'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { usualAlpn } from '../../fixtures/environment.ts'
import { blackBoxDeployment } from '../deployment/blackbox.ts'
import { createAuthority } from '../pki/authority.ts'
import type { Outcome } from '../probe/types.ts'
import type { CertificateRequest, Transcript } from '../wire/types.ts'
import { judgeEnforcement, observe, policyOf } from './observe.ts'

const request = (late = false): CertificateRequest => ({
  caNames: [],
  signatureAlgorithms: [],
  certificateTypes: [],
  late,
})
const transcript = (certificateRequest: CertificateRequest | undefined): Transcript => ({
  version: 'TLSv1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  serverName: undefined,
  alpn: undefined,
  resumed: false,
  messages: [],
  certificateRequest,
  clientCertificates: [],
  clientVerify: undefined,
  serverCertificates: [],
  tickets: [],
  alerts: [],
  verdictPoint: 'none',
  problems: [],
})

interface Parts {
  verdict: Outcome['verdict']
  code: Outcome['code']
  layer?: Outcome['layer']
  status?: number
  body?: string
  attribution?: Outcome['attribution']
  asked?: CertificateRequest | false
}

const outcome = ({
  verdict,
  code,
  layer = 'http',
  status,
  body = '',
  attribution,
  asked,
}: Parts): Outcome => ({
  verdict,
  code,
  layer,
  summary: code,
  followUps: [],
  sessions: [],
  timings: { end: 1 },
  ...(attribution === undefined ? {} : { attribution }),
  ...(asked === undefined ? {} : { transcript: transcript(asked === false ? undefined : asked) }),
  ...(status === undefined
    ? {}
    : {
        http: {
          version: '1.1',
          status,
          headers: [],
          body: Buffer.from(body),
          bodyHash: '',
          truncated: false,
        },
      }),
})

const open = outcome({ verdict: 'allowed', code: 'proof-pattern', status: 200, asked: request() })
const alert = outcome({
  verdict: 'refused',
  code: 'tls-alert',
  layer: 'tls',
  attribution: 'explicit',
  asked: request(),
})
const nginx = outcome({
  verdict: 'refused',
  code: 'http-refused',
  status: 400,
  attribution: 'explicit',
  asked: request(),
})
const bare = (status: number) =>
  outcome({ verdict: 'refused', code: 'http-refused', status, attribution: 'generic', asked: request() })

test('policy per version follows the definitions', () => {
  const none = { verdict: 'allowed', code: 'proof-pattern', status: 200 } as const
  assert.equal(policyOf(outcome({ ...none, asked: false })), 'off')
  assert.equal(policyOf(outcome({ ...none, asked: request() })), 'requested')
  assert.equal(policyOf(nginx), 'requested', 'nginx completes the handshake and answers 400')
  assert.equal(policyOf(alert), 'required')
  assert.equal(policyOf(outcome({ ...none, asked: request(true) })), 'late')
  const late = { verdict: 'refused', code: 'http-refused', status: 403, asked: false } as const
  assert.equal(
    policyOf(outcome({ ...late, body: 'Reason: Cannot perform Post-Handshake Authentication.' })),
    'late',
  )
  assert.equal(policyOf(outcome({ ...late, body: 'Forbidden' })), 'off')
  assert.equal(
    policyOf(outcome({ verdict: 'inconclusive', code: 'version-unsupported', layer: 'tls' })),
    'unsupported',
  )
  assert.equal(policyOf(outcome({ verdict: 'inconclusive', code: 'timeout', layer: 'tcp' })), 'unknown')
  assert.equal(
    policyOf(outcome({ verdict: 'inconclusive', code: 'timeout', layer: 'tls', asked: request() })),
    'unknown',
  )
})

test('one way in without a valid certificate is not enforced, wherever the others end', () => {
  const { enforced, enforcedAt } = judgeEnforcement([alert, nginx, open], [alert], undefined, true)
  assert.deepEqual([enforced, enforcedAt], [false, 'none'])
})

test('enforced names the layer where a request without a certificate ends', () => {
  assert.equal(judgeEnforcement([alert], [alert], undefined, true).enforcedAt, 'tls')
  assert.equal(judgeEnforcement([nginx, alert], [nginx, alert], undefined, true).enforcedAt, 'http')
})

test('anything undecided leaves enforced unknown', () => {
  const timeout = outcome({ verdict: 'inconclusive', code: 'timeout', layer: 'tls', asked: request() })
  assert.equal(judgeEnforcement([alert, timeout], [alert], undefined, true).enforced, 'unknown')
  assert.equal(judgeEnforcement([], [], undefined, false).enforced, 'unknown')
})

test('a refusal that may have another cause needs a valid certificate to compare with', () => {
  assert.equal(judgeEnforcement([bare(404)], [bare(404)], undefined, true).enforced, 'unknown')
  assert.equal(judgeEnforcement([bare(404)], [bare(404)], open, true).enforced, true)
  assert.equal(
    judgeEnforcement([bare(403)], [bare(403)], undefined, true).enforced,
    'unknown',
    'a 403 may be for everybody',
  )
  assert.equal(
    judgeEnforcement([bare(403)], [bare(403)], undefined, false).enforced,
    'unknown',
    'never asked',
  )
})

test('where the valid certificate is refused too only refusals that name the certificate count', () => {
  assert.equal(judgeEnforcement([bare(403)], [bare(403)], bare(403), true).enforced, 'unknown')
  assert.equal(judgeEnforcement([alert, bare(403)], [alert], bare(403), true).enforced, 'unknown')
  // httpd with SSLVerifyClient in a Location, TLS 1.3: it cannot ask us, says so, and lets nobody in.
  assert.equal(judgeEnforcement([alert], [alert], bare(403), true).enforced, true)
})

test('a TLS version that begins and never answers leaves enforced unknown', async () => {
  const authority = await createAuthority()
  const { cert, key } = await authority.issue({ purpose: 'server', name: 'hangs.test' })
  const sockets = new Set<Socket>()
  const server = createServer(
    { cert, key, ca: authority.cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const isOld = (request.socket as TLSSocket).getProtocol() === 'TLSv1.2'
      if (!isOld) response.writeHead(403).end('a client certificate is required')
    },
  )
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    const connectTo = `127.0.0.1:${port}`
    const { facts } = await observe(blackBoxDeployment('hangs.test', { connectTo, deadline: 1000 }))
    const { clientCertificate } = facts
    assert.equal(clientCertificate['TLSv1.3'], 'requested')
    assert.equal(clientCertificate['TLSv1.2'], 'unknown')
    assert.equal(clientCertificate.enforced, 'unknown', clientCertificate.because)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
})

test('a hostname that speaks HTTP/2 alone is looked at over HTTP/2', async () => {
  const authority = await createAuthority()
  const { cert, key } = await authority.issue({ purpose: 'server', name: 'h2.test' })
  const options = { cert, key, ca: authority.cert, requestCert: true, rejectUnauthorized: false }
  const server = createSecureServer(options, (_, response) => response.writeHead(403).end('mTLS required'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    const { facts } = await observe(blackBoxDeployment('h2.test', { connectTo: `127.0.0.1:${port}` }))
    assert.deepEqual(facts.alpn, ['h2'])
    assert.equal(facts.clientCertificate['TLSv1.2'], 'requested')
    assert.equal(facts.clientCertificate['TLSv1.3'], 'requested')
    assert.equal(facts.clientCertificate.enforced, true, facts.clientCertificate.because)
    assert.deepEqual(usualAlpn(facts), { alpn: 'h2' })
    assert.deepEqual(usualAlpn({ alpn: ['h2', 'http/1.1'] }), {})
    assert.deepEqual(usualAlpn({ alpn: [] }), {}, 'nothing is known')
  } finally {
    server.close()
  }
})
