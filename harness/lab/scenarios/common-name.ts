/**
 * Scenario 6, an Access application for machines: a client CA of Access, and a policy by common name.
 * @module
 */
import { createAuthority } from '../../pki/authority.ts'
import { makeApplication, makePolicy, verifiedClaims } from './access-setup.ts'
import type { ScenarioContext } from './context.ts'
import type { Certificate } from './http.ts'
import { idOf, refusalOf } from './refused.ts'
import { type Step, takingBack } from './steps.ts'

const hostname = 'app.harness.test'
const name = 'robot-7'

/** Runs it. @throws ScenarioError when something is seen that was not expected. */
export function run(context: ScenarioContext): Promise<Step[]> {
  const steps = context.steps()
  const { sdk, account } = context
  return takingBack(async (undo) => {
    const root = await createAuthority({ name: 'CN=Example Robots Root' })
    const right = await root.issue({ subject: `CN=${name}` })
    const wrong = await root.issue({ subject: 'CN=robot-77' })
    const foreign = await (await createAuthority({ name: 'CN=Another Root' })).issue({
      subject: `CN=${name}`,
    })

    const policy = await makePolicy(
      context,
      {
        name: 'Scenario common name',
        decision: 'non_identity',
        include: [{ common_name: { common_name: name } }],
      },
      undo,
    )
    const application = await makeApplication(
      context,
      { name: 'Scenario common name', domain: hostname, policies: [policy] },
      undo,
    )
    const status = async (certificate?: Certificate): Promise<number> =>
      (await context.visitCanary(hostname, { certificate })).status
    steps.check(
      `A policy lets ${name} in; no CA is associated yet, so no certificate is asked for`,
      403,
      await status(right),
    )

    const { certificates } = sdk.zeroTrust.access
    const attached = { ...account, name: 'Scenario common name', associated_hostnames: [hostname] }
    const ca = idOf(await certificates.create({ ...attached, certificate: root.cert }))
    let deleted = false
    undo(async () => {
      if (deleted) return
      await certificates.update(ca, { ...attached, associated_hostnames: [] })
      await certificates.delete(ca, account)
    })
    const seen = await context.visitCanary(hostname, { certificate: right })
    steps.check(`The CA is associated: ${name} passes`, 200, seen.status)
    const claims = await verifiedClaims(context, seen, application.aud)
    steps.check('… the origin is told its name by a token that verifies', name, claims.common_name)
    steps.check('… another name of the same CA does not pass', 403, await status(wrong))
    steps.check('… the same name of another CA does not pass', 403, await status(foreign))
    steps.check('… nor does who has no certificate', 403, await status())

    steps.check(
      'The CA cannot be deleted while the hostname is associated',
      '409 12132',
      await refusalOf(certificates.delete(ca, account)),
    )
    await certificates.update(ca, { ...attached, associated_hostnames: [] })
    await certificates.delete(ca, account)
    deleted = true
    steps.check('… afterwards it can, and nobody passes', 403, await status(right))
    return steps.done
  })
}
