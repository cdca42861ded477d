/**
 * Answers of an origin that are not the canary's.
 * @module
 */
import type { ServerResponse } from 'node:http'

/** A complete JSON answer. */
export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}

const reasons = {
  missing: 'No required SSL certificate was sent',
  bad: 'The SSL certificate error',
} as const

/** What nginx answers to any request on a connection without the client certificate it wants; the connection ends. */
export function answerLikeNginx(response: ServerResponse, reason: keyof typeof reasons): void {
  const text = reasons[reason]
  const body = Buffer.from(
    [
      '<html>',
      `<head><title>400 ${text}</title></head>`,
      '<body>',
      '<center><h1>400 Bad Request</h1></center>',
      `<center>${text}</center>`,
      '<hr><center>nginx</center>',
      '</body>',
      '</html>',
      '',
    ].join('\r\n'),
  )
  response
    .writeHead(400, { 'content-type': 'text/html', 'content-length': body.length, connection: 'close' })
    .end(body)
}
