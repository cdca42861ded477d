import { type CheckMeta, check } from '../../fixtures/catalogue.ts'
import { configurationOf, reading } from '../../fixtures/configuration.ts'
import { renewInTime } from '../remedies.ts'
import { targetsOf } from './coverage.ts'

/** Thirty days, as the alerts of the edge. */
const soon = 30 * 86_400_000

/** What ends within thirty days, or has ended. */
const ending = (things: readonly { what: string; at: string | undefined }[]): string[] =>
  things.flatMap(({ what, at }) =>
    at !== undefined && Date.parse(at) < Date.now() + soon ? [`${what} (${at.slice(0, 10)})`] : [],
  )

const expiries = {
  profile: 'default',
  needs: ['control-plane'],
  sends: 'GET of the certificates, CAs or tokens. Nothing is written.',
  severity: 'medium',
  kind: 'should',
  grounds: ['Cloudflare expiry alerts', 'catalogue CPA-10'],
  expects: 'More than 30 days are left.',
  remediation: renewInTime,
} as const satisfies Partial<CheckMeta>

check(
  'config-audit.pull-expiry',
  {
    ...expiries,
    title: 'origin-pull certificates do not expire soon',
    grounds: [...expiries.grounds, 'catalogue ORI-13'],
    killedBy: ['config.pull-expiring'],
    why: 'The edge goes on presenting an expired certificate: the origin refuses it, and everything is down at midnight; or it does not, and nothing was ever verified.',
  },
  async (run) => {
    const all = await reading(run, configurationOf(run).pullCertificates())
    const active = all.filter(({ status }) => !status.startsWith('delet') && status !== 'pending_deletion')
    if (active.length === 0) return run.skip('there is no origin-pull certificate')
    const found = ending(
      active.map(({ id, level, expiresOn }) => ({
        what: `${level} certificate ${id.slice(0, 8)}`,
        at: expiresOn,
      })),
    )
    run.expect(found.length === 0, `${active.length} certificates`, `expires soon: ${found.join(', ')}`)
  },
)

check(
  'config-audit.ca-expiry',
  {
    ...expiries,
    title: 'associated client CAs do not expire soon',
    killedBy: ['config.ca-expiring'],
    why: 'With the CA every certificate below it ends, on the same day, at all clients.',
  },
  async (run) => {
    const names = new Set(targetsOf(run.deployment).map(({ hostname }) => hostname.toLowerCase()))
    const cas = (await reading(run, configurationOf(run).clientCas())).filter(
      ({ certificate, hostnames }) => certificate !== undefined && hostnames.some((name) => names.has(name)),
    )
    if (cas.length === 0) return run.skip('no uploaded client CA is associated')
    const found = ending(cas.map(({ name, expiresOn }) => ({ what: name, at: expiresOn })))
    run.expect(found.length === 0, `${cas.length} client CAs`, `expires soon: ${found.join(', ')}`)
  },
)

check(
  'config-audit.token-expiry',
  {
    ...expiries,
    title: 'service tokens do not expire soon',
    killedBy: ['config.token-expiring'],
    why: 'An expired service token stops a service that nobody watches at three in the morning.',
  },
  async (run) => {
    const tokens = await reading(run, configurationOf(run).serviceTokens())
    if (tokens.length === 0) return run.skip('there are no service tokens')
    const found = ending(tokens.map(({ name, expiresAt }) => ({ what: name, at: expiresAt })))
    run.expect(found.length === 0, `${tokens.length} service tokens`, `expires soon: ${found.join(', ')}`)
  },
)

check(
  'config-audit.token-lifetime',
  {
    ...expiries,
    title: 'every service token ends some day',
    killedBy: ['config.token-forever'],
    why: 'A secret without an end is never renewed, and works for whoever finds it years later.',
    expects: 'No service token has the duration “forever”.',
  },
  async (run) => {
    const tokens = await reading(run, configurationOf(run).serviceTokens())
    if (tokens.length === 0) return run.skip('there are no service tokens')
    const found = tokens.filter(
      ({ duration, expiresAt }) => duration === 'forever' || expiresAt === undefined,
    )
    run.expect(
      found.length === 0,
      `${tokens.length} service tokens end`,
      `never ends: ${found.map(({ name }) => name).join(', ')}`,
    )
  },
)
