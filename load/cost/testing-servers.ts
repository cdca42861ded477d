/**
 * Real servers with two ports in one process: one that asks for a certificate, one that does not (the control lane).
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Authority } from '../../harness/pki/authority.ts'
import type { Identity } from '../../harness/pki/types.ts'

/** What a server is started with. */
export interface TwoPorts {
  dir: string
  port: number
  controlPort: number
  /** The client CA. */
  authority: Authority
  server: Identity
  /** Longest chain that is verified. */
  depth: number
}

/** A running server. */
export interface TwoPortServer {
  pid: number
  stop: () => Promise<void>
}

/** Occurs in what the application answers and nowhere else. */
export const marker = 'the measured application'

const nginx = ({ dir, port, controlPort, depth }: TwoPorts): string => `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${dir}/nginx.pid; error_log ${dir}/error.log warn;
events { worker_connections 256; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`).join(' ')}
  ssl_certificate ${dir}/server.pem; ssl_certificate_key ${dir}/server.key;
  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets off; ssl_session_cache off;
  server { listen 127.0.0.1:${controlPort} ssl; location / { return 200 "${marker}"; } }
  server {
    listen 127.0.0.1:${port} ssl; ssl_verify_client on; ssl_client_certificate ${dir}/ca.pem; ssl_verify_depth ${depth};
    location / { return 200 "${marker}"; }
  }
}`

const haproxy = ({ dir, port, controlPort }: TwoPorts): string => {
  const tls = `ssl crt ${dir}/both.pem no-tls-tickets`
  return `
global
  log stderr format raw local0 emerg
  nbthread 1
  maxconn 256
  tune.ssl.cachesize 0
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 10s
frontend mtls
  bind 127.0.0.1:${port} ${tls} ca-file ${dir}/ca.pem verify required
  bind 127.0.0.1:${controlPort} ${tls}
  http-request return status 200 content-type text/plain string "${marker}"
`
}

const node = ({ dir, port, controlPort }: TwoPorts): string => `
  const { readFileSync } = require('node:fs'), { createServer } = require('node:https')
  const tls = { cert: readFileSync('${dir}/server.pem'), key: readFileSync('${dir}/server.key') }
  const answer = (_, response) => response.end('${marker}')
  createServer(tls, answer).listen(${controlPort}, '127.0.0.1')
  createServer({ ...tls, ca: readFileSync('${dir}/ca.pem'), requestCert: true, rejectUnauthorized: true }, answer).listen(${port}, '127.0.0.1')`

const kinds = {
  nginx: {
    file: 'nginx.conf',
    text: nginx,
    command: 'nginx',
    args: (file: string, dir: string) => ['-e', `${dir}/error.log`, '-p', dir, '-c', file],
  },
  haproxy: {
    file: 'haproxy.cfg',
    text: haproxy,
    command: 'haproxy',
    args: (file: string) => ['-db', '-f', file],
  },
  node: { file: 'server.cjs', text: node, command: process.execPath, args: (file: string) => [file] },
}

/** The servers there are. */
export type TwoPortKind = keyof typeof kinds

/** Starts one. @throws Error when it does not answer. */
export async function startTwoPorts(kind: TwoPortKind, options: TwoPorts): Promise<TwoPortServer> {
  const { dir, authority, server } = options
  const { file, text, command, args } = kinds[kind]
  await mkdir(dir, { recursive: true })
  const write = (name: string, content: string): Promise<void> =>
    writeFile(join(dir, name), content, { mode: 0o600 })
  await write('server.pem', server.cert)
  await write('server.key', server.key)
  await write('both.pem', server.cert + server.key)
  await write('ca.pem', authority.cert)
  const path = join(dir, file)
  await write(file, text(options))
  const child = spawn(command, args(path, dir), {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      NODE_TEST_CONTEXT: undefined,
      PATH: `${process.env.PATH}:/usr/sbin`,
    },
  })
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    process.off('exit', kill)
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(kind === 'nginx' ? 'SIGTERM' : 'SIGKILL')
    await once(child, 'exit')
  }
  for (const port of [options.port, options.controlPort]) {
    if (!(await answers(port, child))) {
      await stop()
      const log = await readFile(join(dir, 'error.log'), 'utf8').catch(() => '')
      throw new Error(`${kind} does not answer on port ${port}: ${log.slice(-500)}`)
    }
  }
  return { pid: child.pid ?? 0, stop }
}

async function answers(port: number, child: ChildProcess): Promise<boolean> {
  for (let tries = 0; tries < 500 && child.exitCode === null && child.signalCode === null; tries += 1) {
    const socket = connect({ host: '127.0.0.1', port })
    const up = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (up) return true
    await sleep(20)
  }
  return false
}
