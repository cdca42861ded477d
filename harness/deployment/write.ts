/**
 * Writing a deployment file for a hostname that was looked at (`harness init`).
 * @module
 */
import { stringify } from 'yaml'
import type { Mode } from './types.ts'

/** What was learnt about the host: the part of a run's facts that is written down. */
export interface ObservedFacts {
  clientCertificate: {
    'TLSv1.2': string
    'TLSv1.3': string
    enforced: boolean | 'unknown'
    enforcedAt: string
    /** RFC 4514 names. */
    caNames: string[]
    because: string
  }
  addresses: string[]
  serverCertificate?: {
    subject: string
    issuer: string
    notAfter: string
    trusted: boolean
    trustError?: string
  }
  alpn: string[]
  server?: string
  /** Null or absent: no sign of Access was seen. */
  access?: { team: string; audience: string | null; because: string } | null
}

/** What a person has said already; written as given, the rest as placeholders. */
export interface InitAnswers {
  mode?: Mode
  canary?: string
  /** Path of a PEM file. */
  trust?: string
  /** Paths of PEM files. */
  identity?: { name: string; cert: string; key: string }
  /** Paths of PEM files. */
  ca?: { cert: string; key?: string }
}

/** What goes into the file. */
export interface InitInput {
  hostname: string
  /** ADDRESS:PORT. */
  connect?: string
  facts: ObservedFacts
  /** Further things that were seen, one sentence each. */
  observed?: readonly string[]
  answers?: InitAnswers
}

/**
 * The text of a deployment file. Comments with OBSERVED say what was seen, those with CONFIRM what only a person can
 * know, most valuable first; a line that begins with `#` and no blank is a placeholder. It is valid as written, and the
 * mode it declares is the strict one: an open door is never written down as intended.
 */
