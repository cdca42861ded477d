/**
 * Where tokens are shown: at the edge, and straight to an origin that verifies them itself. The same attacks go to both, because
 * the edge hides an origin that verifies nothing.
 * @module
 */
import type { HeaderList } from '../../fixtures/access.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { Ended } from '../../fixtures/verdict.ts'
import type { Forged } from '../../harness/credentials/forge.ts'
import { belongsTo } from '../../harness/credentials/token.ts'
import { readAccessAnswer } from '../../harness/deployment/access-answer.ts'
import { defaultStatusValues } from '../../harness/deployment/target.ts'
import type { Target } from '../../harness/deployment/types.ts'
import type { Outcome } from '../../harness/probe/types.ts'

/** One way to show a token. */
export interface Door {
  /** An attempt that shows the token, or none, and has everything else that should be there. */
  show(token: string | undefined): Try
  /** Why a refusal is not about the token; undefined where it is. */
  otherReason(outcome: Outcome): string | undefined
}

/**
 * Both places at which the edge reads a token: whichever it reads, it is the same one. A long one is in the cookie alone, or
 * the limit on all headers would answer.
 */
const bothPlaces = (token: string): HeaderList => [
  ['Cookie', `CF_Authorization=${token}`],
  ...(token.length > 2048 ? [] : [['cf-access-token', token] as [string, string]]),
]

/** The hostname behind Access. */
export async function edgeDoor(run: CheckContext): Promise<Door> {
  const target = run.accessTarget()
  const identity = target.access.with === 'access-and-mtls' ? await run.valid(target) : undefined
  const base: Try = { target, ...(identity === undefined ? {} : { identity }) }
  return {
    show: (token) => (token === undefined ? base : { ...base, headers: bothPlaces(token) }),
    otherReason: ({ http, summary }) => {
      const answer = readAccessAnswer(http)
      const ours =
        answer?.kind === 'denied' || (answer?.kind === 'login' && answer.team === target.access.team)
      return ours || tooLarge(http?.status) ? undefined : `${summary}, which is not how Access refuses`
    },
  }
}

/** The origin, past the edge, with the certificate of the edge where there is one. */
export async function originDoor(run: CheckContext): Promise<Door> {
  const { origin } = run.deployment
  if (origin?.validates === undefined) return run.skip('needs origin.validates')
  const { access: _, ...behind } = run.accessTarget()
  const { identity } = origin
  const target: Target = {
    ...behind,
    address: origin.address,
    port: origin.port,
    ...(origin.validates === true ? {} : { canary: origin.validates }),
    mtls: {
      mode: origin.pulls === 'none' ? 'off' : 'enforce',
      identities: identity === undefined ? [] : [identity],
      forwarded: {},
      statusValues: defaultStatusValues,
    },
  }
  const base: Try = {
    target,
    ...(origin.tls ? {} : { tls: false }),
    ...(identity === undefined ? {} : { identity }),
  }
  return {
    show: (token) =>
      token === undefined ? base : { ...base, headers: [['Cf-Access-Jwt-Assertion', token]] },
    otherReason: ({ http, summary }) =>
      http !== undefined && ([400, 401, 403].includes(http.status) || tooLarge(http.status))
        ? undefined
        : `${summary}, which does not look like a refused assertion`,
  }
}

const tooLarge = (status: number | undefined): boolean =>
  status !== undefined && [413, 414, 431].includes(status)

/** None of the forged tokens may open the door, which the genuine one opens before and after. */
export async function refuseAll(
  run: CheckContext,
  door: Door,
  genuine: string,
  forged: readonly Forged[],
): Promise<void> {
  await run.control({ ...door.show(genuine), label: 'the good twin' })
  for (const { name, token } of forged) await refuseOne(run, door, name, token)
  await run.control({ ...door.show(genuine), label: 'the good twin, afterwards' })
  run.observed = `${forged.length} refused: ${forged.map(({ name }) => name).join(', ')}`
}

/** The token does not open the door. */
export async function refuseOne(run: CheckContext, door: Door, name: string, token: string): Promise<void> {
  try {
    const outcome = await run.refused({ ...door.show(token), label: name }, undefined, { any: true })
    const other = door.otherReason(outcome)
    if (other !== undefined) throw new Ended('warn', other)
  } catch (error) {
    if (!(error instanceof Ended)) throw error
    throw new Ended(error.verdict, `${name}: ${error.observed}`, error.reason)
  }
}

/** The public key that a token names; ends the check as blocked where the team does not publish it. */
export async function publicKeyOf(run: CheckContext, kid: unknown) {
  const { keys } = await run.keySet()
  const found = keys.find((one) => one.kid === kid)
  return (
    found?.key ?? run.blocked('the key set has no key with the kid of the token', 'see access-jwt.genuine')
  )
}

/** The signing key of the deployment; ends the check where it is not the one the team signs with now. */
export async function signingKey(run: CheckContext, kid: unknown): Promise<string> {
  const key = run.accessTarget().access.signingKey ?? run.skip('needs access.signing.key')
  if (belongsTo(key, await publicKeyOf(run, kid))) return key
  return run.blocked(
    'access.signing.key is not the key that signs the tokens now',
    'the keys may have rotated',
  )
}
