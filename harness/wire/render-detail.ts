/**
 * The part of a message's line that depends on what the message is.
 * @module
 */
import type { Message, WireCertificate } from './types.ts'

type Detail = Record<string, unknown>

const words = (detail: Detail, key: string): string[] => {
  const value = detail[key]
  return Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)]
}

// Long lists are cut: a server may name thousands of CAs.
function list(label: string, items: string[], most = 12): string[] {
  if (items.length === 0) return []
  const more = items.length > most ? `, … ${items.length - most} more` : ''
  return [`${label} ${items.slice(0, most).map(cut).join(', ')}${more}`]
}

const cut = (text: string): string => (text.length > 160 ? `${text.slice(0, 160)}…` : text)
const real = (names: string[]): string[] => names.filter((name) => name !== 'GREASE')

function certificate({ subject, fingerprint256, length }: WireCertificate): string {
  return length === 0 ? subject : `${cut(subject)} (…${fingerprint256.slice(-8)})`
}

const renderers: Readonly<Record<string, (detail: Detail) => string[]>> = {
  ClientHello: (detail) => [
    ...list('SNI', words(detail, 'serverName')),
    ...list('ALPN', words(detail, 'alpn')),
    ...list('versions', real(words(detail, 'versions'))),
    `${words(detail, 'cipherSuites').length} suites`,
    ...list('groups', real(words(detail, 'groups'))),
    ...(detail.sessionTicketLength ? ['session ticket offered'] : []),
    ...(detail.pskIdentities ? ['PSK offered'] : []),
    ...(detail.earlyData === true ? ['early data'] : []),
    ...(detail.postHandshakeAuth === true ? ['post-handshake authentication offered'] : []),
  ],
  ServerHello: (detail) => [
    ...words(detail, 'version'),
    ...words(detail, 'cipherSuite'),
    ...words(detail, 'group'),
    ...list('ALPN', words(detail, 'alpn')),
    ...(detail.preSharedKey === true ? ['PSK accepted'] : []),
    ...(detail.encryptThenMac === true ? ['encrypt-then-MAC'] : []),
    ...(detail.extendedMasterSecret === true ? ['extended master secret'] : []),
  ],
  HelloRetryRequest: (detail) => list('asks for', words(detail, 'group')),
  EncryptedExtensions: (detail) => [
    ...list('ALPN', words(detail, 'alpn')),
    ...(detail.earlyData === true ? ['early data accepted'] : []),
  ],
  CertificateRequest: (detail) => {
    const names = words(detail, 'caNames')
    return [
      ...(names.length === 0
        ? ['no CA names']
        : list(
            `${names.length} CA names:`,
            names.map((name) => `"${name}"`),
          )),
      ...list('signatures', words(detail, 'signatureAlgorithms'), 30),
      ...list('types', words(detail, 'certificateTypes')),
    ]
  },
  Certificate: (detail) => {
    const certificates = (detail.certificates ?? []) as WireCertificate[]
    return [certificates.length === 0 ? 'empty' : certificates.slice(0, 12).map(certificate).join(' ← ')]
  },
  CertificateVerify: (detail) => words(detail, 'scheme'),
  ServerKeyExchange: (detail) => [...words(detail, 'group'), ...words(detail, 'scheme')],
  NewSessionTicket: (detail) => [
    `lifetime ${detail.lifetime} s`,
    ...(detail.maxEarlyData === undefined ? [] : [`early data up to ${detail.maxEarlyData} bytes`]),
  ],
  KeyUpdate: (detail) => (detail.requested === true ? ['update requested'] : []),
}

/** What matters in a message; empty where its name says it all. Not escaped. */
export function renderDetail(message: Message): string {
  const { content, name, detail, length, opaque } = message
  if (content === 'alert') return opaque ? '' : `${detail.level} (${detail.code})`
  if (content === 'application_data' || opaque) return `${length} bytes`
  // A message that could not be read has no detail.
  if (Object.keys(detail).length === 0) return ''
  if (detail.skipped === true) return `${length} bytes, not read`
  return renderers[name]?.(detail).join(' · ') ?? ''
}
