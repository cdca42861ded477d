import { createPrivateKey } from 'node:crypto'
import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { type AttackId, attacks } from '../../harness/wire/client/attacks.ts'
import { asked, decided, honest, turnedAway, type Version } from '../scripted.ts'
import { proveKeys } from './remedy.ts'

/** One check per version: its attacks, and what is said about them. */
interface Row extends Pick<CheckMeta, 'title' | 'severity' | 'why' | 'profile'> {
  id: string
  tries: readonly AttackId[]
  grounds: readonly string[]
  /** Without `edge.` and the version. */
  killedBy: readonly string[]
}

const rows: readonly Row[] = [
  {
    id: 'verify-omitted',
    title: 'a certificate that nobody proves to hold is turned away',
    severity: 'critical',
    profile: 'quick',
    tries: ['verify-omitted'],
    grounds: [
      'RFC 8446 §4.4.3',
      'RFC 5246 §7.4.8',
      'CVE-2022-25640 (wolfSSL)',
      'CVE-2022-29222 (Pion)',
      'catalogue POP-01',
    ],
    killedBy: ['accepts-omitted-proof'],
    why: 'A certificate is public: it is sent in the clear in TLS 1.2, kept in logs, shown by anybody who talks to its owner. CertificateVerify alone shows that the client has the key. A state machine that takes Finished behind Certificate lets everybody be everybody.',
  },
  {
    id: 'other-key',
    title: 'somebody else’s certificate with one’s own key is turned away',
    severity: 'critical',
    profile: 'quick',
    tries: ['other-key'],
    grounds: ['RFC 8446 §4.4.3', 'TLS-Anvil invalidCertificateVerify', 'catalogue POP-02'],
    killedBy: ['ignores-proof'],
    why: 'The signature has to verify with the key in the certificate and no other. No common client can try this: they refuse to load a key that does not fit its certificate.',
  },
  {
    id: 'damaged-signature',
    title: 'a damaged signature is no proof',
    severity: 'high',
    profile: 'default',
    tries: ['bit-flipped', 'truncated', 'padded', 'empty', 'longest'],
    grounds: ['RFC 8446 §4.4.3', 'tlsfuzzer certificate-verify-malformed', 'catalogue POP-03'],
    killedBy: ['ignores-proof', 'accepts-empty-proof'],
    why: 'Code that compares as many bytes as were sent finds an empty signature equal to everything. Each length is a path of its own.',
  },
  {
    id: 'zero-signature',
    title: 'a signature of nothing but zeros is no proof',
    severity: 'critical',
    profile: 'default',
    tries: ['zero'],
    grounds: [
      'CVE-2022-21449 (Java: r = s = 0 verifies for every key)',
      'Wycheproof ECDSA',
      'catalogue POP-07',
    ],
    killedBy: ['ignores-proof', 'accepts-zero-proof'],
    why: 'Without the range check of ECDSA the pair r = s = 0 satisfies the equation for every key and every message: anybody can be any client with an EC certificate.',
  },
  {
    id: 'replayed',
    title: 'the proof of an earlier connection is no proof',
    severity: 'high',
    profile: 'default',
    tries: ['replayed'],
    grounds: ['RFC 8446 §4.4.3', 'catalogue POP-04'],
    killedBy: ['ignores-proof', 'accepts-replayed-proof'],
    why: 'The signature covers this handshake, random values of both sides included. Where a proof is remembered, or covers less, whoever recorded one connection can make another.',
  },
  {
    id: 'other-content',
    title: 'a signature over something else is no proof',
    severity: 'high',
    profile: 'default',
    tries: ['other-context'],
    grounds: ['RFC 8446 §4.4.3 (context strings)', 'RFC 5246 §7.4.8', 'catalogue POP-04'],
    killedBy: ['ignores-proof'],
    why: 'In TLS 1.3 the words “client CertificateVerify” are signed too, so that a server’s signature cannot be handed on as a client’s; in TLS 1.2 the signature covers every message up to the one before it.',
  },
  {
    id: 'scheme',
    title: 'the signature has to be of a scheme that was offered and fits the key',
    severity: 'high',
    profile: 'default',
    tries: ['wrong-scheme', 'sha1'],
    grounds: [
      'RFC 8446 §4.2.3, §4.4.3',
      'RFC 9155 §2',
      'CVE-2022-25638 (wolfSSL)',
      'tlsfuzzer tls13-certificate-verify',
      'catalogue POP-05',
    ],
    killedBy: ['ignores-proof', 'ignores-proof-scheme', 'accepts-sha1-proof'],
    why: 'A server that takes whatever scheme the client names has let the client choose how hard forging is: SHA-1 collisions can be bought, and a confusion of key types has been a complete bypass before.',
  },
  {
    id: 'data-before-finished',
    title: 'no request is served before the handshake is finished',
    severity: 'critical',
    profile: 'default',
    tries: ['data-before-finished'],
    grounds: ['RFC 8446 §4.4.4', 'RFC 5246 §7.4.9', 'tlsfuzzer early-application-data', 'catalogue POP-08'],
    killedBy: ['serves-before-finished'],
    why: 'Finished closes the proof: it confirms every message before it. Data that is served in its place is served to somebody of whom nothing is known.',
  },
]

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  const n = version.slice(-3)
  const base = { kind: 'must', remediation: proveKeys } as const satisfies Partial<CheckMeta>

  for (const { id, title, tries, killedBy, ...row } of rows) {
    check(
      `possession.${id}-${n}`,
      {
        ...base,
        ...row,
        title: `TLS ${n}: ${title}`,
        needs: ['mtls', 'valid', version],
        killedBy: killedBy.map((fault) => `edge.${fault}-${n}`),
        sends: `By a scripted TLS ${n} client with the valid certificate: an honest handshake; then, each on a connection of its own: ${tries.map((one) => attacks[one].what).join('; ')}.`,
        expects:
          'The honest handshake reaches the application, every other one ends in an alert or a close; in report mode the status is never valid.',
      },
      async (run) => {
        const identity = await run.identity('valid')
        const twin = await honest(run, version)
        if (typeof twin === 'string') return run.skip(twin)
        for (const attack of tries) {
          if (attack === 'sha1' && !tellsOfSha1(identity.key, twin)) continue
          const { what } = attacks[attack]
          await turnedAway(run, { version, identity, attack, what }, twin, asked)
        }
      },
    )
  }

  check(
    `possession.certificate-omitted-${n}`,
    {
      ...base,
      title: `TLS ${n}: a client that leaves Certificate out is turned away`,
      severity: 'critical',
      profile: 'quick',
      needs: ['mtls', version],
      grounds: [
        'RFC 8446 §4.4.2',
        'RFC 5246 §7.4.6',
        'CVE-2020-2655 (JSSE)',
        'CVE-2026-55962 (wolfSSL)',
        'catalogue POP-01',
      ],
      killedBy: [`edge.accepts-omitted-certificate-${n}`],
      why: 'An empty Certificate message says “I have none”, and every server knows what to do. No message at all is not in the protocol, and servers have taken the silence for consent: no certificate, no key, no name is needed.',
      sends: `By a scripted TLS ${n} client without a certificate: an honest handshake with an empty Certificate message; then one without the message, though the server asked for it.`,
      expects:
        'Both refused; the second one by an alert or a close. In report mode the second one is never reported as valid.',
    },
    (run) => withoutCertificate(run, version),
  )
}

/** Needs nothing but the hostname: the honest twin is the empty message, refused as the hostname refuses. */
async function withoutCertificate(run: CheckContext, version: Version): Promise<void> {
  const empty = { version, what: 'an honest handshake without a certificate', label: 'the honest twin' }
  const usual = await decided(run, empty)
  if (usual.code === 'client-error') return run.skip(usual.summary)
  if (usual.verdict === 'inconclusive') return run.inconclusive(usual.summary)
  if (run.mode() !== 'report') await run.onlyIfClosed(run.target, version)
  if (!asked(usual))
    return run.skip('no certificate is asked for in this version: see tls.certificate-request')
  const attack = 'certificate-omitted'
  await turnedAway(run, { version, attack, what: attacks[attack].what }, undefined, asked)
}

/** Ed25519 has no scheme with SHA-1; and where SHA-1 is offered, tls.signature-algorithms is the finding. */
const tellsOfSha1 = (key: string, { transcript }: Outcome): boolean =>
  createPrivateKey(key).asymmetricKeyType !== 'ed25519' &&
  transcript?.certificateRequest?.signatureAlgorithms.some((name) => /sha1(?!\d)/.test(name)) !== true
