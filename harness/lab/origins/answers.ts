/**
 * Answers of an origin that are not the canary's.
 * @module
 */
import type { ServerResponse } from 'node:http'
import type { Refusal } from './client-certificate.ts'

/** A complete JSON answer. */
export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}

const pages: Readonly<Record<Refusal, { status: number; title: string; text: string | undefined }>> = {
  missing: { status: 400, title: '400 Bad Request', text: 'No required SSL certificate was sent' },
  bad: { status: 400, title: '400 Bad Request', text: 'The SSL certificate error' },
  other: { status: 403, title: '403 Forbidden', text: undefined },
  address: { status: 403, title: '403 Forbidden', text: undefined },
}

/**
 * What nginx answers to any request on a connection without the client certificate it wants; the connection ends. For
 * somebody else's good certificate `return 403`, for an address `deny`: the page says nothing of certificates.
 */
export function answerLikeNginx(response: ServerResponse, reason: Refusal): void {
  const { status, title, text } = pages[reason]
  const body = Buffer.from(
    [
      '<html>',
      `<head><title>${text === undefined ? title : `${status} ${text}`}</title></head>`,
      '<body>',
      `<center><h1>${title}</h1></center>`,
      ...(text === undefined ? [] : [`<center>${text}</center>`]),
      '<hr><center>nginx</center>',
      '</body>',
      '</html>',
      '',
    ].join('\r\n'),
  )
  response
    .writeHead(status, { 'content-type': 'text/html', 'content-length': body.length, connection: 'close' })
    .end(body)
}
