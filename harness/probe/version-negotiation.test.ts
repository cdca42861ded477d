import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { probeQuic, question, readNegotiation } from './version-negotiation.ts'

async function against(
  answer: (packet: Buffer) => Buffer | undefined,
  patience = 300,
): Promise<string[] | undefined> {
  const server = createSocket('udp4')
  let length = 0
  server.on('message', (packet, { port }) => {
    length = packet.length
    const reply = answer(packet)
    if (reply !== undefined) server.send(reply, port, '127.0.0.1')
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address()
    const found = await probeQuic({ hostname: 'a.test', address: '127.0.0.1', port }, patience)
    assert.equal(length, 1200)
    return found.versions
  } finally {
    server.close()
  }
}

/** RFC 9000 §17.2.1, for packets with connection ids of eight bytes. */
const negotiate = (packet: Buffer, to = packet.subarray(15, 23)): Buffer =>
  Buffer.concat([
    Buffer.from([0x80, 0, 0, 0, 0, 8]),
    to,
    packet.subarray(5, 14),
    Buffer.from('000000016b3343cf', 'hex'),
  ])

test('a Version Negotiation for us is read; for somebody else, another packet and silence are not', async () => {
  assert.deepEqual(await against(negotiate, 5000), ['0x00000001', '0x6b3343cf'])
  assert.equal(await against((packet) => negotiate(packet, Buffer.alloc(8))), undefined)
  assert.equal(await against((packet) => packet), undefined)
  assert.equal(await against(() => undefined), undefined)
})

test('a closed port is told from a silent one, and a stopped run waits for neither', async () => {
  const server = createSocket('udp4').bind(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  await new Promise<void>((resolve) => server.close(resolve))
  const endpoint = { hostname: 'a.test', address: '127.0.0.1', port }
  assert.deepEqual(await probeQuic(endpoint, 5000), {
    versions: undefined,
    summary: `nothing listens on UDP ${port}`,
  })
  const stopped = await probeQuic(endpoint, 60_000, AbortSignal.abort())
  assert.equal(stopped.versions, undefined)
})

test('an answer that is not about our own question proves no QUIC', () => {
  const [destination, source] = [Buffer.from('12345678'), Buffer.from('abcdefgh')]
  const asked = question(destination, source)
  assert.deepEqual(readNegotiation(negotiate(asked), source, destination), ['0x00000001', '0x6b3343cf'])
  for (const wrong of [
    asked,
    Buffer.alloc(0),
    negotiate(asked).subarray(0, 23),
    negotiate(asked).subarray(0, 25),
  ])
    assert.equal(readNegotiation(wrong, source, destination), undefined)
  assert.equal(readNegotiation(negotiate(asked), destination, source), undefined)
})
