/**
 * The way of a browser that is logged in at the team domain to the token of an application: three requests, none of which is
 * followed by itself.
 * @module
 */
import { tokenOf } from '../../fixtures/access.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { type AccessTarget, teamTarget } from '../../fixtures/targets.ts'
import { answerHeader, readAccessAnswer } from '../../harness/deployment/access-answer.ts'
import type { Outcome } from '../../harness/probe/types.ts'

/** Where a login of an application begins. */
export interface LoginStart {
  /** At the team domain. */
  url: URL
  /** Cookies set at the application's hostname, as a Cookie header sends them. */
  cookies: string
  outcome: Outcome
}

/** The address that an answer leads to; undefined where it leads nowhere. */
export function locationOf({ http }: Outcome, base: string): URL | undefined {
  const [location, ...more] = http === undefined ? [] : answerHeader(http, 'location')
  if (location === undefined || more.length > 0 || !URL.canParse(location, base)) return undefined
  return new URL(location, base)
}

/** The cookies that an answer sets, `name=value; name=value`. */
export const cookiesOf = ({ http }: Outcome): string =>
  (http === undefined ? [] : answerHeader(http, 'set-cookie'))
    .map((one) => one.split(';', 1)[0] ?? '')
    .join('; ')

const certificateFor = async (run: CheckContext, target: AccessTarget): Promise<Pick<Try, 'identity'>> => {
  const identity = target.access.with === 'access-and-mtls' ? await run.valid(target) : undefined
  return identity === undefined ? {} : { identity }
}

/** Asks the application without credentials. Ends the check where that does not lead to a login. */
export async function startLogin(run: CheckContext, target = run.accessTarget()): Promise<LoginStart> {
  const outcome = await run.attempt({
    target,
    ...(await certificateFor(run, target)),
    label: `the login of ${target.hostname} begins`,
  })
  if (outcome.verdict === 'inconclusive') run.inconclusive(outcome.summary)
  const url = locationOf(outcome, `https://${target.hostname}/`)
  const answer = readAccessAnswer(outcome.http)
  if (url === undefined || answer?.kind !== 'login')
    return run.skip(`${target.hostname} does not send people to a login: ${outcome.summary}`)
  return { url, cookies: cookiesOf(outcome), outcome }
}

/** Asks the team domain, with the session of the deployment. */
export function atTeam(run: CheckContext, target: AccessTarget, url: URL, label: string): Promise<Outcome> {
  const { session = run.skip('needs access.session') } = target.access
  const path = `${url.pathname}${url.search}`
  const headers: [string, string][] = [['Cookie', `CF_Authorization=${session}`]]
  return run.attempt({ target: teamTarget(target), path, headers, label })
}

/** Asks the application to finish a login. @param cookies of the browser that began it. */
export async function finishLogin(
  run: CheckContext,
  target: AccessTarget,
  url: URL,
  cookies: string,
  label: string,
): Promise<Outcome> {
  const path = `${url.pathname}${url.search}`
  const headers: [string, string][] = cookies === '' ? [] : [['Cookie', cookies]]
  return run.attempt({ target, path, headers, ...(await certificateFor(run, target)), label })
}

/** A login up to the address that finishes it, which is good once. Ends the check where the session leads to none. */
export async function almostIn(
  run: CheckContext,
  target = run.accessTarget(),
): Promise<{ url: URL; cookies: string }> {
  const { url, cookies } = await startLogin(run, target)
  const outcome = await atTeam(run, target, url, 'the team domain, logged in')
  if (outcome.verdict === 'inconclusive') run.inconclusive(outcome.summary)
  const back = locationOf(outcome, url.href)
  if (back === undefined || back.hostname !== target.hostname)
    return run.blocked(outcome.summary, 'the session of the deployment does not log in: is it still good?')
  return { url: back, cookies }
}

/** The token of a user at an application. */
export async function userToken(run: CheckContext, target = run.accessTarget()): Promise<string> {
  const { url, cookies } = await almostIn(run, target)
  const outcome = await finishLogin(run, target, url, cookies, 'the login is finished')
  return tokenOf(outcome) ?? run.blocked(outcome.summary, 'the login ended without a token')
}
