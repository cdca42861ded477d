import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { connect as tlsConnect, createServer as tlsServer } from 'node:tls'
import { Worker } from 'node:worker_threads'
import { type Tap, type TapOptions, tap } from './tap.ts'
import { certificates, deadline, listen, tapped } from './testing.ts'

const { serverEc } = certificates()
const open: { destroy: () => void }[] = []
const servers: Server[] = []

afterEach(() => {
  for (const one of open.splice(0)) one.destroy()
  for (const one of servers.splice(0)) one.close()
})

async function tcp(onConnection: (socket: Socket) => void, options?: TapOptions): Promise<Tap> {
  const server = createServer((socket) => {
    open.push(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  servers.push(server)
  const socket = connect(await listen(server), '127.0.0.1')
  open.push(socket)
  return tap(socket, options)
}

const collected = (recorded: Tap, from: string): string =>
  Buffer.concat(recorded.chunks.filter((chunk) => chunk.from === from).map((chunk) => chunk.bytes)).toString()

describe('tap', () => {
  test('records both directions in order, with times', async () => {
    const recorded = await tcp((socket) => socket.on('data', (bytes) => socket.end(`got ${bytes}`)))
    recorded.stream.resume().write('one')
    await deadline(once(recorded.stream, 'end'))
    assert.deepEqual(
      recorded.chunks.map(({ from, bytes }) => [from, bytes.toString()]),
      [
        ['client', 'one'],
        ['server', 'got one'],
      ],
    )
    const times = recorded.chunks.map((chunk) => chunk.at)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
    assert.equal(recorded.closedBy, 'fin')
    assert.equal(recorded.dropped, 0)
  })

  test('half-close in both directions', async () => {
    const recorded = await tcp((socket) => {
      let text = ''
      socket.on('data', (bytes) => {
        text += bytes
      })
      socket.allowHalfOpen = true
      socket.on('end', () => socket.end(`all of ${text}`))
    })
    recorded.stream.end('question')
    recorded.stream.resume()
    await deadline(once(recorded.stream, 'close'))
    assert.equal(collected(recorded, 'server'), 'all of question')
  })

  test('what is written after the FIN of the peer still goes out', async () => {
    let text = ''
    const recorded = await tcp((socket) => {
      socket.allowHalfOpen = true
      socket.on('data', (bytes) => {
        text += bytes
      })
      socket.end('bye')
    })
    recorded.stream.resume()
    await deadline(once(recorded.stream, 'end'))
    recorded.stream.end('last words')
    await deadline(once(recorded.stream, 'close'))
    while (text === '') await new Promise((resolve) => setTimeout(resolve, 5))
    assert.equal(text, 'last words')
    assert.equal(recorded.closedBy, 'fin')
  })

  test('a reset is an error of the stream, and is told apart from an end', async () => {
    const recorded = await tcp((socket) => socket.once('data', () => socket.resetAndDestroy()))
    recorded.stream.resume().write('x')
    const [error] = await deadline(once(recorded.stream, 'error'))
    assert.equal(error.code, 'ECONNRESET')
    assert.equal(recorded.closedBy, 'rst')
  })

  test('a reset reaches the TLS socket', async () => {
    const recorded = await tcp((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const socket = tlsConnect({ socket: recorded.stream })
    const [error] = await deadline(once(socket, 'error'))
    assert.equal(error.code, 'ECONNRESET')
    assert.equal(recorded.closedBy, 'rst')
  })

  test('refused and unresolved connections: the error comes through, nobody closed', async () => {
    const server = createServer()
    const port = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    const recorded = tap(connect(port, '127.0.0.1'))
    const [error] = await deadline(once(recorded.stream, 'error'))
    assert.equal(error.code, 'ECONNREFUSED')
    assert.equal(recorded.closedBy, undefined)
  })

  test('destroying the stream closes the socket; closing is then ours', async () => {
    let closed: (() => void) | undefined
    const gone = new Promise<void>((resolve) => {
      closed = resolve
    })
    const recorded = await tcp((socket) => socket.on('close', () => closed?.()).resume())
    recorded.stream.write('x')
    await new Promise((resolve) => setTimeout(resolve, 20))
    recorded.stream.destroy()
    await deadline(gone)
    assert.equal(recorded.closedBy, undefined)
  })

  test('what was written in the turn of a destroy is still sent, as by a plain socket', async () => {
    let text = ''
    const recorded = await tcp((socket) =>
      socket.on('data', (bytes) => {
        text += bytes
      }),
    )
    await deadline(once(recorded.stream.resume(), 'resume'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    recorded.stream.write('flight')
    recorded.stream.write('alert')
    recorded.stream.destroy()
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(text, 'flightalert')
    assert.equal(collected(recorded, 'client'), 'flightalert')
  })

  test('backpressure: an unread stream stops the peer', async () => {
    let sent = 0
    let stopped: ((value: unknown) => void) | undefined
    const full = new Promise((resolve) => {
      stopped = resolve
    })
    const recorded = await tcp((socket) => {
      const block = Buffer.alloc(1 << 20)
      const push = (): void => {
        while (sent < 64) {
          sent++
          if (!socket.write(block)) return void socket.once('drain', push)
        }
      }
      push()
      setTimeout(stopped ?? (() => {}), 500)
    })
    recorded.stream.pause()
    await deadline(full)
    assert.ok(sent < 40, `${sent} MiB`)
    recorded.stream.resume()
    let bytes = 0
    recorded.stream.on('data', (part: Buffer) => {
      bytes += part.length
    })
    await deadline(
      (async () => {
        while (bytes < 64 << 20) await new Promise((resolve) => setTimeout(resolve, 20))
      })(),
      undefined,
      60_000,
    )
    assert.equal(recorded.dropped, (64 << 20) - (4 << 20))
  })

  test('backpressure: a peer that does not read stops the writer', async () => {
    const recorded = await tcp((socket) => socket.pause())
    const block = Buffer.alloc(1 << 20)
    let accepted = 0
    while (accepted < 256 && recorded.stream.write(block)) accepted++
    assert.ok(accepted < 10, `${accepted} MiB`)
  })

  test('beyond the limit bytes flow, are counted, and the transcript says so', async () => {
    const body = 'x'.repeat(100_000)
    const server = tlsServer({ cert: serverEc.cert, key: serverEc.key }, (socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(body))
    })
    servers.push(server)
    const port = await listen(server)
    const cut = await tapped(port, { limit: 8000 })
    assert.equal(cut.response.toString(), body)
    assert.equal(
      cut.tap.chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0),
      8000,
    )
    assert.ok(cut.tap.dropped > 90_000)
    assert.ok(cut.transcript.problems.some((problem) => problem.includes(`${cut.tap.dropped} bytes beyond`)))
    assert.equal(cut.transcript.verdictPoint, 'none')
    const whole = await tapped(port)
    assert.deepEqual([whole.tap.dropped, whole.transcript.problems], [0, []])
  })

  test('the alert before a reset is not lost when the client writes twice', async () => {
    // The server must run while this thread is busy: that is when the reset overtakes the reading.
    const worker = new Worker(
      `const { parentPort } = require('node:worker_threads')
       const server = require('node:net').createServer((socket) => {
         socket.on('error', () => {})
         socket.once('data', () => { socket.pause(); socket.write('ALERT', () => socket.destroy()) })
       })
       server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
      { eval: true },
    )
    try {
      const [port] = await once(worker, 'message')
      const clock = new Int32Array(new SharedArrayBuffer(4))
      const run = async (through: (socket: Socket) => NodeJS.ReadWriteStream): Promise<string> => {
        const socket = connect(port, '127.0.0.1')
        await once(socket, 'connect')
        const stream = through(socket)
        let text = ''
        stream.on('data', (bytes) => {
          text += bytes
        })
        stream.on('error', () => {})
        // As a TLS socket does.
        stream.on('end', () => stream.end())
        const closed = new Promise((resolve) => stream.once('close', resolve))
        for (const part of ['one', 'two', 'three']) {
          stream.write(part)
          Atomics.wait(clock, 0, 0, 20)
        }
        await deadline(closed)
        return text
      }
      assert.equal(
        await run((socket) => socket),
        '',
        'a plain socket loses it: else this test proves nothing',
      )
      assert.equal(await run((socket) => tap(socket).stream), 'ALERT')
    } finally {
      await worker.terminate()
    }
  })
})
