import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import { type AttackId, attacks } from '../../harness/wire/client/attacks.ts'
import { asked, decided, gotIn, honest, inWords } from '../scripted.ts'
import { limitMessages } from './remedy.ts'

interface Row extends Pick<CheckMeta, 'title' | 'severity' | 'grounds' | 'killedBy' | 'why'> {
  id: string
  attack: AttackId
  otherwise: string
}

const rows: readonly Row[] = [
  {
    id: 'trailing-bytes',
    attack: 'trailing-bytes',
    title: 'a Certificate message with bytes behind it is turned away',
    severity: 'medium',
    grounds: ['RFC 8446 §6.2 (decode_error)', 'tlsfuzzer certificate-malformed', 'catalogue CRT-02'],
    killedBy: ['edge.overlooks-trailing-bytes'],
    why: 'A parser that passes over what it does not expect reads another message than the next one does, and two readers of one certificate are how identities get mixed up. Nobody gets in by it who has no key.',
    otherwise: 'bytes behind the list are overlooked',
  },
  {
    id: 'oversized-certificate',
    attack: 'oversized',
    title: 'a Certificate message of 200,000 bytes is turned away',
    severity: 'low',
    grounds: ['RFC 8446 §4 (24-bit length)', 'CVE-2022-41724 (Go)', 'catalogue DOS-09'],
    killedBy: ['edge.reads-oversized-certificate'],
    why: 'The length field allows 16 MiB, and it is sent before anything is proved. What a server reads and parses for strangers is what strangers can make it spend.',
    otherwise: 'a Certificate message of any length is read',
  },
]

for (const { id, attack, otherwise, ...row } of rows) {
  check(
    `robustness.${id}`,
    {
      ...row,
      kind: 'should',
      profile: 'default',
      needs: ['mtls', 'valid'],
      sends: `By a scripted TLS client with the valid certificate, in each TLS version: an honest handshake; then ${attacks[attack].what}; then an honest handshake again.`,
      expects:
        'The honest handshakes reach the application, before and behind; the other one ends in an alert or a close.',
      remediation: limitMessages,
    },
    async (run) => {
      const identity = await run.identity('valid')
      const { what } = attacks[attack]
      const unanswered: string[] = []
      for (const version of run.versions()) {
        const twin = await honest(run, version)
        if (typeof twin === 'string') {
          unanswered.push(`${inWords(version)}: ${twin}`)
          continue
        }
        const outcome = await decided(run, { version, identity, attack, what })
        const shown = `${inWords(version)}, ${what}: ${outcome.summary}`
        if (outcome.verdict === 'inconclusive') run.inconclusive(shown)
        run.expect(gotIn(run, outcome) !== true, shown, `${inWords(version)}: ${otherwise}`)
        if (!asked(outcome)) run.inconclusive(shown, 'the server did not ask for a certificate')
        const after = await honest(run, version)
        if (typeof after === 'string') run.inconclusive(shown, `behind it: ${after}`)
      }
      if (unanswered.length > 0 && run.held === 0) run.skip(unanswered.join('; '))
      if (unanswered.length > 0)
        run.inconclusive(`${run.observed}, but not in every version`, unanswered.join('; '))
    },
  )
}
