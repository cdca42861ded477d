/**
 * A transcript for people: one message per line.
 * @module
 */
import { renderDetail } from './render-detail.ts'
import { escapeText } from './text.ts'
import type { Message, Transcript, VerdictPoint } from './types.ts'

const verdicts: Readonly<Record<VerdictPoint, string>> = {
  none: 'no verdict on a client certificate was seen',
  'in-handshake': 'refused during the handshake',
  'after-handshake': 'refused after the handshake, before any application data',
  application: 'TLS let the connection through, application data came',
}

/**
 * A transcript as text lines: what was negotiated, one line per message (arrow, time, name, what matters in it),
 * where the verdict fell, and what could not be read. Needs no further redaction: a transcript holds no secret and no
 * application data. Text that came from a peer has its control characters escaped.
 */
export function renderTranscript(transcript: Transcript): string[] {
  const { certificateRequest: request, verdictPoint, problems } = transcript
  const asked =
    request === undefined ? 'no certificate asked for' : `certificate asked for${request.late ? ' late' : ''}`
  return [
    summary(transcript),
    ...transcript.messages.map(line),
    `verdict: ${verdictPoint} (${verdicts[verdictPoint]}; ${asked})`,
    ...problems.map((problem) => `problem: ${problem}`),
  ].map(escapeText)
}

function summary({ version, cipher, serverName, alpn, resumed }: Transcript): string {
  const parts = [version ?? 'no version negotiated', cipher, resumed ? 'resumed' : undefined]
  if (serverName !== undefined) parts.push(`SNI ${serverName}`)
  if (alpn !== undefined) parts.push(`ALPN ${alpn}`)
  return parts.filter((part) => part !== undefined).join(' · ')
}

function line(message: Message): string {
  const arrow = message.from === 'client' ? '→' : '←'
  const time = `${message.at.toFixed(1)} ms`.padStart(11)
  const lock = message.opaque ? 'opaque' : message.encrypted ? 'enc' : ''
  const text = renderDetail(message)
  return `${arrow}${time}  ${lock.padEnd(6)}  ${message.name}${text === '' ? '' : `  ${text}`}`
}
