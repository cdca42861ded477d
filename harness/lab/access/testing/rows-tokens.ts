/**
 * Faults of tokens, shown: what is done, what the healthy lab answers, and what the faulty one does.
 * @module
 */
import type { tokenFaults } from '../../faults/access.ts'
import { createSigningKey, rotateKeys } from '../keys.ts'
import { embedded, type Forgery, forge, hs256, type Service, service } from './forge.ts'
import type { Row } from './row.ts'
import { loggedIn, outcome } from './steps.ts'
import { team, type World } from './world.ts'

/** Asks with a token that differs from a good one. */
const forged =
  (forgery: (service: Service) => Forgery | Promise<Forgery>): Row['show'] =>
  async (world) => {
    const here = service(world)
    const cookie = `CF_Authorization=${forge(here, await forgery(here))}`
    return outcome(await world.ask({ headers: { cookie } }))
  }

const seconds = ({ store }: World): number => Math.floor(store.now() / 1000)
const day = 24 * 3600

/** Signs with the key that was replaced so many days ago. */
const rotatedOut =
  (days: number): Row['show'] =>
  async (world) => {
    const here = service(world)
    const key = world.account.access.keys.current
    const token = forge(here, { key, claims: { exp: seconds(world) + 30 * day } })
    await rotateKeys(world.account.access, world.store.now())
    world.store.changed()
    world.store.advance(days * day * 1000)
    return outcome(await world.ask({ headers: { cookie: `CF_Authorization=${token}` } }))
  }

const refused = { healthy: '403', faulty: 'pass' } as const

/** One row per fault. */
export const tokenRows: Record<(typeof tokenFaults)[number]['id'], Row> = {
  'access.takes-alg-none': {
    show: forged(() => ({ header: { alg: 'none' }, signature: () => '' })),
    ...refused,
  },
  'access.takes-hs256-with-public-key': { show: forged(hs256), ...refused },
  'access.takes-embedded-key': {
    show: forged(async ({ world }) => embedded(await createSigningKey(world.store.now()))),
    ...refused,
  },
  'access.ignores-signature': { show: forged(() => ({ signature: () => 'AAAA' })), ...refused },
  'access.ignores-kid': { show: forged(() => ({ header: { kid: 'unknown' } })), ...refused },
  'access.ignores-crit': { show: forged(() => ({ header: { crit: ['x'], x: 1 } })), ...refused },
  'access.first-key-only': { show: rotatedOut(1), healthy: 'pass', faulty: '403' },
  'access.old-key-for-ever': { show: rotatedOut(8), ...refused },
  'access.publishes-current-key-only': {
    async show(world) {
      await rotateKeys(world.account.access, world.store.now())
      world.store.changed()
      const decision = await world.ask({ hostname: team, target: '/cdn-cgi/access/certs' })
      const body = decision.kind === 'answer' ? decision.body.toString() : '{}'
      const { keys, public_certs: certs } = JSON.parse(body) as { keys: []; public_certs: [] }
      return `${keys.length} keys, ${certs.length} certificates`
    },
    healthy: '2 keys, 2 certificates',
    faulty: '1 keys, 1 certificates',
  },
  'access.takes-other-issuer': {
    show: forged(({ world }) => {
      const foreign = Object.values(world.store.state.accounts).find(({ id }) => id !== world.account.id)
      if (foreign === undefined) throw new Error('there is no other account')
      return {
        key: foreign.access.keys.current,
        claims: { iss: 'https://foreign.cloudflareaccess.com' },
      }
    }),
    ...refused,
  },
  'access.takes-other-application': {
    show: forged(({ world }) => {
      const other = world.application({ domains: ['other.harness.test'] })
      return { claims: { aud: [other.aud] } }
    }),
    ...refused,
  },
  'access.takes-missing-audience': { show: forged(() => ({ claims: { aud: undefined } })), ...refused },
  'access.audience-by-part': {
    show: forged(({ application }) => ({ claims: { aud: [application.aud.slice(0, 20)] } })),
    ...refused,
  },
  'access.takes-org-token': {
    async show(world, idp) {
      world.identityProvider(idp)
      world.application({ policies: [{ decision: 'allow' }] })
      const { browser } = await loggedIn(world, idp)
      const token = browser.cookie(team, 'CF_Authorization') ?? ''
      return outcome(await world.ask({ headers: { 'cf-access-token': token } }))
    },
    healthy: '302',
    faulty: 'pass',
  },
  'access.takes-expired': {
    show: forged(({ world }) => ({ claims: { exp: seconds(world) - 1 } })),
    ...refused,
  },
  'access.ignores-not-before': {
    show: forged(({ world }) => ({ claims: { nbf: seconds(world) + 3600 } })),
    ...refused,
  },
  'access.falls-back-to-cookie': {
    async show(world) {
      const cookie = `CF_Authorization=${forge(service(world))}`
      return outcome(await world.ask({ headers: { 'cf-access-token': 'bad', cookie } }))
    },
    ...refused,
  },
}
