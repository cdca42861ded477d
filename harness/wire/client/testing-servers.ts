/**
 * Servers that nobody here wrote, started on loopback with client certificates required: nginx, httpd, HAProxy, Node
 * and `openssl s_server`.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { createServer as tlsServer } from 'node:tls'
import { certificates, listen } from '../testing.ts'
import { opensslServer } from '../testing-openssl.ts'

/** A running server that answers GET with 200 and `hello` to who has a valid client certificate. */
export interface RealServer {
  port: number
  stop: () => Promise<void>
}

/** Program per server, where it is not part of this process. */
const programs: Readonly<Record<string, string>> = {
  nginx: '/usr/sbin/nginx',
  httpd: '/usr/sbin/apache2',
  haproxy: '/usr/sbin/haproxy',
}

export const serverNames = ['nginx', 'httpd', 'haproxy', 'node', 'openssl'] as const
export type ServerName = (typeof serverNames)[number]

/** Is the server installed here? */
export const installed = (name: ServerName): boolean =>
  programs[name] === undefined || existsSync(programs[name])

async function freePort(): Promise<number> {
  const probe = createServer()
  const port = await listen(probe)
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function reachable(port: number, child: ChildProcess): Promise<void> {
  for (let round = 0; round < 200; round++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    const up = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (up) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('the server does not listen')
}

const configurations: Readonly<
  Record<string, (folder: string, port: number) => { file: string; args: string[] }>
> = {
  nginx: (folder, port) => ({
    file: `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
      events {}
      http {
        access_log off;
        client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
        uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
        server {
          listen 127.0.0.1:${port} ssl; server_name localhost;
          ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate ${folder}/server.pem; ssl_certificate_key ${folder}/server.pem;
          ssl_verify_client on; ssl_verify_depth 3; ssl_client_certificate ${certificates().clientCasFile};
          location / { return 200 "hello"; }
        }
      }`,
    args: ['-p', folder, '-c', join(folder, 'conf')],
  }),
  httpd: (folder, port) => {
    const modules = ['mpm_event', 'authn_core', 'authz_core', 'ssl', 'socache_shmcb', 'alias', 'dir']
    const load = modules
      .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
      .join('\n')
    writeFileSync(join(folder, 'index.html'), 'hello')
    return {
      file: `ServerRoot ${folder}\n${load}\nPidFile ${folder}/pid\nErrorLog ${folder}/error.log\nServerName localhost
        User www-data\nGroup www-data\nMutex posixsem\nListen 127.0.0.1:${port}\nSSLRandomSeed startup builtin
        DirectoryIndex index.html\nDocumentRoot ${folder}\n<Directory ${folder}>\nRequire all granted\n</Directory>
        SSLEngine on\nSSLProtocol -all +TLSv1.2 +TLSv1.3\nSSLCertificateFile ${folder}/server.pem
        SSLVerifyClient require\nSSLVerifyDepth 3\nSSLCACertificateFile ${certificates().clientCasFile}\n`,
      args: ['-X', '-f', join(folder, 'conf')],
    }
  },
  haproxy: (folder, port) => ({
    file: `global\n  tune.ssl.default-dh-param 2048
defaults\n  mode http\n  timeout client 5s\n  timeout connect 5s\n  timeout server 5s
frontend one
  bind 127.0.0.1:${port} ssl crt ${folder}/server.pem ca-file ${certificates().clientCasFile} verify required ssl-min-ver TLSv1.2
  http-request return status 200 content-type text/plain string hello\n`,
    args: ['-db', '-f', join(folder, 'conf')],
  }),
}

async function startProgram(name: ServerName): Promise<RealServer> {
  const { folder, serverEc } = certificates()
  const own = mkdtempSync(join(folder, `${name}-`))
  // httpd gives up root; keys stay readable for root alone.
  for (const path of [folder, own]) chmodSync(path, 0o755)
  writeFileSync(join(own, 'server.pem'), serverEc.cert + serverEc.key, { mode: 0o600 })
  const port = await freePort()
  const { file, args } = configurations[name]?.(own, port) ?? { file: '', args: [] }
  writeFileSync(join(own, 'conf'), file)
  const child = spawn(programs[name] ?? name, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (bytes) => {
    said += bytes
  })
  try {
    await reachable(port, child)
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}\n${said}`)
  }
  return {
    port,
    stop: async () => {
      if (child.exitCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    },
  }
}

async function startNode(): Promise<RealServer> {
  const { serverEc, clientCas } = certificates()
  const server = tlsServer(
    { cert: serverEc.cert, key: serverEc.key, ca: clientCas, requestCert: true },
    (socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'))
    },
  )
  server.on('tlsClientError', () => {})
  const port = await listen(server)
  return { port, stop: async () => void server.close() }
}

/** Starts a server. */
export async function startServer(name: ServerName): Promise<RealServer> {
  if (name === 'node') return startNode()
  if (name !== 'openssl') return startProgram(name)
  return opensslServer(
    '-www',
    '-Verify',
    '3',
    '-verify_return_error',
    '-CAfile',
    certificates().clientCasFile,
  )
}
