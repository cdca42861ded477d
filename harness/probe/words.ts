/**
 * Answers that say in their own words that a client certificate is what is missing or wrong: edges, proxies and applications
 * refuse with pages of their own making. Words alone are not believed: the handshake must have asked for a certificate, and the
 * page must be short and say it in one statement. Pure.
 * @module
 */
import type { Transcript } from '../wire/types.ts'
import { type Judgement, quote } from './judge.ts'
import type { HttpAnswer, Proof } from './types.ts'

/** Statuses that refuse somebody for who they are. 404 and 421 are about what was asked for, whatever their page says. */
const refusing: ReadonlySet<number> = new Set([400, 401, 403])

/** Longer is no refusal but a page that also mentions certificates. Bytes as sent, characters without markup. */
const most = { bytes: 16_384, text: 2000, statement: 300 } as const

const subject = /\b(?:certificates?|certs?|mtls|mutual tls)\b/
/** Certificates that are not the visitor's. */
const others =
  /\b(?:server|origin|upstream|backend|host|birth|gift|training|medical) cert|\bcertificates? (?:of|in) /
const lack = new RegExp(
  [
    '\\b(?:requir(?:e|es|ed|ing)|needs?|needed|must|missing|without|lacks?|invalid|untrusted|unknown|unrecogni[sz]ed)\\b',
    '\\b(?:expired|revoked|unverified|fail(?:s|ed|ure)?|reject(?:s|ed)?|denied|refused)\\b',
    '\\bno (?:[\\w.]+ ){0,3}cert',
    '\\bnot (?:been |be )?(?:provided|presented|sent|supplied|given|found|trusted|valid|validated|verified|accepted)\\b',
    '\\bnot (?:been |be )?(?:recogni[sz]ed|authori[sz]ed|authenticated|allowed|known|registered|present)\\b',
    '\\b(?:present|provide|install|supply|send|select|choose|use) (?:a|an|your|the)\\b',
  ].join('|'),
)

/** Text between tags; what scripts and styles hold is none. */
function withoutMarkup(page: string): string {
  let text = ''
  let at = 0
  for (const tag of page.matchAll(/<(script|style|!--)?[^<>]*>/gi)) {
    if (tag.index < at) continue
    text += `${page.slice(at, tag.index)}\n`
    at = tag.index + tag[0].length
    const name = tag[1]?.toLowerCase()
    if (name !== 'script' && name !== 'style') continue
    const end = page.toLowerCase().indexOf(`</${name}`, at)
    at = end === -1 ? page.length : end
  }
  return text + page.slice(at)
}

/** The statement of a short page that names the client certificate as what is missing or wrong; undefined: none does. */
export function certificateWords({ body, truncated }: HttpAnswer): string | undefined {
  if (truncated || body.length > most.bytes) return undefined
  const text = withoutMarkup(body.toString('utf8')).trim()
  if (text.length > most.text) return undefined
  return text
    .split(/\.(?=\s|$)|[!?;,:\r\n"“”{}[\]()|]+/)
    .map((part) => part.trim())
    .find((part) => part.length <= most.statement && isAboutIt(plainly(part)))
}

/** Codes as people would say them: `client_certificate_required`, `ClientCertificateRequired`. */
const plainly = (part: string): string =>
  part
    .replace(/([a-z])([A-Z][a-z])/g, '$1 $2')
    .replace(/[\s_-]+/g, ' ')
    .toLowerCase()

const isAboutIt = (words: string): boolean => subject.test(words) && lack.test(words) && !others.test(words)

/**
 * The judgement of an answer, with its own words heard: a refusal that names the certificate is explicit; a 2xx that names it is
 * no proof of the application where nothing says how the application answers, and no refusal either.
 */
export function hearWords(
  judgement: Judgement,
  http: HttpAnswer | undefined,
  transcript: Pick<Transcript, 'certificateRequest'>,
  proof: Proof,
): Judgement {
  if (http === undefined || transcript.certificateRequest === undefined) return judgement
  const { verdict, code, attribution } = judgement
  const assumed =
    verdict === 'allowed' &&
    code === 'proof-pattern' &&
    proof.canary === undefined &&
    proof.request === undefined
  const generic = code === 'http-refused' && attribution === 'generic' && refusing.has(http.status)
  if (!assumed && !generic) return judgement
  const words = certificateWords(http)
  if (words === undefined) return judgement
  return generic
    ? { ...judgement, attribution: 'explicit', summary: `refused with HTTP ${http.status}: ${quote(words)}` }
    : {
        verdict: 'inconclusive',
        code: 'http-unproven',
        layer: 'http',
        summary: `HTTP ${http.status}, but the page says ${quote(words)}: a refusal, or the application (give mtls.refusal, or requests)`,
      }
}
