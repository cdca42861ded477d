/**
 * Getting a TLS session, and seeing that it was really offered.
 * @module
 */
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import type { Outcome } from '../../harness/probe/types.ts'

/** How long a session ticket may take to arrive after the answer (ms). */
const ticketWait = 250

/** A session of a full handshake, or undefined where the host issues none. */
export async function sessionOf(run: CheckContext, wanted: Try): Promise<Buffer | undefined> {
  const { sessions } = await run.attempt({ ...wanted, waitForTickets: ticketWait, label: 'full handshake' })
  return sessions.at(-1)
}

/** A session that our own side did not offer proves nothing: Node, for one, keeps sessions to their server name. */
export function mustBeOffered(run: CheckContext, { transcript }: Outcome): void {
  const hello = transcript?.messages.find(({ name }) => name === 'ClientHello')?.detail ?? {}
  const offered = [hello.pskIdentities, hello.sessionTicketLength].some(
    (count) => typeof count === 'number' && count > 0,
  )
  // TLS 1.2 without tickets resumes by session id; TLS 1.3 fills that field with noise (RFC 8446 §4.1.2).
  const byId =
    transcript?.version === 'TLSv1.2' &&
    typeof hello.sessionIdLength === 'number' &&
    hello.sessionIdLength > 0
  if (!offered && !byId) run.inconclusive('the session was not offered', 'our own TLS library kept it back')
}
