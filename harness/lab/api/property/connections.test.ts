/**
 * Connections that do not behave: cut, half closed, pipelined, slow, far too large. Each gets an answer of the API or its
 * end; afterwards the API answers as before, and nothing was changed.
 */
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { secrets, startTestApi, type TestApi } from '../testing/start.ts'
import { type Answer, type Client, createClient } from './client.ts'
import { zonePath } from './operation.ts'

/** Against hangs only. */
const timeout = 60_000
const authorization = `Authorization: Bearer ${secrets.edit}`
const setting = `${zonePath}/settings/ssl`
const value = JSON.stringify({ value: 'strict' })

/** Head of a request. */
const head = (line: string, ...headers: string[]): string =>
  `${[`${line} HTTP/1.1`, 'Host: localhost', authorization, ...headers].join('\r\n')}\r\n\r\n`
const write = (length: number, ...headers: string[]): string =>
  head(`PATCH ${setting}`, 'Content-Type: application/json', `Content-Length: ${length}`, ...headers)

/** The answers in what a connection gave: statuses, each with an envelope. */
function answersIn(text: string): { status: number; success: unknown }[] {
  const answers: { status: number; success: unknown }[] = []
  let rest = text
  while (rest !== '') {
    const [all = '', status = ''] = /^HTTP\/1\.1 (\d{3}) [\s\S]*?\r\n\r\n/.exec(rest) ?? []
    assert.notEqual(all, '', `no answer: ${rest.slice(0, 200)}`)
    const length = Number(/content-length: (\d+)/i.exec(all)?.[1] ?? 0)
    const body = Buffer.from(rest.slice(all.length))
    if (length > 0) {
      const { success } = JSON.parse(body.subarray(0, length).toString()) as { success: unknown }
      answers.push({ status: Number(status), success })
    }
    rest = body.subarray(length).toString()
  }
  return answers
}

