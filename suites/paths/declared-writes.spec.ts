import { randomBytes } from 'node:crypto'
import { check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { nowhere } from '../../harness/probe/nowhere.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { coverEverything } from '../remedies.ts'
import { isUnusual } from '../usual.ts'

const writing = ['POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Paths whose writes are tried: each costs five connections. */
const mostPaths = 10

/** A write that does nothing where it should get through: nothing in it, and a condition that no resource fulfils. */
const write = (method: string, path: string): Try => ({
  method,
  path,
  body: Buffer.alloc(0),
  headers: [['If-Match', `"harness-${randomBytes(6).toString('hex')}"`]],
  label: `${method} ${path}`,
})

/** Statuses that only come from behind the door: done, or not done for the condition, which is looked at last (RFC 9110 §13.2.1). */
const cameThrough = ({ http }: Outcome): boolean =>
  http !== undefined && ((http.status >= 200 && http.status < 300) || http.status === 412)

/** How the same methods are answered where nothing is: what a server says to them whatever the path. */
function elsewhere(run: CheckContext): (method: string) => Promise<Outcome> {
  const asked = new Map<string, Promise<Outcome>>()
  return (method) => {
    const known = asked.get(method) ?? run.attempt(write(method, nowhere()))
    asked.set(method, known)
    return known
  }
}

check(
  'paths.declared-writes',
  {
    title: 'declared paths are closed to the methods that write',
    severity: 'critical',
    kind: 'must',
    // Where one gets through, the application is asked to write. What stops it then is its respect for If-Match.
    profile: 'staging',
    connections: 64,
    needs: ['enforce'],
    grounds: ['RFC 9110 §13.1.1 (If-Match)', 'catalogue PTH-15, CPA-05'],
    killedBy: [
      'edge.rule-misses-writes-at-path',
      'edge.rule-misses-writing-methods',
      'edge.open-path',
      'edge.open-conditional',
    ],
    why: 'An exemption for one path (a web hook, an upload) or a block for GET alone leaves open what changes things. paths.writing-methods asks at the canary’s path and below a declared one, where nothing can be changed; a rule about exactly one path shows only there.',
    sends:
      'No certificate: POST, PUT, PATCH and DELETE of each declared path (the first ten), but for the method it is declared with, and of random paths to compare. Content-Length: 0, and an If-Match that no resource fulfils, so that an application that knows conditions changes nothing even where the door is open; not all do, hence the profile. With a certificate the declared request only, never a write.',
    expects: 'Refused like the plain request, or as the same method is refused on any path.',
    remediation: coverEverything,
  },
  async (run) => {
    const { requests } = run.target
    if (requests.length === 0) return run.skip('needs requests: paths of the application')
    await run.onlyIfClosed()
    const identity = await run.valid()
    const usually = elsewhere(run)
    const paths = [...new Set(requests.map(({ path }) => path))].slice(0, mostPaths)
    for (const path of paths) {
      const own = requests.filter((one) => one.path === path)
      const [request] = own
      if (request === undefined) continue
      if (identity !== undefined)
        await run.control({ identity, proof: { request }, label: `${request.method} ${path}, the good twin` })
      for (const method of writing.filter((name) => own.every((one) => one.method !== name)))
        await closedTo(run, { ...write(method, path), proof: { request } }, () => usually(method))
    }
  },
)

/** The write is refused: as usual, or as the same method is anywhere. */
async function closedTo(run: CheckContext, wanted: Try, usually: () => Promise<Outcome>): Promise<void> {
  const outcome = await run.attempt(wanted)
  const shown = `${wanted.label}: ${outcome.summary}`
  const through = outcome.verdict === 'allowed' || cameThrough(outcome)
  run.reached ||= through
  if (through) run.expect(false, '', `${shown} without a certificate`, outcome)
  if (outcome.verdict === 'inconclusive') run.inconclusive(shown, '', outcome)
  const plain = await isUnusual(run, outcome)
  if (plain !== undefined && (await usually()).http?.status !== outcome.http?.status)
    run.warn(
      shown,
      `another answer than a request without a certificate gets (${plain.summary}), and than ${wanted.method} gets elsewhere: perhaps the application’s`,
      outcome,
    )
  run.hold(shown)
}
