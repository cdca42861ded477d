/**
 * A plain client for tests of the origins: one connection, one request, no verification.
 * @module
 */
import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { createOriginMaterial, type OriginMaterial } from './material.ts'
import type { Origin } from './origin.ts'

let made: Promise<OriginMaterial> | undefined

/** Certificates for `*.example.test`, made once per process. */
export function originMaterial(): Promise<OriginMaterial> {
  made ??= createOriginMaterial(['example.test', '*.example.test'])
  return made
}

/** What to send. */
export interface Asked {
  path?: string
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  /** Address to come from; default: 127.0.0.1. */
  from?: string
  /** By TLS, presenting this certificate or none. */
  tls?: { cert?: string; key?: string; maxVersion?: 'TLSv1.2' | 'TLSv1.3'; servername?: string }
}

/** What came back; `error` is what went wrong, with 0 for the status. */
export interface Got {
  status: number
  body: string
  headers: Record<string, string | string[] | undefined>
  error: string | undefined
  /** The handshake was completed, from this side. */
  connected: boolean
  /** subject of the server certificate. */
  server: string | undefined
}

/** The canary with a challenge. */
export const canary = '/__harness/echo?challenge=abcd'

/** Asks an origin directly. */
export function ask(origin: Pick<Origin, 'port' | 'tlsPort'>, asked: Asked = {}): Promise<Got> {
  const { path = canary, method = 'GET', headers = {}, body, from, tls } = asked
  const common = {
    host: '127.0.0.1',
    path,
    method,
    headers: { host: 'api.example.test', ...headers },
    agent: false,
    ...(from === undefined ? {} : { localAddress: from }),
  }
  const request =
    tls === undefined
      ? requestPlain({ ...common, port: origin.port })
      : requestTls({
          ...common,
          port: origin.tlsPort,
          servername: 'api.example.test',
          rejectUnauthorized: false,
          ...tls,
        })
  let connected = false
  let server: string | undefined
  return new Promise((resolve) => {
    request.on('socket', (socket) => {
      socket.once('secureConnect', () => {
        connected = true
        if ('getPeerX509Certificate' in socket && typeof socket.getPeerX509Certificate === 'function')
          server = socket.getPeerX509Certificate()?.subject
      })
    })
    request.on('error', (error: NodeJS.ErrnoException) =>
      resolve({
        status: 0,
        body: '',
        headers: {},
        error: `${error.code ?? ''} ${error.message}`,
        connected,
        server,
      }),
    )
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: text,
          headers: response.headers,
          error: undefined,
          connected,
          server,
        }),
      )
    })
    request.end(body)
  })
}
