import { check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { ScriptedTry } from '../../fixtures/environment.ts'
import { judgeRefusal } from '../../fixtures/refusal.ts'
import type { Outcome } from '../../harness/probe/types.ts'

type Version = 'TLSv1.2' | 'TLSv1.3'

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

/** The honest scripted handshake with the valid certificate; or why this host cannot be told anything by script. */
async function honest(run: CheckContext, version: Version): Promise<Outcome | string> {
  const identity = await run.identity('valid')
  const wanted = { version, identity, what: 'an honest handshake', label: 'the good twin' }
  const outcome = await decided(run, wanted)
  if (outcome.verdict === 'allowed') return outcome
  // Refused with an ordinary client too: then it is not the script that keeps it out.
  await run.control({ version, identity, label: 'the same with an ordinary client' })
  return `the scripted client does not come through even with a valid certificate: ${outcome.summary}`
}

/** Nobody and nothing may get in; whether an empty entry behind the valid certificate was overlooked is the answer. */
async function malformed(run: CheckContext, version: Version, twin: Outcome): Promise<boolean> {
  const alone: ScriptedTry = {
    version,
    what: 'one entry, of length zero; no key',
    mutate: { certificate: 'empty-entry' },
  }
  await turnedAway(run, alone, twin)
  for (const id of run.can(['self-signed'])) {
    const identity = await run.identity(id)
    const known = await run.attempt({ version, identity, label: 'without an empty entry' })
    // Let in as it is, or reported as valid: client-cert.self-signed is the finding, and nothing can be told apart here.
    if (known.verdict === 'inconclusive' || gotIn(run, known) !== false) continue
    for (const certificate of ['empty-entry-then-chain', 'chain-then-empty-entry'] as const) {
      const what = `an entry of length zero ${certificate === 'empty-entry-then-chain' ? 'before' : 'behind'} the chain`
      await turnedAway(run, { version, identity, what, mutate: { certificate } }, twin)
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

async function turnedAway(run: CheckContext, wanted: ScriptedTry, twin: Outcome): Promise<void> {
  const outcome = await decided(run, wanted)
  const shown = `TLS ${wanted.version.slice(-3)}, ${wanted.what}: ${outcome.summary}`
  const seen = gotIn(run, outcome)
  if (outcome.verdict === 'inconclusive') run.inconclusive(shown)
  if (seen === undefined) run.inconclusive(shown, 'the status that the origin was told cannot be seen')
  if (seen) {
    if (run.mode() === 'report') run.expect(false, '', `${shown}; the origin was told that it is valid`)
    await run.onlyIfClosed(run.target, wanted.version)
    run.reached = true
    const again = [
      await run.scripted({ ...wanted, label: 'again' }),
      await run.scripted({ ...wanted, label: 'again' }),
    ]
    const times = 1 + again.filter(({ verdict }) => verdict === 'allowed').length
    const rate = times === 3 ? '' : ` (${times} of 3 tries: not always, which is a finding too)`
    run.expect(false, '', `${shown}${rate}`)
  }
  if (outcome.verdict === 'refused' && !sent(outcome)) {
    run.inconclusive(shown, 'refused before the malformed message was sent: the server did not ask for it')
  }
  // Its twin differs in the empty entry alone: whatever the refusal says, it is about that.
  const { verdict, reason } = outcome.verdict === 'allowed' ? passed : judgeRefusal(outcome, twin, 'any')
  if (verdict !== 'pass') run.blocked(shown, reason)
  run.hold(shown)
}

/** The malformed message really left us. */
const sent = ({ transcript }: Outcome): boolean =>
  transcript?.clientCertificates.some((list) => list.some(({ length }) => length === 0)) === true

const passed = { verdict: 'pass', reason: '' } as const

/** Whether the client was taken for a valid one; undefined where that cannot be seen (report mode without a canary). */
function gotIn(run: CheckContext, outcome: Outcome): boolean | undefined {
  if (outcome.verdict !== 'allowed') return false
  if (run.mode() === 'enforce') return true
  if (outcome.canary === undefined || run.target.mtls?.forwarded.status === undefined) return undefined
  return run.status(outcome) === 'valid'
}

/** As it is, once more where the first was inconclusive. */
async function decided(run: CheckContext, wanted: ScriptedTry): Promise<Outcome> {
  const first = await run.scripted(wanted)
  if (first.verdict !== 'inconclusive' || first.code === 'aborted') return first
  return run.scripted({ ...wanted, label: `${wanted.label ?? ''} (again)`.trim() })
}
