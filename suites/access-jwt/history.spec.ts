import { tokenOf } from '../../fixtures/access.ts'
import { check } from '../../fixtures/catalogue.ts'
import type { CheckContext } from '../../fixtures/context.ts'
import { type AccessTarget, otherAccessTarget } from '../../fixtures/targets.ts'
import type { Outcome } from '../../harness/probe/types.ts'
import { almostIn, cookiesOf, finishLogin } from '../access-session/log-in.ts'
import { edgeDoor, refuseOne } from './doors.ts'
import { edgeVerifies } from './remedies.ts'

/** What a login at an application ends with: of a user where the deployment has a session, of a service elsewhere. */
async function loggedIn(run: CheckContext, target: AccessTarget): Promise<Outcome> {
  if (target.access.session === undefined) {
    const twin = await run.accessTwin({ target, label: 'a token for another application' })
    return run.control(twin ?? run.skip('needs siblings[].access.serviceToken'))
  }
  const { url, cookies } = await almostIn(run, target)
  return finishLogin(run, target, url, cookies, 'the login is finished')
}

check(
  'access-jwt.after-other-application',
  {
    title: 'a token is judged anew at each application, whatever was decided about it before',
    severity: 'high',
    kind: 'must',
    profile: 'default',
    needs: ['access.token', 'access-other'],
    grounds: [
      'fast-jwt GHSA-rp9m-7r4c-75qg',
      'lua-resty-openidc#399',
      'Oathkeeper CVE-2026-33496',
      'catalogue JWT-24',
    ],
    killedBy: ['access.remembers-good-tokens', 'access.takes-other-application'],
    why: 'Verifying a signature costs time, so verdicts are cached. A cache that knows a token and not for whom it was good opens every application to whoever may use one, in the moment after they have used it.',
    sends:
      'A login at another application; its token there, here at once, and here once more after a genuine token was let in here.',
    expects: 'Let in there; refused here, both times.',
    remediation: edgeVerifies,
  },
  async (run) => {
    const other = otherAccessTarget(run.deployment) ?? run.skip('needs another application')
    const login = await loggedIn(run, other)
    const token = tokenOf(login) ?? run.skip('the login ends without a token (strict mode)')
    const cookies = cookiesOf(login) || `CF_Authorization=${token}`
    const identity = other.access.with === 'access-and-mtls' ? await run.valid(other) : undefined
    await run.control({
      target: other,
      headers: [['Cookie', cookies]],
      label: `the good twin: the token at ${other.hostname}`,
      ...(identity === undefined ? {} : { identity }),
    })
    const here = await edgeDoor(run)
    await refuseOne(run, here, 'at once', token)
    await run.control({ ...here.show(await run.applicationToken()), label: 'the good twin' })
    await refuseOne(run, here, 'once more', token)
    run.observed = 'let in there and refused here, twice'
  },
)
