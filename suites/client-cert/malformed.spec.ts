import { check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { ScriptedTry } from '../../fixtures/environment.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { decided, gotIn, honest, turnedAway, type Version } from '../scripted.ts'

check(
  'client-cert.empty-entry',
  {
    title: 'a Certificate message with an empty entry is turned away',
    severity: 'high',
    kind: 'must',
    profile: 'default',
    needs: ['mtls', 'valid'],
    grounds: [
      'RFC 8446 §4.4.2: cert_data is 1 to 2^24-1 bytes',
      'RFC 5246 §7.4.2',
      'tlsfuzzer certificate-malformed',
      'CVE-2026-55962 (wolfSSL)',
      'catalogue CRT-02',
    ],
    killedBy: ['edge.accepts-empty-certificate-entry'],
    why: 'An entry of length zero is neither a certificate nor none. Code that counts entries sees a certificate, code that verifies them finds nothing to object to, and somebody who has no key at all is taken for a client. No TLS library sends such a message, so no ordinary test ever does.',
    sends:
      'By a scripted TLS client, in each TLS version the host speaks: an honest handshake with the valid certificate; then Certificate messages with an entry of length zero: alone and without any key, before and behind a self-signed certificate, behind the valid one.',
    expects:
      'The honest handshake reaches the application, every other one is refused; in report mode the status is never valid.',
    remediation:
      'Update the TLS library: a Certificate message that breaks its own syntax has to end the handshake with decode_error (RFC 8446 §6.2), which OpenSSL, BoringSSL, GnuTLS and Go do. If something in front of it parses certificates itself, let it refuse what it cannot parse, and decide on the result of verification, never on the number of certificates sent.\n\nSee what terminates TLS, and its version:\n  nginx -V 2>&1 | grep -i openssl\n  haproxy -vv | grep -i ssl',
  },
  async (run) => {
    const unanswered: string[] = []
    const overlooked: string[] = []
    for (const version of run.versions()) {
      const twin = await honest(run, version)
      if (typeof twin === 'string') unanswered.push(`TLS ${version.slice(-3)}: ${twin}`)
      else if (await malformed(run, version, twin)) overlooked.push(`TLS ${version.slice(-3)}`)
    }
    if (overlooked.length > 0) {
      run.warn(
        `${overlooked.join(' and ')}: an empty entry behind a valid certificate is overlooked`,
        'such a message has to end the handshake with decode_error; nobody got in who should not',
      )
    }
    // A version that could not be tried is never passed over in silence.
    if (unanswered.length > 0 && run.held === 0) run.skip(unanswered.join('; '))
    if (unanswered.length > 0)
      run.inconclusive(`${run.observed}, but not in every version`, unanswered.join('; '))
  },
)

/** Nobody and nothing may get in; whether an empty entry behind the valid certificate was overlooked is the answer. */
async function malformed(run: CheckContext, version: Version, twin: Outcome): Promise<boolean> {
  const alone: ScriptedTry = {
    version,
    what: 'one entry, of length zero; no key',
    mutate: { certificate: 'empty-entry' },
  }
  await turnedAway(run, alone, twin, sent)
  for (const id of run.can(['self-signed'])) {
    const identity = await run.identity(id)
    const known = await run.attempt({ version, identity, label: 'without an empty entry' })
    // Let in as it is, or reported as valid: client-cert.self-signed is the finding, and nothing can be told apart here.
    if (known.verdict === 'inconclusive' || gotIn(run, known) !== false) continue
    for (const certificate of ['empty-entry-then-chain', 'chain-then-empty-entry'] as const) {
      const what = `an entry of length zero ${certificate === 'empty-entry-then-chain' ? 'before' : 'behind'} the chain`
      await turnedAway(run, { version, identity, what, mutate: { certificate } }, twin, sent)
    }
  }
  const trailing = await decided(run, {
    version,
    identity: await run.identity('valid'),
    what: 'an entry of length zero behind the chain',
    mutate: { certificate: 'chain-then-empty-entry' },
  })
  if (trailing.verdict === 'inconclusive') run.inconclusive(`TLS ${version.slice(-3)}: ${trailing.summary}`)
  return gotIn(run, trailing) === true
}

/** The malformed message really left us. */
const sent = ({ transcript }: Outcome): boolean =>
  transcript?.clientCertificates.some((list) => list.some(({ length }) => length === 0)) === true
