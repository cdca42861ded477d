/**
 * Refusals that carry what the application says: an error page that was handed to the application, a status of somebody's own
 * above an open door. Pure.
 * @module
 */
import type { HttpAnswer, Outcome, Proof } from './types.ts'

/**
 * What stands behind an answer that is no proof of the application. `open`: what a valid certificate is given. `perhaps`: the
 * text that was declared as the application's, or the same few bytes as a valid certificate is given. `closed`: neither.
 */
export type Behind = 'open' | 'perhaps' | 'closed'

/** The same answer of fewer bytes may be a coincidence: `{}` is everybody's. */
const telling = 32

/** The text that is the application's alone, as declared; undefined where a canary proves, or no text is declared. */
export const declaredText = ({ canary, request }: Proof): string | undefined =>
  canary === undefined ? request?.allowed.bodyContains : undefined

/** An answer has the text that is declared as the application's. */
export function hasDeclaredText({ body }: Pick<HttpAnswer, 'body'>, proof: Proof): boolean {
  const text = declaredText(proof)
  return text !== undefined && text !== '' && body.includes(text)
}

/** What an answer is compared with. */
export interface Comparison {
  proof: Proof
  /** What a valid certificate gets there; undefined: there is none. */
  valid: Outcome | undefined
  /** What the same visitor gets at a path that no application has; undefined: not asked. */
  nowhere?: Outcome
}

/**
 * Judges an answer that is not proven to be the application's. Open is the very answer of a valid certificate, under whatever
 * status; and one mostly like it, with the declared text, where the same visitor is not shown that text at a path that no
 * application has: no page of a server's own knows which paths there are.
 */
export function behindRefusal({ verdict, http }: Outcome, { proof, valid, nowhere }: Comparison): Behind {
  if (verdict === 'allowed' || http === undefined || http.body.length === 0) return 'closed'
  const theirs = valid?.verdict === 'allowed' && valid.canary === undefined ? valid.http?.body : undefined
  const text = hasDeclaredText(http, proof)
  if (theirs?.equals(http.body) === true) return text || http.body.length >= telling ? 'open' : 'perhaps'
  if (!text) return 'closed'
  const byPath = nowhere?.http !== undefined && !hasDeclaredText(nowhere.http, proof) && !echoes(proof)
  return byPath && theirs !== undefined && mostlyAlike(theirs, http.body) ? 'open' : 'perhaps'
}

/** Pages that repeat the path have the text there and nowhere else. */
const echoes = (proof: Proof): boolean => proof.request?.path.includes(declaredText(proof) ?? '') === true

/** More than half of the longer one is the same at both ends. */
function mostlyAlike(one: Buffer, other: Buffer): boolean {
  const shorter = Math.min(one.length, other.length)
  let head = 0
  while (head < shorter && one[head] === other[head]) head += 1
  let tail = 0
  while (tail < shorter - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1
  return head + tail > Math.max(one.length, other.length) / 2
}

/** The outcome of an answer that turned out to be what a valid certificate is given. */
export const asWayIn = (outcome: Outcome): Outcome => ({
  ...outcome,
  verdict: 'allowed',
  code: 'proof-pattern',
  layer: 'http',
  summary: `HTTP ${outcome.http?.status ?? 'none'}, with what a valid certificate is given: the application answered`,
})

/** What to do where an answer is `perhaps` the application's. */
export const chooseText =
  'a refusal that shows the text too, or the application answering under that status: nobody can tell. Give requests a bodyContains that only the application has (a canary is better), or declare the page in mtls.refusal'
