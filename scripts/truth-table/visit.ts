/**
 * A visitor that owes nothing to the harness: `openssl s_client` with one request.
 * @module
 */
import { execFile } from 'node:child_process'
import { needCommand } from '../../fixtures/servers/command.ts'
import type { Pair } from '../../fixtures/servers/material.ts'
import { hostname } from '../../fixtures/servers/types.ts'
import type { Version } from './expected.ts'

/** Who goes where. */
export interface Visit {
  port: number
  version: Version
  /** CA of the server certificate. */
  trust: string
  identity?: Pair
}

const flags = { 'TLSv1.2': '-tls1_2', 'TLSv1.3': '-tls1_3' }

/** Makes a request and returns all that came back; empty where the connection was refused. */
export function visit({ port, version, trust, identity }: Visit): Promise<string> {
  const where = ['-connect', `127.0.0.1:${port}`, '-servername', hostname]
  const server = ['-CAfile', trust, '-verify_return_error', '-verify_hostname', hostname]
  const client = identity === undefined ? [] : ['-cert', identity.cert, '-key', identity.key]
  // -quiet reads to the end of the stream; -enable_pha lets httpd ask late in TLS 1.3.
  const how = [flags[version], '-quiet', '-enable_pha']
  return new Promise((resolve) => {
    const args = ['s_client', ...where, ...server, ...client, ...how]
    const child = execFile(needCommand('openssl'), args, { timeout: 20_000 }, (_error, stdout) =>
      resolve(stdout),
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(`GET / HTTP/1.0\r\nHost: ${hostname}\r\n\r\n`)
  })
}