describe('connections that do not behave', { timeout }, () => {
  let t: TestApi
  let client: Client
  let start: string
  const open = new Set<Socket>()

  before(async () => {
    t = await startTestApi({ limits: { requests: Number.MAX_SAFE_INTEGER } })
    client = createClient(t.api.port, secrets.edit)
    start = JSON.stringify(t.store.state)
  })
  after(async () => {
    client.close()
    await t.close()
  })
  beforeEach(() => t.store.replace(JSON.parse(start)))
  afterEach(async () => {
    for (const socket of open) socket.destroy()
    open.clear()
    const answer = await client.send('GET', setting)
    assert.deepEqual([answer.status, answer.body?.success], [200, true], 'the API answers as before')
  })

  const dial = async (): Promise<Socket> => {
    const socket = connect({ port: t.api.port, host: '127.0.0.1', allowHalfOpen: true })
    open.add(socket)
    socket.on('error', () => undefined)
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return socket
  }
  /** Everything a connection gives until its end. */
  const rest = (socket: Socket): Promise<string> =>
    new Promise((resolve) => {
      let text = ''
      socket.on('data', (part: Buffer) => {
        text += part.toString()
      })
      socket.once('close', () => resolve(text))
      socket.once('end', () => {
        socket.end()
        resolve(text)
      })
    })
  const unchanged = (): void => assert.equal(JSON.stringify(t.store.state), start)
  const isRefused = ({ status, body, text }: Answer): boolean => {
    assert.equal(body?.success, false, text)
    return status >= 400 && status < 500
  }

  it('a body that is cut off changes nothing, whether the connection closes or breaks', async () => {
    for (const end of ['end', 'destroy'] as const) {
      const socket = await dial()
      const given = rest(socket)
      socket.write(write(value.length) + value.slice(0, -3))
      socket[end]()
      for (const { status, success } of answersIn(await given))
        assert.deepEqual([status, success], [400, false])
      unchanged()
    }
  })

  it('a whole request of a client that closes its side is carried out and answered', async () => {
    const socket = await dial()
    const given = rest(socket)
    socket.end(write(value.length, 'Connection: close') + value)
    assert.deepEqual(answersIn(await given), [{ status: 200, success: true }])
    assert.notEqual(JSON.stringify(t.store.state), start)
  })

  it('pipelined requests are answered in order, refused ones among them', async () => {
    const socket = await dial()
    const given = rest(socket)
    const bad = '{"value":"nonsense"}'
    socket.write(
      head(`GET ${setting}`) +
        write(bad.length) +
        bad +
        write(value.length) +
        value +
        head(`GET ${zonePath}/nothing`) +
        head(`GET ${setting}`, 'Connection: close'),
    )
    const statuses = answersIn(await given).map(({ status }) => status)
    assert.deepEqual(statuses, [200, 400, 200, 404, 200])
  })

  it('what follows a body is the next request, never a part of this one', async () => {
    const socket = await dial()
    const given = rest(socket)
    socket.write(`${write(2)}{}${head(`GET ${setting}`, 'Connection: close')}`)
    assert.deepEqual(
      answersIn(await given).map(({ status }) => status),
      [400, 200],
    )
    unchanged()
  })

  it('two framings at once are refused', async () => {
    for (const headers of [
      [`Content-Length: ${value.length}`, 'Transfer-Encoding: chunked'],
      ['Content-Length: 3', `Content-Length: ${value.length}`],
      ['Content-Length: -1'],
      ['Transfer-Encoding: gzip, nonsense'],
    ]) {
      const socket = await dial()
      const given = rest(socket)
      socket.write(head(`PATCH ${setting}`, 'Content-Type: application/json', ...headers) + value)
      const answers = answersIn(await given)
      assert.deepEqual(answers, [{ status: 400, success: false }], headers.join())
      unchanged()
    }
  })

  it('a body that arrives byte by byte is a body', async () => {
    const socket = await dial()
    socket.setNoDelay(true)
    const given = rest(socket)
    socket.write(write(value.length, 'Connection: close'))
    for (const byte of value) {
      socket.write(byte)
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.deepEqual(answersIn(await given), [{ status: 200, success: true }])
  })

  it('clients that wait in the middle of a request do not keep others waiting', async () => {
    const waiting = await Promise.all(Array.from({ length: 50 }, dial))
    for (const [index, socket] of waiting.entries())
      socket.write(index % 2 === 0 ? `GET ${setting} HTTP/1.1\r\nHost: loc` : write(1000) + value)
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.send('GET', setting)))
    assert.ok(answers.every(({ status }) => status === 200))
    unchanged()
  })

  it('10 MB, announced or not, are refused', async () => {
    const large = JSON.stringify({ value: 'x'.repeat(10 * 1024 * 1024) })
    for (const headers of [`Content-Length: ${large.length}`, 'Transfer-Encoding: chunked']) {
      const socket = await dial()
      const given = rest(socket)
      const chunk = headers.startsWith('T') ? `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n` : large
      socket.write(head(`PATCH ${setting}`, 'Content-Type: application/json', headers) + chunk)
      // The end may overtake the answer when the client is still sending.
      const answers = answersIn(await given)
      assert.ok(answers.length <= 1)
      for (const answer of answers) assert.deepEqual(answer, { status: 413, success: false })
      unchanged()
    }
  })

  it('nesting without end, numbers without end and broken text are refused', async () => {
    const bodies: readonly (string | Buffer)[] = [
      '['.repeat(100_000),
      '{"a":'.repeat(100_000),
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      `{"value":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`,
      `{"value":${'9'.repeat(500_000)}}`,
      '{"value":"strict"',
      '{"value":"strict"}}',
      '\ufeff{"value":"nonsense"}',
      Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
      Buffer.alloc(1000),
      '{"__proto__":{"value":"strict"}}',
      '{"value":"strict","value":"nonsense"}',
    ]
    for (const body of bodies) {
      const answer = await client.send('PATCH', setting, body)
      assert.ok(isRefused(answer), `${String(body).slice(0, 40)}: ${answer.text}`)
      unchanged()
    }
  })

  it('other content types are refused, JSON with a charset is taken', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'json',
      '\t',
    ]) {
      const answer = await client.send('PATCH', setting, value, { 'content-type': type })
      assert.ok(isRefused(answer), type)
      unchanged()
    }
    const taken = await client.send('PATCH', setting, value, {
      'content-type': 'application/json; charset=utf-8',
    })
    assert.equal(taken.status, 200)
  })

  it('header bombs are refused', async () => {
    for (const headers of [
      [`X-Large: ${'x'.repeat(100_000)}`],
      Array.from({ length: 5000 }, (_, index) => `X-${index}: ${'y'.repeat(20)}`),
    ]) {
      const socket = await dial()
      const given = rest(socket)
      socket.write(head(`GET ${setting}`, ...headers))
      assert.deepEqual(answersIn(await given), [{ status: 431, success: false }])
    }
  })

  it('paths that try to be others are routes nobody has', async () => {
    const tricks = [
      `${zonePath}/settings/../settings/ssl`,
      `${zonePath}/settings/%2e%2e/ssl`,
      `${zonePath}%2fsettings%2fssl`,
      `${zonePath}/settings/ssl%00`,
      `${zonePath}/settings/ssl;x=1`,
      `/client/v4/../v4${setting.slice('/client/v4'.length)}`,
      `/client/v4//${setting.slice('/client/v4/'.length)}`,
      `/CLIENT/v4${setting.slice('/client/v4'.length)}`,
      `/client/v4/zones/__proto__/settings/ssl`,
      `/client/v4/zones/constructor/settings/ssl`,
      `/client/v4/zones/%/settings/ssl`,
      `/client/v4/zones/${'a'.repeat(8000)}/settings/ssl`,
      `/lab/v1/../../client/v4/user/tokens/verify`,
    ]
    for (const path of tricks) {
      const socket = await dial()
      const given = rest(socket)
      socket.write(
        head(
          `PATCH ${path}`,
          'Content-Type: application/json',
          `Content-Length: ${value.length}`,
          'Connection: close',
        ) + value,
      )
      const [answer] = answersIn(await given)
      assert.ok(
        answer !== undefined && answer.status >= 400 && answer.status < 500,
        `${path}: ${answer?.status}`,
      )
      assert.equal(answer.success, false, path)
      unchanged()
    }
  })

  it('the clock cannot be moved to where there are no dates', async () => {
    const far = 315_360_000
    let last: Answer | undefined
    for (let move = 0; move < 900 && (last === undefined || last.status === 200); move += 1)
      last = await client.send('POST', '/lab/v1/clock', { advanceSeconds: far })
    assert.ok(last !== undefined && isRefused(last), last?.text)
    const tokens = `/client/v4/accounts/${Object.keys(t.store.state.accounts)[0] ?? ''}/access`
    for (const [method, path, body] of [
      ['PATCH', setting, { value: 'full' }],
      ['POST', `${tokens}/service_tokens`, { name: 't' }],
      ['POST', `${tokens}/keys/rotate`, undefined],
      ['GET', `${tokens}/keys`, undefined],
    ] as const) {
      const answer = await client.send(method, path, body)
      assert.ok(answer.status < 300, `${path}: ${answer.text}`)
    }
  })
})
