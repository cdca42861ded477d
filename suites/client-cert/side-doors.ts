/**
 * Doors at which a certificate has to be there and nobody looks whose it is: each is tried with a bad certificate, and what opens to
 * it without one too is left to the checks that bring none.
 * @module
 */
import { randomBytes } from 'node:crypto'
import type { CheckContext } from '../../fixtures/context.ts'
import type { Try } from '../../fixtures/environment.ts'
import { proofOf } from '../../harness/deployment/proof.ts'
import type { DefectId } from '../../harness/pki/types.ts'
import { hasDeclaredText } from '../../harness/probe/behind-refusal.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { countMarked } from '../paths/closed.ts'

/** A way to the application beside the plain one. */
export interface Door {
  what: string
  wanted: Try
  /** Another site may answer there: only what is the application's alone makes a finding. */
  mayBeAnother?: true
}

/** Bad certificates that servers let in which look only whether there is one, or by whose name. */
export const presented = ['self-signed', 'impostor-ca-other-ski'] as const satisfies readonly DefectId[]

/** What is said of doors that are no plain finding. */
interface Ledger {
  /** Open to nobody too, or to the certificate everywhere. */
  passedOver: string[]
  warnings: [finding: string, reason: string, seen: Outcome][]
  undecided: [said: string, seen: Outcome][]
}

/**
 * None of the doors opens to a bad certificate that is refused at the plain request. Connections: one for the twin, per certificate
 * one and as many as there are doors; one more where a door answers otherwise than the plain request, up to five where it differs
 * from what nobody gets there.
 */
export async function noneOpens(
  run: CheckContext,
  doors: readonly Door[],
  kinds: readonly DefectId[],
): Promise<void> {
  await run.onlyIfClosed()
  const twin = await run.validTwin()
  if (twin !== undefined) await run.control(twin)
  const ledger: Ledger = { passedOver: [], warnings: [], undecided: [] }
  for (const kind of run.can(kinds)) {
    const front = await run.attempt({
      identity: await run.identity(kind),
      label: `${kind}, the plain request`,
    })
    if (front.verdict === 'allowed')
      ledger.passedOver.push(`${kind} is let in as it is: see client-cert.${kind}`)
    else for (const door of doors) await tryDoor(run, { door, kind, front }, ledger)
  }
  // A way in ends the check at once; what is less must not hide one.
  for (const warning of ledger.warnings) run.warn(...warning)
  for (const [said, seen] of ledger.undecided) run.inconclusive(said, '', seen)
  if (run.held === 0) run.skip(ledger.passedOver.join('; ') || 'no bad certificate can be made')
}

interface Presented {
  door: Door
  kind: DefectId
  /** What the same certificate gets at the plain request. */
  front: Outcome
}

async function tryDoor(run: CheckContext, { door, kind, front }: Presented, ledger: Ledger): Promise<void> {
  const { wanted, what } = door
  const bad: Try = { ...wanted, identity: await run.identity(kind), label: `${kind}, ${what}` }
  const first = await run.attempt(bad)
  const seen = saysNothing(first) ? await run.attempt({ ...bad, label: `${kind}, ${what} (again)` }) : first
  // Some spellings do not exist in HTTP/2: where nothing else is spoken, neither does this door.
  if (run.onlyHttp2 && seen.code === 'client-error') return
  const said = `${kind}, ${what}: ${seen.summary}`
  if (saysNothing(seen)) return void ledger.undecided.push([said, seen])
  const isOpen = seen.verdict === 'allowed' || (await isBehind(run, bad, seen))
  if (!isOpen && (!isAnswer(seen) || isAlike(seen, front))) return run.hold(said)
  const nobody = await run.attempt({ ...wanted, label: `nobody, ${what}` })
  const nobodyIsIn = nobody.verdict === 'allowed' || (await isBehind(run, wanted, nobody))
  if (isOpen && nobodyIsIn)
    return void ledger.passedOver.push(`${what} stands open without a certificate too`)
  if (!isOpen && (nobodyIsIn || isAlike(nobody, seen))) return run.hold(`${said}; without: ${nobody.summary}`)
  const finding = `${said}; without a certificate: ${nobody.summary}`
  if (isOpen) {
    const isTheApplication = run.recognisable || door.mayBeAnother !== true
    if (isTheApplication) return getsIn(run, finding, seen)
    const reason = 'is it the same application? Give a canary, or requests with bodyContains'
    return void ledger.warnings.push([finding, reason, seen])
  }
  if ((await reachesOrigin(run, bad)) && !(await reachesOrigin(run, wanted)))
    return getsIn(run, `${finding}; the request reached the origin`, seen)
  const good = await twinAt(run, wanted)
  const valid = good === undefined ? undefined : await run.attempt(good)
  if (valid !== undefined && !isAlike(valid, seen)) return run.hold(said)
  const how = valid === undefined ? 'perhaps' : 'and a valid one gets the same'
  const reason = `any certificate makes a difference here, ${how}: it seems that nobody looks whose it is`
  ledger.warnings.push([finding, reason, seen])
}

function getsIn(run: CheckContext, finding: string, seen: Outcome): void {
  run.reached = true
  run.expect(false, '', finding, seen)
}

/** Neither let in nor refused, and no page that could be compared. Nobody there is a closed door. */
const saysNothing = ({ verdict, http, transcript, code }: Outcome): boolean =>
  verdict === 'inconclusive' &&
  (http === undefined ? transcript?.version !== undefined : code === 'rate-limited')

/** The valid certificate of the front door, at a door. */
async function twinAt(run: CheckContext, wanted: Try): Promise<Try | undefined> {
  const twin = await run.validTwin()
  return twin === undefined ? undefined : { ...wanted, ...twin }
}

/** The application's answer under a refusing status. Compared only where its text is in it. */
async function isBehind(run: CheckContext, bad: Try, seen: Outcome): Promise<boolean> {
  const proof = bad.proof ?? proofOf(run.target)
  if (seen.http === undefined || !hasDeclaredText(seen.http, proof)) return false
  return run.isBehind(bad, seen, await twinAt(run, bad))
}

/** An answer that could be the application's: servers say by themselves that a certificate is bad, or a request misdirected. */
const isAnswer = ({ http, attribution }: Outcome): boolean =>
  http !== undefined && attribution !== 'explicit' && ![400, 421, 425, 429, 495, 496].includes(http.status)

const isAlike = (one: Outcome, other: Outcome): boolean =>
  one.http?.status === other.http?.status && one.verdict === other.verdict

/** The canary counts the request. Where it counts refused ones too, nobody's shows it. */
async function reachesOrigin(run: CheckContext, wanted: Try): Promise<boolean> {
  const isCounted = run.target.canary !== undefined && (await run.validTwin()) !== undefined
  if (!isCounted || wanted.path?.includes('?') !== true) return false
  const marker = randomBytes(8).toString('hex')
  await run.attempt({
    ...wanted,
    path: `${wanted.path}&marker=${marker}`,
    label: `${wanted.label ?? 'nobody'}, counted`,
  })
  return ((await countMarked(run, marker)) ?? 0) > 1
}
