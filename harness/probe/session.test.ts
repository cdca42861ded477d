import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startLab } from '../lab/lab.ts'
import { attempt } from './attempt.ts'
import { bareSession } from './session.ts'

test('a session without the prefix is left alone', () => {
  const session = Buffer.from('3082', 'hex')
  assert.equal(bareSession(session), session)
})

// The check of RES-02 and RES-03 is vacuous when the client itself refuses to offer the session.
for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version}: a session of one hostname is really offered to another, and a server that takes it is seen to`, async () => {
    const lab = await startLab({ faults: ['edge.ticket-from-public-host'] })
    try {
      const at = (hostname: string) => ({ hostname, address: lab.edge.host, port: lab.edge.port })
      const first = await attempt({
        endpoint: at('www.harness.test'),
        version,
        proof: {},
        waitForTickets: 500,
      })
      const session = first.sessions.at(-1)
      assert.ok(session)
      const second = await attempt({
        endpoint: at('api.harness.test'),
        version,
        session,
        proof: {},
        path: '/temps',
      })
      assert.equal(second.tls?.resumed, true)
      assert.equal(second.transcript?.resumed, true)
    } finally {
      await lab.close()
    }
  })
}