export function renderDeployment({
  hostname,
  connect,
  facts,
  observed = [],
  answers = {},
}: InitInput): string {
  const { mode = 'enforce', canary, trust, identity, ca } = answers
  const blocks: string[][] = [
    [
      '# What is expected of this hostname. Check it with: harness verify -d <this file>',
      '# OBSERVED: seen from outside. CONFIRM: only you know. To use a line that begins with #word, remove its #.',
      '# Paths are relative to this file. ${NAME} is read from the environment: no secret belongs in here.',
      `hostname: ${scalar(hostname)}`,
      ...(connect === undefined ? [] : [`connect: ${scalar(connect)}`]),
      ...hostLines(facts, observed),
      ...given(trust, (path) => [`trust: ${scalar(path)}`], ['#trust: ./server-ca.pem']),
    ],
    [
      '# CONFIRM 1: how it is proved that the application answered. A canary at the origin is the best proof',
      '# (harness canary node|worker|nginx|httpd prints one); else an answer that no error page of the edge resembles.',
      ...given(canary, (path) => [`canary: ${scalar(path)}`], ['#canary: /__harness/echo']),
      '#requests:',
      '#  - path: /',
      '#    allowed: { status: 200, bodyContains: words of the application }',
    ],
    [
      'mtls:',
      ...modeLines(facts, mode),
      '  # CONFIRM 3: a client certificate that must get in. Without it a refusal of bad ones proves little.',
      ...given(
        identity,
        ({ name, cert, key }) => [
          '  identities:',
          `    - name: ${scalar(name)}`,
          `      cert: ${scalar(cert)}`,
          `      key: ${scalar(key)}`,
        ],
        ['  #identities:', '  #  - name: valid', '  #    cert: ./client.pem', '  #    key: ./client-key.pem'],
      ),
      '  # CONFIRM 4: the CA of the client certificates. With its key the harness makes one certificate per defect;',
      '  # a test CA that the edge trusts as well does. Encrypted: passphrase: ${CLIENT_CA_PASSPHRASE}',
      ...given(
        ca,
        ({ cert, key }) => [
          '  ca:',
          `    cert: ${scalar(cert)}`,
          ...(key === undefined ? [] : [`    key: ${scalar(key)}`]),
        ],
        ['  #ca:', '  #  cert: ./client-ca.pem', '  #  key: ./client-ca-key.pem'],
      ),
      '  # Where a rule lets in some certificates of the CA only: their common names, exactly. All others are tried.',
      '  #commonNames: [sensor-001]',
      '  # CONFIRM 5: how a refusal looks, where it is an HTTP answer. The body is compared byte for byte.',
      '  #refusal:',
      '  #  status: 403',
      '  #  contentType: application/json',
      '  #  body: ./refusal.json',
      '  # CONFIRM 6: headers in which the origin is told about the certificate, and the CRL that is honoured.',
      '  #forwarded: { status: cf-cert-verified, ski: cf-cert-ski }',
      '  #crl: ./clients.crl',
    ],
    [
      '# CONFIRM 7: other hostnames on the same edge or origin: ways around this one.',
      '# One that is public, and has to stay so: { hostname: …, mtls: { mode: off } }. A bare name says nothing of the kind.',
      `#siblings: [${scalar(`www.${hostname}`)}]`,
    ],
    accessLines(facts),
    [
      '# CONFIRM 9: the origin itself. Nobody but the edge should get an answer there: pulls is the level of Authenticated',
      '# Origin Pulls; with the certificate that the edge presents (identity: { cert, key }) it is proved to be the right one.',
      '#origin: { address: "203.0.113.7:443", pulls: hostname }',
    ],
  ]
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function hostLines(facts: ObservedFacts, observed: readonly string[]): string[] {
  const { addresses, alpn, server, serverCertificate: certificate } = facts
  const lines = [
    `addresses: ${addresses.join(', ') || 'none found'}; ALPN: ${alpn.join(', ') || 'none'}; server: ${server ?? 'not told'}`,
    ...(certificate === undefined
      ? ['no server certificate was seen']
      : [
          `server certificate of ${certificate.subject}, issued by ${certificate.issuer}, until ${certificate.notAfter}`,
          certificate.trusted
            ? 'it is trusted by this machine, so trust is not needed'
            : `it is not trusted here (${certificate.trustError ?? 'unknown issuer'}): give the CA in trust`,
        ]),
    ...observed,
  ]
  return lines.map((line) => comment(`OBSERVED: ${line}`))
}

/** What was seen is written down only where nothing has to be guessed. */
function accessLines({ access }: ObservedFacts): string[] {
  const more = [
    '# CONFIRM 8: Access, where it protects this hostname. What makes its checks complete: serviceToken: { id, secret:',
    '# ${CF_ACCESS_CLIENT_SECRET} } (accepted), otherServiceToken (of the team, not accepted), audience, and',
    '# with: access-and-mtls where a client certificate is asked for as well.',
  ]
  if (access === undefined || access === null)
    return [...more, '#access: { team: example.cloudflareaccess.com }']
  return [
    ...more,
    comment(`OBSERVED: ${access.because}`),
    'access:',
    `  team: ${scalar(access.team)}`,
    ...(access.audience === null ? [] : [`  audience: ${scalar(access.audience)}`]),
  ]
}

function modeLines({ clientCertificate: policy }: ObservedFacts, mode: Mode): string[] {
  const names = policy.caNames.length === 0 ? 'none named' : policy.caNames.join(' | ')
  const enforced =
    policy.enforced === true ? `yes, in ${policy.enforcedAt}` : policy.enforced === false ? 'NO' : 'unknown'
  return [
    `OBSERVED: client certificate in TLS 1.2: ${policy['TLSv1.2']}; in TLS 1.3: ${policy['TLSv1.3']}`,
    `OBSERVED: CAs accepted: ${names}`,
    `OBSERVED: enforced: ${enforced} (${policy.because})`,
    'CONFIRM 2: what must happen without a valid certificate. enforce: refused at the edge; report: forwarded,',
    'with the status in a header; off: client certificates play no part here.',
  ]
    .map((line) => `  ${comment(line)}`)
    .concat(`  mode: ${mode}`)
}

const given = <T>(value: T | undefined, lines: (value: T) => string[], placeholder: string[]): string[] =>
  value === undefined ? placeholder : lines(value)

const scalar = (text: string): string => stringify(text, { lineWidth: 0 }).trimEnd()

// Much of it was said by the server: it may not end the comment.
const comment = (text: string): string =>
  `# ${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+/g, ' ').slice(0, 400)}`
