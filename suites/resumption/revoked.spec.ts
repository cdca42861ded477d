import { check } from '../../fixtures/catalogue.ts'
import { configurationOf, reading } from '../../fixtures/configuration.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { drillName } from '../../fixtures/drill-name.ts'
import type { Try } from '../../fixtures/environment.ts'
import { settled, type Writing, writingTo } from '../../fixtures/writing.ts'
import { buildCsr } from '../../harness/pki/csr.ts'
import { loadIdentity } from '../../harness/pki/identity.ts'
import { generateKey, keyToPem } from '../../harness/pki/keys.ts'
import { encodeName } from '../../harness/pki/names.ts'
import type { Identity } from '../../harness/pki/types.ts'
import { confineSessions } from '../remedies.ts'
import { mustBeOffered, sessionOf } from './sessions.ts'

/** A client certificate made for this run, and how to take it back. */
interface Made {
  identity: Identity
  revoke(): Promise<unknown>
}

/** Has the managed CA of the zone issue one. Ends the check where it does not. */
async function issued({ api, plane, change }: Writing, run: CheckContext): Promise<Made> {
  const name = drillName()
  const key = await generateKey('ecdsa-p256')
  const path = `/zones/${plane.zone}/client_certificates`
  const body = { csr: buildCsr(encodeName(`CN=${name}`), key), validity_days: 1 }
  const answer: unknown = await change('issuing a certificate', api.post(path, { body }))
  const { id, certificate } = Object(Object(answer).result) as Record<string, unknown>
  if (typeof id !== 'string' || typeof certificate !== 'string')
    return run.inconclusive('the control plane gave no certificate')
  return {
    identity: loadIdentity({ name, cert: certificate, key: keyToPem(key) }),
    revoke: () => api.delete(`${path}/${id}`),
  }
}

check(
  'resumption.after-revocation',
  {
    severity: 'critical',
    kind: 'must',
    profile: 'staging',
    connections: 32, // asked again until a change has arrived
    title: 'a session of a certificate that has been revoked since is no longer good',
    needs: ['mtls', 'valid', 'control-plane'],
    grounds: [
      'Cloudflare blog, December 2022: revoked client certificates and TLS session resumption',
      'catalogue CRT-34',
      'catalogue CRT-29',
    ],
    killedBy: ['edge.resumes-revoked', 'edge.accepts-revoked', 'edge.invalid-accepted-in-1.3'],
    why: 'A resumed handshake shows no certificate: the server remembers that it was good. Where it remembers that instead of asking again, whoever had their certificate revoked stays as long as the ticket lives, and every new ticket prolongs it.',
    sends:
      'Through the control plane: a client certificate of the managed CA, made for this run (valid for a day) and revoked at the end. With it a connection in each TLS version, whose sessions are kept; the certificate is revoked; then it is shown again, and each session is resumed.',
    expects:
      'Let in before. After: the certificate is turned away, and so is each session; in report mode both are passed with status invalid. The seconds it took are stated.',
    remediation: `${confineSessions}

Cloudflare edge: revocation bears on a hostname only where a rule looks at it:
  DELETE /zones/<zone>/client_certificates/<certificate>
  rule: (http.host eq "HOST" and (not cf.tls_client_auth.cert_verified or cf.tls_client_auth.cert_revoked))   action: block
Caddy, Envoy: no tickets for client-authenticated listeners (Envoy: disable_stateless_session_resumption, disable_stateful_session_resumption).
AWS ALB: no setting; its sessions end with the connection.`,
  },
  async (run) => {
    const managed = (await reading(run, configurationOf(run).clientCas())).find(({ id }) => id === 'managed')
    if (managed?.hostnames.includes(run.target.hostname.toLowerCase()) !== true)
      return run.skip('the managed CA is not associated: the control plane revokes no others')
    await run.onlyIfClosed()
    const writing = await writingTo(run, 'client certificates')
    const { identity, revoke } = await issued(writing, run)
    let revoked = false
    try {
      const first = await settled(
        run,
        { identity, label: 'the certificate, new' },
        'allowed',
        writing.patience,
      )
      if (first.verdict !== 'allowed')
        run.blocked(first.summary, 'a certificate that was just issued is not let in')
      const sessions: Try[] = []
      for (const version of run.versions()) {
        const session = await sessionOf(run, { version, identity })
        if (session !== undefined)
          sessions.push({ version, session, label: `TLS ${version.slice(-3)}, resumed` })
      }
      const started = Date.now()
      await writing.change('revoking the certificate', revoke())
      revoked = true
      const shown = { identity, label: 'the certificate, revoked' }
      if (run.mode() === 'enforce') await settled(run, shown, 'refused', writing.patience)
      const seconds = ((Date.now() - started) / 1000).toFixed(1)
      await run.rejected('invalid', shown, await run.validTwin())
      for (const resumed of sessions) mustBeOffered(run, await turnedAway(run, resumed))
      run.hold(
        `turned away after ${seconds} s, ${sessions.length === 0 ? 'and no session is issued: nothing to resume' : `and ${sessions.length} sessions with it`}`,
      )
    } finally {
      if (!revoked) await revoke().catch(() => {})
    }
  },
)

/** However it is turned away: a full handshake, an alert, an answer. */
async function turnedAway(run: CheckContext, resumed: Try) {
  if (run.mode() === 'report') return run.reported('invalid', resumed)
  return run.refused(resumed, await run.validTwin(), { any: true })
}
