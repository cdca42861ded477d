/**
 * Servers that are measured, as data: configuration with two ports in one process, one that asks for a client certificate and
 * one that does not (the control lane). One worker, no session resumption, a constant answer: what differs is the handshake.
 * @module
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** What a configuration is made from. */
export interface ServerFiles {
  /** Folder with `server.pem`, `server.key`, `both.pem`, `ca.pem`. */
  dir: string
  port: number
  controlPort: number
  /** Longest chain that is verified, where the server can be told. */
  depth: number
  /** It runs in an image of the lab (Debian, as root), whatever this machine is. */
  inContainer?: boolean
}

/** One kind of server. */
export interface TargetKind {
  /** Configuration file. */
  file: string
  text: (files: ServerFiles) => string
  /** Commands, the usual one first. */
  commands: readonly string[]
  args: (path: string, dir: string) => string[]
  /** Arguments that print its version. */
  version: readonly string[]
  /** How it is asked to end. */
  signal: 'SIGTERM' | 'SIGKILL'
  /** Image of the lab that has it. */
  image: 'nginx' | 'haproxy' | 'httpd' | 'caddy'
}

/** Occurs in what the application answers and nowhere else. */
export const marker = 'the measured application'

const isRoot = ({ inContainer = false }: ServerFiles): boolean => inContainer || process.getuid?.() === 0

const nginx = (files: ServerFiles): string => {
  const { dir, port, controlPort, depth } = files
  return `
${isRoot(files) ? 'user root;' : ''}
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
}

const haproxy = ({ dir, port, controlPort }: ServerFiles): string => {
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

const node = ({ dir, port, controlPort }: ServerFiles): string => `
  const { readFileSync } = require('node:fs'), { createServer } = require('node:https')
  const tls = { cert: readFileSync('${dir}/server.pem'), key: readFileSync('${dir}/server.key') }
  const answer = (_, response) => response.end('${marker}')
  createServer(tls, answer).listen(${controlPort}, '127.0.0.1')
  createServer({ ...tls, ca: readFileSync('${dir}/ca.pem'), requestCert: true, rejectUnauthorized: true }, answer).listen(${port}, '127.0.0.1')`

const httpdModules = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules', '/usr/lib/httpd/modules']

const httpd = (files: ServerFiles): string => {
  const { dir, port, controlPort, depth, inContainer = false } = files
  const found = inContainer
    ? undefined
    : httpdModules.find((folder) => existsSync(join(folder, 'mod_ssl.so')))
  const modules = found ?? httpdModules[0]
  const host = (listen: number, verify: string): string => `
Listen 127.0.0.1:${listen}
<VirtualHost *:${listen}>
SSLEngine on
SSLProtocol -all +TLSv1.2 +TLSv1.3
SSLSessionTickets off
SSLCertificateFile "${dir}/server.pem"
SSLCertificateKeyFile "${dir}/server.key"
${verify}
</VirtualHost>`
  return `
ServerRoot "${dir}"
DefaultRuntimeDir "${dir}"
PidFile "${dir}/httpd.pid"
ErrorLog "${dir}/error.log"
LogLevel emerg
${['mpm_event', 'authz_core', 'ssl', 'alias'].map((name) => `LoadModule ${name}_module "${modules}/mod_${name}.so"`).join('\n')}
${isRoot(files) ? 'User #65534\nGroup #65534' : ''}
StartServers 1
ServerLimit 1
ThreadsPerChild 16
MaxRequestWorkers 16
SSLSessionCache none
ServerName localhost
# The answer without a document: a 200 with a text of ours, by redirect to nothing.
RedirectMatch 200 .*
ErrorDocument 200 "${marker}"
${host(controlPort, 'SSLVerifyClient none')}
${host(port, `SSLVerifyClient require\nSSLVerifyDepth ${depth}\nSSLCACertificateFile "${dir}/ca.pem"`)}
`
}

const caddy = ({ dir, port, controlPort }: ServerFiles): string => {
  const site = (listen: number, auth: string): string => `
https://:${listen} {
	bind 127.0.0.1
	tls ${dir}/server.pem ${dir}/server.key {
		protocols tls1.2 tls1.3
${auth}
	}
	respond "${marker}"
}`
  return `{
	admin off
	auto_https off
	servers {
		protocols h1 h2
	}
	log {
		output discard
	}
}
${site(controlPort, '')}
${site(port, `\t\tclient_auth {\n\t\t\tmode require_and_verify\n\t\t\ttrusted_ca_cert_file ${dir}/ca.pem\n\t\t}`)}
`
}

/** The servers there are. */
export const targetKinds = {
  nginx: {
    file: 'nginx.conf',
    text: nginx,
    commands: ['nginx'],
    args: (path, dir) => ['-e', `${dir}/error.log`, '-p', dir, '-c', path],
    version: ['-v'],
    signal: 'SIGTERM',
    image: 'nginx',
  },
  haproxy: {
    file: 'haproxy.cfg',
    text: haproxy,
    commands: ['haproxy'],
    args: (path) => ['-db', '-f', path],
    version: ['-v'],
    signal: 'SIGKILL',
    image: 'haproxy',
  },
  httpd: {
    file: 'httpd.conf',
    text: httpd,
    commands: ['apache2', 'httpd'],
    args: (path) => ['-f', path, '-DFOREGROUND'],
    version: ['-v'],
    signal: 'SIGTERM',
    image: 'httpd',
  },
  caddy: {
    file: 'Caddyfile',
    text: caddy,
    commands: ['caddy'],
    args: (path) => ['run', '--config', path, '--adapter', 'caddyfile'],
    version: ['version'],
    signal: 'SIGTERM',
    image: 'caddy',
  },
  node: {
    file: 'server.cjs',
    text: node,
    commands: ['node'],
    args: (path) => [path],
    version: ['--version'],
    signal: 'SIGKILL',
    image: 'nginx',
  },
} as const satisfies Record<string, TargetKind>

/** One of the servers. */
export type TwoPortKind = keyof typeof targetKinds

/** Their names. */
export const targetNames = Object.keys(targetKinds) as TwoPortKind[]
