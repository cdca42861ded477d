/**
 * Faults about forged tokens, shown.
 * @module
 */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as forge from '../../../credentials/forge.ts'
import * as mint from '../../../credentials/mint.ts'
import { createAuthority } from '../../../pki/authority.ts'
import { certificatesIn } from '../../../pki/pem.ts'
import type { forgedTokenFaults } from '../../faults/access-tokens.ts'
import { keyPairOf } from '../signing.ts'
import { type Forgery, type Service, service, forge as token } from './forge.ts'
import type { Row } from './row.ts'
import { outcome } from './steps.ts'
import { team, type World } from './world.ts'

const seconds = ({ store }: World): number => Math.floor(store.now() / 1000)
const refused = { healthy: '403', faulty: 'pass' } as const

/** Asks with a cookie of this value. */
const cookie = async ({ world }: Service, value: string): Promise<string> =>
  outcome(await world.ask({ headers: { cookie: `CF_Authorization=${value}` } }))

/** Asks with the first of the tokens that everybody can make from a genuine one. */
const forged =
  (make: (genuine: string, here: Service) => readonly forge.Forged[] | Promise<readonly forge.Forged[]>) =>
  async (world: World): Promise<string> => {
    const here = service(world)
    const [first] = await make(token(here), here)
    return cookie(here, first?.token ?? '')
  }

/** Asks with a token that differs in its claims, well signed. */
const minted =
  (forgery: (world: World) => Forgery) =>
  (world: World): Promise<string> => {
    const here = service(world)
    return cookie(here, token(here, forgery(world)))
  }

const published =
  (look: (key: Record<string, unknown>, world: World) => string) =>
  async (world: World): Promise<string> => {
    const decision = await world.ask({ hostname: team, target: '/cdn-cgi/access/certs' })
    const body = decision.kind === 'answer' ? decision.body.toString() : '{}'
    const { keys } = JSON.parse(body) as { keys: Record<string, unknown>[] }
    return look(keys[0] ?? {}, world)
  }

/** One row per fault. */
export const forgedRows: Record<(typeof forgedTokenFaults)[number]['id'], Row> = {
  'access.takes-any-text': { show: forged((genuine) => forge.junk(genuine)), ...refused },
  'access.takes-empty-signature': { show: forged(forge.missingSignature), ...refused },
  'access.skips-unknown-algorithms': { show: forged(forge.otherAlgorithms), ...refused },
  'access.takes-embedded-certificate': {
    show: forged(async (genuine) => {
      const { cert } = await (await createAuthority()).issue({ subject: 'CN=x', key: forge.ownRsaPem() })
      return forge.embeddedCertificate(genuine, certificatesIn(cert)[0] ?? Buffer.alloc(0))
    }),
    ...refused,
  },
  'access.fetches-key-address': {
    async show(world) {
      const server = createServer((_, response) => response.end(JSON.stringify(forge.ownKeySet())))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
      try {
        const { port } = server.address() as AddressInfo
        return await forged((genuine) => forge.keyByAddress(genuine, `http://127.0.0.1:${port}/`))(world)
      } finally {
        server.close()
      }
    },
    ...refused,
  },
  'access.kid-as-file': { show: forged(forge.keyIdInjection), ...refused },
  'access.takes-weak-secret': {
    show: forged((genuine) => forge.weakSecrets(genuine).filter(({ name }) => name.includes('“secret”'))),
    ...refused,
  },
  'access.skips-long-tokens': { show: forged(forge.oversized), ...refused },
  'access.takes-encrypted': {
    show: forged((genuine, { world }) =>
      forge.encrypted(genuine, keyPairOf(world.account.access.keys.current).publicKey),
    ),
    ...refused,
  },
  'access.takes-malformed-expiry': { show: minted(() => ({ claims: { exp: undefined } })), ...refused },
  'access.ignores-issued-at': {
    show: minted((world) => ({ claims: { iat: seconds(world) + 3600, exp: seconds(world) + 7200 } })),
    ...refused,
  },
  'access.takes-jwt-from-elsewhere': {
    async show(world) {
      const headers = { authorization: `Bearer ${token(service(world))}` }
      return outcome(await world.ask({ headers }))
    },
    ...refused,
  },
  'access.takes-json-form': { show: forged(forge.jsonForm), ...refused },
  'access.first-of-duplicate-claims': {
    show: forged((genuine, { world }) =>
      mint.duplicateClaims(genuine, world.account.access.keys.current.privateKey),
    ),
    ...refused,
  },
  'access.remembers-good-tokens': {
    async show(world) {
      const there = service(world, { domains: ['other.harness.test'] })
      const here = world.application({
        policies: [{ decision: 'non_identity', include: [{ service_token: { token_id: there.token.id } }] }],
      })
      const headers = { cookie: `CF_Authorization=${token(there)}` }
      const first = outcome(await world.ask({ hostname: 'other.harness.test', headers }))
      assert.equal(first, 'pass')
      assert.notEqual(here.aud, there.application.aud)
      return outcome(await world.ask({ headers }))
    },
    ...refused,
  },
  'access.publishes-private-key': {
    show: published(({ d }) => (d === undefined ? 'public' : 'private')),
    healthy: 'public',
    faulty: 'private',
  },
  'access.publishes-other-key-id': {
    show: published(({ kid }, { account }) =>
      kid === account.access.keys.current.kid ? 'the current key' : 'another id',
    ),
    healthy: 'the current key',
    faulty: 'another id',
  },
}
