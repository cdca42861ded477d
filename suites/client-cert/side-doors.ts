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
import { chooseText, hasDeclaredText } from '../../harness/probe/behind-refusal.ts'
import type { Outcome } from '../../harness/probe/types.ts'

/** A way to the application beside the plain one. */
export interface Door {
  what: string
  wanted: Try
  /** Another site may answer there: only what is the application's alone makes a finding. */
  mayBeAnother?: true
}

/** Bad certificates that servers let in which look only whether there is one, or by whose name. */
export const presented = ['self-signed', 'impostor-ca-other-ski'] as const satisfies readonly DefectId[]

/** Answers that are looked at closely: four or six connections each. */
const mostCompared = 3

/**
 * None of the doors opens to a bad certificate that is refused at the plain request. Connections: per certificate the doors and one,
 * and {@link closerLook} altogether.
 */
export async function noneOpens(
  run: CheckContext,
  doors: readonly Door[],
  kinds: readonly DefectId[],
): Promise<void> {
  await run.onlyIfClosed()
  const twin = await run.validTwin()
  if (twin !== undefined) await run.control(twin)
  const looks = { left: mostCompared }
  const passedOver: string[] = []
  for (const kind of run.can(kinds)) {
    const identity = await run.identity(kind)
    const front = await run.attempt({ identity, label: `${kind}, the plain request` })
    if (front.verdict === 'allowed') passedOver.push(`${kind} is let in as it is: see client-cert.${kind}`)
    else for (const door of doors) await tryDoor(run, { door, kind, front }, { looks, passedOver })
  }
  if (run.held === 0) run.skip(passedOver.join('; ') || 'no bad certificate can be made')
}

/** Connections of {@link noneOpens} beside its doors: twin, repetitions, and what is compared. */
export const closerLook = 24

interface Presented {
  door: Door
  kind: DefectId
  /** What the same certificate gets at the plain request. */
  front: Outcome
}

async function tryDoor(
  run: CheckContext,
  { door, kind, front }: Presented,
  { looks, passedOver }: { looks: { left: number }; passedOver: string[] },
): Promise<void> {
  const { wanted, what } = door
  const bad: Try = { ...wanted, identity: await run.identity(kind), label: `${kind}, ${what}` }
  const seen = await twice(run, bad)
  // Some spellings do not exist in HTTP/2: where nothing else is spoken, neither does this door.
  if (run.onlyHttp2 && seen.code === 'client-error') return
  const said = `${kind}, ${what}: ${seen.summary}`
  const isOpen = seen.verdict === 'allowed' || (await isBehind(run, bad, seen))
  const look = isOpen || (isAnswer(seen) && !isAlike(seen, front))
  if (!look) {
    if (seen.verdict === 'inconclusive' && seen.http === undefined && seen.transcript?.version !== undefined)
      run.inconclusive(said, '', seen)
    return run.hold(said)
  }
  if (!isOpen && looks.left <= 0) return run.hold(said)
  if (!isOpen) looks.left -= 1
  const nobody = await run.attempt({ ...wanted, label: `nobody, ${what}` })
  if (nobody.verdict === 'allowed' || isAlike(nobody, seen)) {
    if (isOpen) passedOver.push(`${what} stands open without a certificate too`)
    else run.hold(`${said}, as without a certificate`)
    return
  }
  const finding = `${said}; without a certificate: ${nobody.summary}`
  if (isOpen && (run.recognisable || door.mayBeAnother !== true)) return getsIn(run, finding, seen)
  if (isOpen)
    run.warn(finding, 'is it the same application? Give a canary, or requests with bodyContains', seen)
  if (await onlyThisReachesOrigin(run, bad, wanted))
    return getsIn(run, `${finding}; the request reached the origin`, seen)
  const good = await run.validTwin(wanted)
  const valid = good === undefined ? undefined : await run.attempt(good)
  if (good !== undefined && (valid === undefined || !isAlike(valid, seen))) return run.hold(said)
  run.warn(
    finding,
    `any certificate makes a difference here, ${valid === undefined ? 'perhaps' : 'and a valid one gets the same'}: it seems that nobody looks whose it is`,
    seen,
  )
}

function getsIn(run: CheckContext, finding: string, seen: Outcome): void {
  run.reached = true
  run.expect(false, '', finding, seen)
}

/** Once more where the first told nothing. */
async function twice(run: CheckContext, wanted: Try): Promise<Outcome> {
  const first = await run.attempt(wanted)
  return first.verdict === 'inconclusive' &&
    first.http === undefined &&
    first.transcript?.version !== undefined
    ? run.attempt({ ...wanted, label: `${wanted.label ?? ''} (again)` })
    : first
}

/** The application's answer under a refusing status. Compared only where its text is in it. */
async function isBehind(run: CheckContext, bad: Try, seen: Outcome): Promise<boolean> {
  const proof = bad.proof ?? proofOf(run.target)
  if (seen.http === undefined || !hasDeclaredText(seen.http, proof)) return false
  const behind = await run.behind(bad, seen, await run.validTwin(bad))
  if (behind === 'perhaps') run.inconclusive(seen.summary, chooseText, seen)
  return behind === 'open'
}

/** An answer that could be the application's: servers say by themselves that a certificate is bad, or a request misdirected. */
const isAnswer = ({ http, attribution }: Outcome): boolean =>
  http !== undefined && attribution !== 'explicit' && ![400, 421, 425, 429, 495, 496].includes(http.status)

const isAlike = (one: Outcome, other: Outcome): boolean =>
  one.http?.status === other.http?.status && one.verdict === other.verdict

/** The canary counts the request with the bad certificate, and none without: nobody is refused before the origin. */
async function onlyThisReachesOrigin(run: CheckContext, bad: Try, nobody: Try): Promise<boolean> {
  return (await reachesOrigin(run, bad)) && !(await reachesOrigin(run, nobody))
}

async function reachesOrigin(run: CheckContext, wanted: Try): Promise<boolean> {
  const marker = randomBytes(8).toString('hex')
  const twin = await run.validTwin({ path: `{canary}&marker=${marker}` })
  if (run.target.canary === undefined || twin === undefined || wanted.path?.includes('?') !== true)
    return false
  await run.attempt({
    ...wanted,
    path: `${wanted.path}&marker=${marker}`,
    label: `${wanted.label ?? 'nobody'}, counted`,
  })
  return ((await run.control(twin)).canary?.marked ?? 0) > 1
}
