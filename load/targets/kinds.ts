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
  /** It names every client certificate it reads in {@link seenFile}. Not where CPU is measured: writing costs some. */
  counted?: boolean
}

/** Where a counted server writes: what it is configured to, and its standard output. */
export const seenFile = ({ dir }: Pick<ServerFiles, 'dir'>): string => join(dir, 'seen.log')

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
  /** What its count of certificates is made of. */
  counts: string
  /** How its log tells of a certificate that it refused, where it does not name it: by the address of the client. */
  refusal?: (address: string) => RegExp
}

/** Occurs in what the application answers and nowhere else. */
export const marker = 'the measured application'

const isRoot = ({ inContainer = false }: ServerFiles): boolean => inContainer || process.getuid?.() === 0

const nginx = (files: ServerFiles): string => {
  const { dir, port, controlPort, depth, counted = false } = files
  return `
${isRoot(files) ? 'user root;' : ''}
daemon off; worker_processes 1; pid ${dir}/nginx.pid; error_log ${dir}/error.log warn;
events { worker_connections 256; }
http {
  ${counted ? "log_format seen '$ssl_client_fingerprint';" : ''}
  access_log ${counted ? `${seenFile(files)} seen` : 'off'};
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

// A refused handshake has a log line of its own format; what HAProxy keeps of the certificate is in it too.
const haproxySeen = `
  log global
  log-format "seen %[ssl_c_sha1,hex]"
  error-log-format "refused %[ssl_c_sha1,hex]"`

const haproxy = ({ dir, port, controlPort, counted = false }: ServerFiles): string => {
  const tls = `ssl crt ${dir}/both.pem no-tls-tickets`
  return `
global
  log stdout format raw local0 ${counted ? 'info' : 'emerg'}
  nbthread 1
  maxconn 256
  tune.ssl.cachesize 0
defaults
  mode http${counted ? haproxySeen : ''}
  timeout client 10s
  timeout server 10s
  timeout connect 10s
frontend mtls
  bind 127.0.0.1:${port} ${tls} ca-file ${dir}/ca.pem verify required
  bind 127.0.0.1:${controlPort} ${tls}
  http-request return status 200 content-type text/plain string "${marker}"
`
}

// Node destroys the connection of a bad certificate before anybody is told: its certificate is read on the way out.
const nodeSeen = (files: ServerFiles): string => `
  const { TLSSocket } = require('node:tls'), { appendFileSync } = require('node:fs')
  const { _destroy } = TLSSocket.prototype
  TLSSocket.prototype._destroy = function (...args) {
    const { fingerprint256 } = this.getPeerCertificate() ?? {}
    if (fingerprint256 !== undefined) appendFileSync('${seenFile(files)}', fingerprint256 + '\\n')
    return _destroy.apply(this, args)
  }`

const node = (files: ServerFiles): string => {
  const { dir, port, controlPort, counted = false } = files
  return `${counted ? nodeSeen(files) : ''}
  const { readFileSync } = require('node:fs'), { createServer } = require('node:https')
  const tls = { cert: readFileSync('${dir}/server.pem'), key: readFileSync('${dir}/server.key') }
  const answer = (_, response) => response.end('${marker}')
  createServer(tls, answer).listen(${controlPort}, '127.0.0.1')
  createServer({ ...tls, ca: readFileSync('${dir}/ca.pem'), requestCert: true, rejectUnauthorized: true }, answer).listen(${port}, '127.0.0.1')`
}

const httpdModules = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules', '/usr/lib/httpd/modules']

const httpd = (files: ServerFiles): string => {
  const { dir, port, controlPort, depth, inContainer = false, counted = false } = files
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
${
  counted
    ? `ErrorLog "${seenFile(files)}"
LogLevel emerg ssl:info
LogFormat "%{SSL_CLIENT_M_SERIAL}x" seen
CustomLog "${seenFile(files)}" seen`
    : `ErrorLog "${dir}/error.log"
LogLevel emerg`
}
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

const caddySeen = `debug
	log {
		output stdout
		level DEBUG
		include http.stdlib http.log.access
	}`

const caddy = ({ dir, port, controlPort, counted = false }: ServerFiles): string => {
  const site = (listen: number, auth: string): string => `
https://:${listen} {
	bind 127.0.0.1
	tls ${dir}/server.pem ${dir}/server.key {
		protocols tls1.2 tls1.3
${auth}
	}${counted ? '\n\tlog' : ''}
	respond "${marker}"
}`
  return `{
	admin off
	auto_https off
	servers {
		protocols h1 h2
	}
	${
    counted
      ? caddySeen
      : `log {
		output discard
	}`
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
    counts: 'its access log: the fingerprint of the certificate of every request, refused or not',
  },
  haproxy: {
    file: 'haproxy.cfg',
    text: haproxy,
    commands: ['haproxy'],
    args: (path) => ['-db', '-f', path],
    version: ['-v'],
    signal: 'SIGKILL',
    image: 'haproxy',
    counts: 'its log of requests and of failed handshakes: the fingerprint of the certificate',
  },
  httpd: {
    file: 'httpd.conf',
    text: httpd,
    commands: ['apache2', 'httpd'],
    args: (path) => ['-f', path, '-DFOREGROUND'],
    version: ['-v'],
    signal: 'SIGTERM',
    image: 'httpd',
    counts: 'its access log, and the errors of mod_ssl: the serial number of the certificate',
  },
  caddy: {
    file: 'Caddyfile',
    text: caddy,
    commands: ['caddy'],
    args: (path) => ['run', '--config', path, '--adapter', 'caddyfile'],
    version: ['version'],
    signal: 'SIGTERM',
    image: 'caddy',
    counts:
      'its access log: the serial number of the certificate; of a refused one, which it does not name, that one was refused from the address that this kind of client has for itself',
    refusal: (address) =>
      new RegExp(
        `TLS handshake error from ${address.replaceAll('.', '\\.')}:\\d+: tls: failed to verify (client )?certificate`,
      ),
  },
  node: {
    file: 'server.cjs',
    text: node,
    commands: ['node'],
    args: (path) => [path],
    version: ['--version'],
    signal: 'SIGKILL',
    image: 'nginx',
    counts: 'what getPeerCertificate() gives when the connection ends, let in or not',
  },
} as const satisfies Record<string, TargetKind>

/** One of the servers. */
export type TwoPortKind = keyof typeof targetKinds

/** Their names. */
export const targetNames = Object.keys(targetKinds) as TwoPortKind[]
