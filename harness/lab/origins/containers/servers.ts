/**
 * The servers as data: what they can do, and what their templates are filled with.
 * @module
 */
import { X509Certificate } from 'node:crypto'
import { HarnessError } from '../../../errors.ts'
import { readCrl } from '../../../pki/crl.ts'
import { certificatesIn, pemBlocks, toPem } from '../../../pki/pem.ts'
import type { TemplateValues } from './template.ts'
import type { ClientCertificateMode, ContainerName, ContainerSettings } from './types.ts'

/** Where a container listens, inside. */
export interface InnerPorts {
  /** `0.0.0.0` with published ports, `127.0.0.1` on the host's network. */
  address: string
  plain: number
  tls: number
  application: number
  /** Of the target of `alb`. */
  target: number
}

/** One kind of server. */
export interface ServerKind {
  /** Debian package whose version it has, and how it is called. */
  package: string
  title: string
  /** Its modes with the words of its configuration; '' asks nobody. */
  modes: Partial<Record<ClientCertificateMode, string>>
  /** Modes that verify, and so need a bundle. */
  verifying: readonly ClientCertificateMode[]
  hasCrl: boolean
  /** Templates in `fixtures/containers/<name>/`. */
  templates: readonly string[]
  /** Values that only this server's templates have. */
  values: (settings: ContainerSettings, folder: string) => TemplateValues
}

const webServer: readonly ClientCertificateMode[] = ['optional', 'required']
const haproxyTrust = ({ crl }: ContainerSettings, folder: string): string =>
  ` ca-file ${folder}/trust.pem${crl === '' ? '' : ` crl-file ${folder}/crl.pem`}`
/** The verdict is kept for the rules instead of ending the handshake, and no CA is named in the CertificateRequest. */
const ignoreErrors = ' verify optional ca-ignore-err all crt-ignore-err all no-ca-names'

/** Caddy's `trusted_ca_cert_file` reads the first certificate of a file and no other: the bundle as one file each. */
export const trustFiles = (trust: string): { name: string; content: string }[] =>
  certificatesIn(trust).map((der, at) => ({
    name: `trust-${at + 1}.pem`,
    content: toPem('CERTIFICATE', der),
  }))

/** What each server is and has. */
export const serverKinds: Readonly<Record<ContainerName, ServerKind>> = {
  nginx: {
    package: 'nginx-light',
    title: 'nginx',
    modes: { off: '', optional: 'optional', required: 'on' },
    verifying: webServer,
    hasCrl: true,
    templates: ['nginx.conf'],
    values: ({ maxVersion }) => ({
      protocols: maxVersion === 'TLSv1.2' ? 'TLSv1.2' : 'TLSv1.2 TLSv1.3',
    }),
  },
  httpd: {
    package: 'apache2-bin',
    title: 'Apache httpd',
    modes: { off: '', optional: 'optional', required: 'require' },
    verifying: webServer,
    hasCrl: true,
    templates: ['httpd.conf'],
    values: ({ maxVersion }) => ({
      protocols: maxVersion === 'TLSv1.2' ? '+TLSv1.2' : '+TLSv1.2 +TLSv1.3',
    }),
  },
  haproxy: {
    package: 'haproxy',
    title: 'HAProxy',
    modes: { off: '', optional: 'optional', required: 'required' },
    verifying: webServer,
    hasCrl: true,
    templates: ['haproxy.cfg', 'crt-list'],
    values: (settings, folder) => ({
      forAll: settings.onlyFor === '' ? 'yes' : undefined,
      // Under other names nobody is asked for a certificate.
      asked: settings.onlyFor === '' ? '' : ` { ssl_fc_sni ${settings.onlyFor} }`,
      listed:
        settings.clientCertificates === 'off'
          ? 'verify none'
          : `verify ${settings.clientCertificates}${haproxyTrust(settings, folder)}`,
      verify:
        settings.clientCertificates === 'off'
          ? ''
          : ` verify ${settings.clientCertificates}${haproxyTrust(settings, folder)}`,
    }),
  },
  caddy: {
    package: 'caddy',
    title: 'Caddy',
    modes: { off: '', optional: 'verify_if_given', required: 'require_and_verify' },
    verifying: webServer,
    hasCrl: false,
    templates: ['Caddyfile'],
    values: ({ maxVersion, trust }, folder) => ({
      protocols: maxVersion === 'TLSv1.2' ? 'tls1.2' : 'tls1.3',
      trustFiles: trustFiles(trust)
        .map(({ name }) => `\t\t\ttrusted_ca_cert_file ${folder}/${name}`)
        .join('\n'),
    }),
  },
  alb: {
    package: 'haproxy',
    title: 'ALB-like, HAProxy',
    modes: { off: '', passthrough: 'passthrough', verify: 'verify' },
    verifying: ['verify'],
    hasCrl: true,
    templates: ['haproxy.cfg', 'httpd.conf'],
    values: (settings, folder) => {
      const mode = settings.clientCertificates
      // Some CA file has to be named for passthrough; nothing is verified against it.
      const trust = mode === 'verify' ? haproxyTrust(settings, folder) : ` ca-file ${folder}/server.crt`
      return {
        verify: mode === 'off' ? '' : `${trust}${ignoreErrors}`,
        enforced: mode === 'verify' ? 'yes' : undefined,
        registered: settings.target === 'unregistered' ? undefined : 'yes',
        unregistered: settings.target === 'unregistered' ? 'yes' : undefined,
        passed: mode === 'passthrough' ? 'yes' : undefined,
      }
    },
  },
}

