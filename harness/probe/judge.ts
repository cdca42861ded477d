/**
 * The outcome rules (DESIGN 4.3), as pure functions: from what was observed to what it means.
 * @module
 */
import type { Alert } from '../wire/types.ts'
import type { AllowedPattern, Attribution, HttpAnswer, Outcome } from './types.ts'

/** The part of an {@link Outcome} that the rules decide. */
export type Judgement = Pick<Outcome, 'verdict' | 'code' | 'layer' | 'summary'> & {
  attribution?: Attribution
  alert?: Alert
}

/** Text without control and direction characters, on one line. */
export const printable = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ').trim()

/** Server text for a sentence: one line, no control characters, cut. */
export const quote = (text: string, max = 80): string => {
  const clean = printable(text)
  return clean.length > max ? `“${clean.slice(0, max)}…”` : `“${clean}”`
}

/** What says nothing about access. */
export const undecided = (layer: Outcome['layer'], code: Outcome['code'], summary: string): Judgement => ({
  verdict: 'inconclusive',
  code,
  layer,
  summary,
})

/** HTTP/2 errors are a refusal: the request was not taken. REFUSED_STREAM and ENHANCE_YOUR_CALM say nothing of the kind. */
export function judgeReset(what: string, code: number): Judgement {
  const summary = `${what}: HTTP/2 error ${code}`
  if (code === 7 || code === 11 || code === 0) return undecided('http', 'http-unproven', summary)
  return { verdict: 'refused', code: 'http-refused', layer: 'http', attribution: 'generic', summary }
}

/** Judges an HTTP answer. `proved` says what was proven about the application, if anything. */
export function judgeAnswer(
  answer: HttpAnswer,
  proof: 'nonce' | 'pattern' | 'assumed' | 'text' | 'unproven',
): Judgement {
  const status = `HTTP ${answer.status}`
  const http = (
    verdict: Outcome['verdict'],
    code: Outcome['code'],
    summary: string,
    attribution?: Attribution,
  ) => ({
    verdict,
    code,
    layer: 'http' as const,
    summary,
    ...(attribution === undefined ? {} : { attribution }),
  })
  if (proof === 'nonce')
    return http(
      'allowed',
      'proof-nonce',
      `reached the origin: the canary answered with a fresh nonce (${status})`,
    )
  if (proof === 'pattern')
    return http('allowed', 'proof-pattern', `the application answered as declared (${status})`)
  if (proof === 'assumed')
    return http(
      'allowed',
      'proof-pattern',
      `${status}, taken for the application: no other answer is declared`,
    )
  if (answer.status === 429)
    return http('inconclusive', 'rate-limited', `${status}: rate limited, says nothing about access`)
  if (answer.status === 408)
    return http(
      'inconclusive',
      'timeout',
      `${status}: the server was tired of waiting, says nothing about access`,
    )
  if (isChallenge(answer))
    return http('inconclusive', 'challenge-page', `${status}: a bot challenge answered instead`)
  if (answer.status >= 500)
    return http('inconclusive', 'server-error', `${status}: server error, says nothing about access`)
  if (proof === 'text')
    return http(
      'inconclusive',
      'http-unproven',
      `${status}, with the text that was declared as the application’s`,
    )
  const to = header(answer, 'location')
  // 300 and 304, and a 3xx that names no place, send nobody anywhere.
  if (answer.status >= 300 && answer.status < 400 && to !== undefined) {
    return http('refused', 'http-redirect', `${status}: redirected to ${quote(to)}`, 'generic')
  }
  if (answer.status >= 400) {
    const named = refusalText(answer)
    const because = named === undefined ? '' : `: ${quote(named)}`
    return http(
      'refused',
      'http-refused',
      `refused with ${status}${because}`,
      named === undefined ? 'generic' : 'explicit',
    )
  }
  return http(
    'inconclusive',
    'http-unproven',
    `${status}, but not from the application: no fresh nonce and not the declared answer`,
  )
}

const header = (answer: HttpAnswer, name: string): string | undefined =>
  answer.headers.find(([key]) => key.toLowerCase() === name)?.[1]

const isChallenge = (answer: HttpAnswer): boolean => header(answer, 'cf-mitigated') === 'challenge'

/** Where httpd wanted to ask after the request, and could not. */
export const lateText = /Cannot perform Post-Handshake Authentication/i

/**
 * The words of servers that refuse for the client certificate and say so: nginx (400 with its own text, 495, 496) and
 * httpd where it wanted to ask after the request. Other pages are heard only where a certificate was asked for (words.ts).
 */
const serverTexts: readonly { status: number; text: RegExp }[] = [
  { status: 400, text: /No required SSL certificate was sent|The SSL certificate error/ },
  { status: 403, text: lateText },
]

function refusalText({ status, body }: HttpAnswer): string | undefined {
  if (status === 495) return 'SSL Certificate Error'
  if (status === 496) return 'SSL Certificate Required'
  const known = serverTexts.find((one) => one.status === status)
  return known?.text.exec(body.toString('utf8'))?.[0]
}

/** Does the answer look the way the deployment says the application answers? */
export function matchesPattern(answer: HttpAnswer, pattern: AllowedPattern | undefined): boolean {
  // Nothing declared: any 2xx is taken for the application. That errs on the side of a finding, never of a pass.
  if (pattern === undefined) return answer.status >= 200 && answer.status < 300
  if (pattern.status !== undefined && ![pattern.status].flat().includes(answer.status)) return false
  if (pattern.bodyContains !== undefined && !answer.body.includes(pattern.bodyContains)) return false
  return Object.entries(pattern.headers ?? {}).every(
    ([name, part]) => header(answer, name.toLowerCase())?.includes(part) === true,
  )
}
