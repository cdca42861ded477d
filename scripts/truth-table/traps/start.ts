/**
 * A server with the configuration of a trap.
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startCaddy } from '../../../fixtures/servers/caddy.ts'
import { needCommand } from '../../../fixtures/servers/command.ts'
import { startHttpd } from '../../../fixtures/servers/httpd.ts'
import { type Launch, launch } from '../../../fixtures/servers/process.ts'
import { page, type RunningServer, type ServerName } from '../../../fixtures/servers/types.ts'
import type { Place } from './trap.ts'

type Start = (lines: string, place: Place) => Promise<RunningServer>

const started = (
  { port, dir }: Place,
  rest: Pick<Launch, 'command' | 'args'> & Partial<Launch>,
): Promise<RunningServer> => launch({ port, dir, marker: page, ...rest })

const nginx: Start = async (lines, place) => {
  const { port, dir, serverCert, serverKey } = place
  const [own = '', beside = ''] = lines.split('\n===\n')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(dir, name)};`,
  )
  const file = join(dir, 'nginx.conf')
  await writeFile(
    file,
    `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${join(dir, 'nginx.pid')};
error_log ${join(dir, 'error.log')} warn;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary.join(' ')}
  server {
    listen 127.0.0.1:${port} ssl http2;
    server_name mtls.test;
    ssl_certificate ${serverCert};
    ssl_certificate_key ${serverKey};
    ${own}
  }
  ${beside}
}
`,
  )
  const args = ['-e', join(dir, 'error.log'), '-p', dir, '-c', file]
  return started(place, { command: needCommand('nginx'), args, logs: ['error.log'] })
}

const haproxy: Start = async (lines, place) => {
  const { port, dir, serverCert, serverKey } = place
  const crt = join(dir, 'cert.pem')
  const parts = await Promise.all([readFile(serverCert), readFile(serverKey)])
  await writeFile(crt, Buffer.concat(parts), { mode: 0o600 })
  const [bind = '', ...rules] = lines.split('\n')
  const isList = bind.startsWith('{list}')
  const list = join(dir, 'crt-list')
  const entries = rules.filter((rule) => rule.startsWith('cert.pem'))
  if (isList) await writeFile(list, `${entries.join('\n').replaceAll('cert.pem', crt)}\n`)
  const file = join(dir, 'haproxy.cfg')
  await writeFile(
    file,
    `global
  log stderr format raw local0 notice
  maxconn 256
  nbthread 1
  ${bind.includes('no-tls-tickets') ? 'tune.ssl.cachesize 0' : ''}
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 10s
frontend mtls
  bind 127.0.0.1:${port} ssl ${isList ? `crt-list ${list}` : `crt ${crt}`} alpn h2,http/1.1 ${bind.replace('{list}', '')}
  ${rules.filter((rule) => !entries.includes(rule)).join('\n  ')}
  http-request return status 200 content-type text/plain string "${page}\\n"
`,
  )
  return started(place, { command: needCommand('haproxy'), args: ['-db', '-f', file] })
}

const httpd: Start = (lines, { port, dir, serverCert, serverKey, ca }) =>
  startHttpd({
    rules: `FallbackResource /index.html\n${lines}`,
    protocols: 'Protocols h2 http/1.1\nSSLProtocol -all +TLSv1.2 +TLSv1.3',
    port,
    dir,
    material: { serverCert, serverKey, clientCa: ca },
  })

const caddy: Start = (lines, { port, dir, serverCert, serverKey }) => {
  const [own = '', beside = ''] = lines.split('\n===\n')
  const [auth = '', rules = ''] = own.split('\n---')
  const isGlobal = (rule: string): boolean => rule.startsWith('global ')
  const all = rules.split('\n')
  const tls = `tls ${serverCert} ${serverKey}`
  return startCaddy({
    port,
    dir,
    global: all
      .filter(isGlobal)
      .map((rule) => rule.replace('global ', ''))
      .join('\n  '),
    sites: `https://mtls.test:${port} {
  bind 127.0.0.1
  ${tls} {
    ${auth}
  }
  ${all.filter((rule) => !isGlobal(rule)).join('\n  ')}
  respond "${page}" 200
}
${beside.replaceAll('{tls}', tls)}`,
  })
}

const app = fileURLToPath(new URL('./node-app.ts', import.meta.url))
const node: Start = (rule, place) =>
  started(place, {
    command: process.execPath,
    args: [app, JSON.stringify({ rule, place })],
    env: { NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
  })

const starts: Partial<Record<ServerName, Start>> = { nginx, haproxy, httpd, caddy, node }

/** Starts a server with these lines of configuration. */
export function startWith(server: ServerName, lines: string, place: Place): Promise<RunningServer> {
  const start = starts[server]
  if (start === undefined) throw new Error(`no traps for ${server}`)
  return start(lines, place)
}
