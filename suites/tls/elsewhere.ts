/**
 * Whether an answer came from the protected application or from another behind the same edge.
 * @module
 */
import type { CheckContext } from '../../fixtures/context.ts'
import type { Target } from '../../harness/deployment/types.ts'
import { originHeader } from '../../harness/probe/canary.ts'
import type { Outcome } from '../../harness/probe/types.ts'

/** The Host fields that the origin was told, in lower case; '' where no canary answered. */
export const hostsSeen = ({ canary }: Outcome): string =>
  canary === undefined ? '' : originHeader(canary, 'host').join().toLowerCase()

/**
 * Whether an answer came from elsewhere than the protected application. By Host only where the origin is told different
 * ones: a proxy that rewrites Host makes every way in look like the sibling.
 */
export const elsewhere =
  ({ target }: CheckContext, control: Outcome | undefined) =>
  (outcome: Outcome): boolean => {
    const { canary, http } = outcome
    if (target.canary === undefined) return false
    if (canary === undefined) return http !== undefined && http.status < 300
    const usual = control === undefined ? target.hostname : hostsSeen(control)
    return (
      usual.startsWith(target.hostname.toLowerCase()) &&
      !hostsSeen(outcome).startsWith(target.hostname.toLowerCase())
    )
  }

/**
 * Whether an answer to another name is some other page: it is not the application's, which would be known. Of an answer to the
 * hostname's own name this says nothing.
 */
export const anotherPage =
  (run: CheckContext) =>
  ({ verdict, http }: Outcome): boolean =>
    run.recognisable && verdict === 'inconclusive' && http !== undefined

/** Why an answer decides nothing. */
export const cannotTell =
  'the page behind that door is empty or differs every time: whose answer this is cannot be told without canary'

/** A door beside the hostname's own: by which names it is entered. */
export interface SideDoor {
  /** `false`: none. */
  servername: string | false
  host: string
}

/** The door of a public sibling. */
export const doorOf = ({ hostname }: Target): SideDoor => ({ servername: hostname, host: hostname })

/** A page without hostnames: applications repeat the name they were asked by. */
const pageOf = ({ http }: Outcome, names: readonly string[]): string =>
  http === undefined
    ? 'no answer'
    : names.reduce(
        (text, name) => text.replaceAll(name, ''),
        `${http.status} ${http.body.toString('latin1')}`,
      )

/** Whether an answer is a certain page; `undefined`: it cannot be told. */
export type IsPage = (outcome: Outcome) => boolean | undefined

/**
 * Whether an answer is the page that another door gives by its own name, names in it aside: `undefined` where that page differs
 * every time, or where both are empty and the application is declared by its status alone, so that it could be empty too.
 */
export async function pageBehind(run: CheckContext, { servername, host }: SideDoor): Promise<IsPage> {
  const names = [host, run.target.hostname]
  const ask = async (): Promise<string> =>
    pageOf(await run.attempt({ servername, host, label: `the page of ${host} itself` }), names)
  const [one, two] = [await ask(), await ask()]
  return (outcome) => {
    const page = pageOf(outcome, names)
    if (page !== one && page !== two) return one === two ? false : undefined
    // From outside nothing says what the application is like: the same empty page twice is taken for the server's own.
    const couldBeEmpty = run.provable && !run.recognisable
    return outcome.http?.body.length === 0 && couldBeEmpty ? undefined : true
  }
}
