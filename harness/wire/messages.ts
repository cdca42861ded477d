/**
 * Handshake messages: name, the parts worth showing, and what the reader of a connection needs from them.
 * @module
 */
import { Cursor, WireError } from './bytes.ts'
import {
  readCertificateRequest,
  readCertificates,
  readCertificateVerify,
  readNewSessionTicket,
} from './certificate-messages.ts'
import { type ClientHello, clientHelloDetail, readClientHello } from './client-hello.ts'
import { groupName, handshakeName, isHandshakeType, schemeName } from './names.ts'
import {
  type EncryptedExtensions,
  readEncryptedExtensions,
  readServerHello,
  type ServerHello,
  serverHelloDetail,
} from './server-hello.ts'
import type { CertificateRequest, Transcript, WireCertificate } from './types.ts'

/** What a handshake message holds, where it holds something the rest of the connection depends on. */
export interface HandshakeContent {
  clientHello?: ClientHello
  serverHello?: ServerHello
  encryptedExtensions?: EncryptedExtensions
  certificateRequest?: Omit<CertificateRequest, 'late'>
  certificates?: WireCertificate[]
  scheme?: string
  ticket?: Transcript['tickets'][number]
}

/** A handshake message, read. */
export interface HandshakeMessage extends HandshakeContent {
  name: string
  detail: Record<string, unknown>
  problems: string[]
}

/** What must be known to read a message. */
export interface HandshakeContext {
  is13: boolean
  /** IANA name of the negotiated suite, where there is one. */
  cipher: string | undefined
}

/** Reads one handshake message. Never throws: what cannot be read is a problem, and the name stands. */
export function readHandshake(type: number, body: Buffer, context: HandshakeContext): HandshakeMessage {
  const message: HandshakeMessage = { name: handshakeName(type), detail: {}, problems: [] }
  if (!isHandshakeType(type)) message.problems.push(`handshake message of unknown type ${type}`)
  try {
    const content = readers[message.name]?.(body, context, message.problems)
    if (content !== undefined) Object.assign(message, content)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    message.problems.push(error.message)
  }
  return message
}

type Reader = (
  body: Buffer,
  context: HandshakeContext,
  problems: string[],
) => HandshakeContent & { name?: string; detail: Record<string, unknown> }

const readers: Readonly<Record<string, Reader>> = {
  ClientHello: (body, _context, problems) => {
    const clientHello = readClientHello(body)
    problems.push(...clientHello.problems)
    return { clientHello, detail: clientHelloDetail(clientHello) }
  },
  ServerHello: (body, _context, problems) => {
    const serverHello = readServerHello(body)
    problems.push(...serverHello.problems)
    const detail = serverHelloDetail(serverHello)
    return { serverHello, detail, name: serverHello.retry ? 'HelloRetryRequest' : 'ServerHello' }
  },
  EncryptedExtensions: (body, _context, problems) => {
    const encryptedExtensions = readEncryptedExtensions(body)
    problems.push(...encryptedExtensions.problems)
    const { alpn, earlyData, extensions } = encryptedExtensions
    const detail = {
      ...(alpn === undefined ? {} : { alpn }),
      ...(earlyData ? { earlyData } : {}),
      extensions,
    }
    return { encryptedExtensions, detail }
  },
  CertificateRequest: (body, { is13 }, problems) => {
    const certificateRequest = readCertificateRequest(body, is13, problems)
    const { caNames, signatureAlgorithms, certificateTypes } = certificateRequest
    const types = is13 ? {} : { certificateTypes }
    return {
      certificateRequest,
      detail: { caNames: caNames.map((name) => name.text), signatureAlgorithms, ...types },
    }
  },
  Certificate: (body, { is13 }, problems) => {
    const certificates = readCertificates(body, is13, problems)
    return { certificates, detail: { certificates } }
  },
  CertificateVerify: (body) => {
    const { scheme, signatureLength } = readCertificateVerify(body)
    return { scheme, detail: { scheme, signatureLength } }
  },
  NewSessionTicket: (body, { is13 }, problems) => {
    const ticket = readNewSessionTicket(body, is13, problems)
    const { lifetime, length, maxEarlyData } = ticket
    const early = maxEarlyData === undefined ? {} : { maxEarlyData }
    return { ticket, detail: { lifetime, ticketLength: length, ...early } }
  },
  ServerKeyExchange: (body, { cipher = '' }) => {
    // Only the elliptic-curve form names its group (RFC 8422 §5.4); PSK suites put a hint in front.
    if (!/^TLS_ECDHE?_(ECDSA|RSA|anon)_/.test(cipher)) return { detail: {} }
    const cursor = new Cursor(body, 'ServerKeyExchange')
    const named = cursor.uint(1) === 3
    if (!named) return { detail: {} }
    const group = groupName(cursor.uint(2))
    cursor.vector(1)
    return { detail: { group, ...(cursor.left > 2 ? { scheme: schemeName(cursor.uint(2)) } : {}) } }
  },
  KeyUpdate: (body) => ({ detail: { requested: new Cursor(body, 'KeyUpdate').uint(1) === 1 } }),
}
