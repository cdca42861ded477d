import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createOriginMaterial, type OriginMaterial } from '../origins/material.ts'
import { hostname, type SmallEdge, startSmallEdge } from './origin/testing.ts'

/** Connections that were kept at the same time. */
const kept = 3

describe('an origin that hangs up on kept connections', () => {
  let material: OriginMaterial
  let edge: SmallEdge
  let origin: Server
  /** Connections on which requests are cut off. */
  let cut: (request: IncomingMessage) => boolean
  let asked = 0
  before(async () => {
    material = await createOriginMaterial([hostname])
  })

  const start = async (): Promise<void> => {
    const waiting: (() => void)[] = []
    cut = () => false
    asked = 0
    origin = createServer((request, response) => {
      asked += 1
      if (cut(request)) {
        request.socket.destroy()
        return
      }
      const answer = (): void => void response.end('here')
      if (request.url !== '/together') {
        answer()
        return
      }
      // All of them wait for the last one: so many connections are there, and kept.
      waiting.push(answer)
      if (waiting.length === kept) for (const one of waiting.splice(0)) one()
    })
    await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve))
    const { port } = origin.address() as AddressInfo
    edge = await startSmallEdge({ material, ssl: 'off', origin: { host: '127.0.0.1', port, tlsPort: port } })
    const together = await Promise.all(Array.from({ length: kept }, () => edge.ask({ path: '/together' })))
    assert.deepEqual(
      together.map(({ status }) => status),
      Array(kept).fill(200),
    )
  }
  const stop = async (): Promise<void> => {
    await edge.close()
    origin.closeAllConnections()
    await new Promise((resolve) => origin.close(resolve))
  }
  /** Cuts off whoever comes by a connection that is there now. */
  const cutOld = (): void => {
    const old = new Set<unknown>()
    cut = ({ socket }) => {
      const port = socket.remotePort
      if (asked <= kept + kept) old.add(port)
      return old.has(port)
    }
  }
  after(() => origin.closeAllConnections())

  test('all of them at once: a request without a body goes by a new one', async () => {
    await start()
    cutOld()
    const { status, body } = await edge.ask({ path: '/alone' })
    assert.deepEqual([status, body], [200, 'here'])
    assert.equal(asked, kept + kept + 1, 'every kept one was tried once, then a new one')
    await stop()
  })

  test('a new one as well: 520, and an end', async () => {
    await start()
    cut = () => true
    assert.equal((await edge.ask({ path: '/alone' })).status, 520)
    assert.equal(asked, kept + kept + 1)
    await stop()
  })

  test('a request with a body is not sent again', async () => {
    await start()
    cutOld()
    assert.equal((await edge.ask({ path: '/alone', method: 'POST', body: 'once' })).status, 520)
    assert.equal(asked, kept + 1)
    await stop()
  })
})
