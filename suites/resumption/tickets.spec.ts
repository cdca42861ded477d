import { check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Transcript } from '../../harness/wire/types.ts'
import { confineSessions } from '../remedies.ts'

/** How long a session ticket may take to arrive after the answer (ms). */
const ticketWait = 250

type Ticket = Transcript['tickets'][number]

/** Tickets that a connection with the valid certificate is given. An empty one (RFC 5077 §3.3) is none. */
async function ticketsOf(run: CheckContext, version: 'TLSv1.2' | 'TLSv1.3'): Promise<Ticket[]> {
  const identity = await run.identity('valid')
  const { transcript } = await run.control({ version, identity, waitForTickets: ticketWait })
  return (transcript?.tickets ?? []).filter(({ length }) => length > 0)
}

check(
  'resumption.early-data',
  {
    title: 'tickets of the protected hostname allow no early data',
    severity: 'high',
    kind: 'should',
    profile: 'default',
    needs: ['mtls', 'valid', 'TLSv1.3'],
    grounds: ['RFC 8446 §8', 'RFC 8470 §3', 'CVE-2024-39321 (Traefik)', 'catalogue TLS-24'],
    killedBy: ['edge.offers-early-data'],
    why: 'Early data is a request that comes before the handshake: it can be replayed by whoever recorded it, and servers have applied their policy of client certificates to what came behind it only.',
    sends: 'A TLS 1.3 connection with the valid certificate; the tickets are read.',
    expects: 'No ticket, or none with early_data.',
    remediation: `Switch early data off where client certificates are required.

nginx:
  ssl_early_data off;

HAProxy (no \`allow-0rtt\` on the bind line, nor in a crt-list):
  bind :443 ssl crt site.pem ca-file client-ca.pem verify required

httpd, Caddy, Envoy (downstream) and AWS ALB accept no early data.

Cloudflare edge:
  PATCH /zones/<zone>/settings/0rtt   {"value":"off"}`,
  },
  async (run) => {
    const tickets = await ticketsOf(run, 'TLSv1.3')
    const most = Math.max(0, ...tickets.map(({ maxEarlyData = 0 }) => maxEarlyData))
    run.expect(
      most === 0,
      tickets.length === 0 ? 'no ticket is issued' : `${tickets.length} tickets, none for early data`,
      `a ticket allows ${most} bytes of early data`,
    )
  },
)

const week = 7 * 86_400

check(
  'resumption.lifetime',
  {
    title: 'no session of the protected hostname is said to be good for more than a week',
    severity: 'medium',
    kind: 'should',
    profile: 'default',
    needs: ['mtls', 'valid'],
    grounds: ['RFC 8446 §4.6.1 (at most 604800 seconds)', 'scylladb/python-driver#1017', 'catalogue RES-08'],
    killedBy: ['edge.long-ticket-lifetime'],
    why: 'A resumed session shows no certificate: revocation, expiry and a changed policy reach its owner when the session ends, and not before.',
    sends:
      'A connection with the valid certificate in each TLS version; the lifetimes of its tickets are read.',
    expects: 'No ticket, or none of more than seven days.',
    remediation: `${confineSessions}

Where sessions are wanted, keep them short.

nginx:
  ssl_session_timeout 5m;

httpd:
  SSLSessionCacheTimeout 300

HAProxy:
  global
    tune.ssl.lifetime 300`,
  },
  async (run) => {
    for (const version of run.versions()) {
      const tickets = await ticketsOf(run, version)
      const longest = Math.max(0, ...tickets.map(({ lifetime }) => lifetime))
      run.expect(
        longest <= week,
        tickets.length === 0 ? 'no ticket is issued' : `tickets are good for ${longest} s`,
        `TLS ${version.slice(-3)}: a ticket is said to be good for ${longest} s`,
      )
    }
  },
)
