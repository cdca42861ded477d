/**
 * A plain HTTP client for generated tests: kept connections, nothing checked, several times as fast as `fetch`.
 * @module
 */
import { Agent, request } from 'node:http'

/** An answer. */
export interface Answer {
  status: number
  /** As sent. */
  text: string
  /** Parsed; undefined where it is no JSON. */
  body: Envelope | undefined
}

/** An envelope of whatever result. */
export interface Envelope {
  success?: unknown
  errors?: { code?: unknown; message?: unknown }[]
  messages?: unknown
  result?: unknown
}

/** A client of one server. */
export interface Client {
  /** `path` from the root; an object is sent as JSON, text and bytes as they are. Rejects when the connection breaks. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  close(): void
}

/** Connects to a loopback port with a Bearer token. */
export function createClient(port: number, token: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  return {
    close: () => agent.destroy(),
    send: (method, path, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const payload =
          body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
            ? body
            : JSON.stringify(body)
        const sent = request(
          {
            ...{ host: '127.0.0.1', port, method, path, agent },
            headers: {
              authorization: `Bearer ${token}`,
              ...(payload === undefined
                ? {}
                : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
              ...headers,
            },
          },
          (response) => {
            const parts: Buffer[] = []
            response.on('data', (part: Buffer) => parts.push(part))
            response.on('error', reject)
            response.on('end', () => {
              const text = Buffer.concat(parts).toString()
              resolve({ status: response.statusCode ?? 0, text, body: parsed(text) })
            })
          },
        )
        sent.on('error', reject)
        sent.end(payload)
      }),
  }
}

function parsed(text: string): Envelope | undefined {
  try {
    return JSON.parse(text) as Envelope
  } catch {
    return undefined
  }
}
