/**
 * The answers the edge gives itself.
 * @module
 */
import type { Faults } from '../faults.ts'
import { statusText } from './certificate-headers.ts'
import type { AnswerHead, Exchange } from './exchange.ts'
import type { Verdict } from './verdict.ts'
import type { Block } from './waf.ts'

/** The edge's own page for a refused request. */
export const defaultRefusalPage = Buffer.from(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Access denied</title></head>
<body><h1>Access denied</h1><p>The owner of this site does not allow this request.</p></body>
</html>
`)

/** A refusal: status, headers and body, byte for byte the same for every reason (RFC 9440 §2.4). */
export function refusalOf(
  { response }: Block,
  verdict: Verdict,
  faults: Faults,
): { head: AnswerHead; body: Buffer } {
  const configured = response ?? {
    status: 403,
    contentType: 'text/html; charset=utf-8',
    body: defaultRefusalPage,
  }
  const leaks = verdict.status === 'invalid' && faults.has('edge.refusal-leaks-reason')
  const reason = statusText(verdict, 'enforce', faults)
  const body = leaks
    ? Buffer.from(`${JSON.stringify({ error: reason })}\n`)
    : faults.has('edge.refusal-body')
      ? Buffer.concat([configured.body, Buffer.from('\n')])
      : configured.body
  const cacheControl = faults.has('edge.refusal-cacheable') ? 'public, max-age=300' : 'no-store'
  return {
    head: {
      status: faults.has('edge.refusal-status') ? 401 : configured.status,
      headers: [
        ['content-type', faults.has('edge.refusal-content-type') ? 'text/plain' : configured.contentType],
        ['cache-control', cacheControl],
      ],
    },
    body,
  }
}

const plain = [
  ['content-type', 'text/plain'],
  ['cache-control', 'no-store'],
] as const

/** An answer without any styling: what SNI that differs from Host gets, and the edge's own errors. */
export function answerBare(
  exchange: Exchange,
  status: number,
  text: string,
  more: AnswerHead['headers'] = [],
): void {
  exchange.answer({ status, headers: [...plain, ...more] }, Buffer.from(`${text}\n`))
}

/** To https, without content. */
export function answerRedirect(exchange: Exchange, location: string): void {
  exchange.answer({ status: 301, headers: [['location', location]] })
}