/** Asks for nothing. */
export const defaultContainerSettings: ContainerSettings = {
  clientCertificates: 'off',
  trust: '',
  onlySubject: '',
  crl: '',
  serverCertificate: 'good',
  maxVersion: 'TLSv1.3',
  plainPort: 'open',
  onlyFor: '',
  target: 'up',
}

/** @throws HarnessError ERR_USAGE for what the server does not have, or where its configuration would be incomplete. */
export function checkSettings(name: ContainerName, settings: ContainerSettings): void {
  const kind = serverKinds[name]
  const { clientCertificates: mode, trust, crl } = settings
  const refuse = (message: string, hint: string): never => {
    throw new HarnessError('ERR_USAGE', `${name}: ${message}`, { hint })
  }
  if (!Object.hasOwn(kind.modes, mode))
    refuse(`there is no mode ${mode} for client certificates`, `use ${Object.keys(kind.modes).join(', ')}`)
  // httpd's own check reads no certificates; started with one that is none, it ends.
  if (!isBundle(trust, kind.verifying.includes(mode)))
    refuse(
      'trust has to be certificates that can be read',
      'give PEM of the CAs that signed the client certificates',
    )
  if (crl !== '' && !kind.hasCrl)
    refuse('it has no revocation lists', 'use another server, or leave crl empty')
  if (crl !== '' && !isLists(crl))
    refuse(
      'crl has to be revocation lists that can be read',
      'give PEM that begins with -----BEGIN X509 CRL-----',
    )
  if (settings.onlyFor !== '' && !isHostname(settings.onlyFor))
    refuse('onlyFor has to be a hostname', 'give one in lower case, without a wildcard')
  if (!isSubject(settings.onlySubject))
    refuse(
      'onlySubject has to be a subject of letters, digits, spaces and .-_@',
      'give it as openssl x509 -subject -nameopt RFC2253 does',
    )
  if (settings.onlyFor !== '' && name === 'alb')
    refuse('its listener has one setting for all names', 'use another server, or leave onlyFor empty')
  if (settings.target !== 'up' && name !== 'alb')
    refuse('it has no target behind it that could be down', 'only alb has one')
}

/** It becomes a word of a configuration file. */
const isHostname = (text: string): boolean =>
  text.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(text)

/** It becomes a string in quotes of a configuration file: nothing that any of the servers would read as more. */
const isSubject = (text: string): boolean =>
  text === '' || (text.length <= 256 && /^[A-Z]+=[\w .@-]+(,[A-Z]+=[\w .@-]+)*$/.test(text))

/** Certificates only, each of them one; none at all is a bundle where nothing is verified. */
function isBundle(trust: string, isNeeded: boolean): boolean {
  try {
    const certificates = certificatesIn(trust)
    for (const der of certificates) new X509Certificate(der)
    return certificates.length > 0 || (trust.trim() === '' && !isNeeded)
  } catch {
    return false
  }
}

function isLists(crl: string): boolean {
  try {
    const lists = pemBlocks(crl).filter(({ label }) => label === 'X509 CRL')
    for (const { der } of lists) readCrl(der)
    return lists.length > 0
  } catch {
    return false
  }
}

const needsCertificate: ReadonlySet<ClientCertificateMode> = new Set(['required', 'verify'])

const verifies = (name: ContainerName, { clientCertificates }: ContainerSettings): boolean =>
  serverKinds[name].verifying.includes(clientCertificates)

/** Values for the templates of a server. */
export function templateValues(
  name: ContainerName,
  settings: ContainerSettings,
  { address, plain, tls, application, target }: InnerPorts,
  folder: string,
): TemplateValues {
  const kind = serverKinds[name]
  const isOpen = settings.plainPort === 'open'
  return {
    folder,
    address,
    plain: isOpen ? `${address}:${plain}` : undefined,
    plainPort: String(plain),
    onlyFor: settings.onlyFor,
    tls: `${address}:${tls}`,
    tlsPort: String(tls),
    applicationPort: String(application),
    targetPort: String(target),
    maxVersion: settings.maxVersion,
    onlySubject: needsCertificate.has(settings.clientCertificates) ? settings.onlySubject : '',
    verify: kind.modes[settings.clientCertificates],
    crl: settings.crl !== '' && verifies(name, settings) ? `${folder}/crl.pem` : undefined,
    ...kind.values(settings, folder),
  }
}
