/**
 * Scenario 2, Authenticated Origin Pulls of one hostname with a certificate of one's own, in the documented order; then
 * both rollbacks, of which only one works.
 * @module
 */
import { createAuthority } from '../../pki/authority.ts'
import { diffStates } from '../state/diff.ts'
import type { ScenarioContext } from './context.ts'
import { lasting } from './lasting.ts'
import { idOf, refusalOf } from './refused.ts'
import { eventually, type Step, takingBack } from './steps.ts'

const hostname = 'pulls.harness.test'
const origin = 'pulls'

/** Runs it. @throws ScenarioError when something is seen that was not expected. */
export async function run(context: ScenarioContext): Promise<Step[]> {
  const steps = context.steps()
  const { sdk, api } = context
  const zone = context.zone('harness.test')
  const { hostnameCertificates, hostnames } = sdk.originTLSClientAuth
  const before = await api.state()
  await takingBack(async (undo) => {
    const root = await createAuthority({ name: 'CN=Example Origin Pull Root' })
    const { cert, key, subject } = await root.issue({ subject: `CN=${hostname}` })

    const settings = await api.originSettings(origin)
    undo(() => api.configureOrigin(origin, settings))
    await api.configureOrigin(origin, { clientCertificates: 'optional', trust: root.cert })
    const pull = async (): Promise<string> => {
      const { status, pull: seen } = await context.visitCanary(hostname)
      return `${status}, ${seen?.presented === true ? `${seen.verified ? 'verified' : 'unverified'} ${seen.subject}` : 'no certificate'}`
    }
    const good = `200, verified ${subject}`
    const nothing = '200, no certificate'
    steps.check('The origin asks for a certificate, optionally: the edge has none', nothing, await pull())

    const made = await hostnameCertificates.create({ ...zone, certificate: cert, private_key: key })
    const id = idOf(made)
    const associate = (enabled: boolean | null) =>
      hostnames.update({ ...zone, config: [{ hostname, cert_id: id, enabled }] })
    const status = async (): Promise<string> => (await hostnameCertificates.get(id, zone)).status ?? ''
    undo(async () => {
      if (['deleted', 'pending_deletion'].includes(await status())) return
      await associate(null)
      await eventually(status, (one) => one !== 'pending_deployment')
      await hostnameCertificates.delete(id, zone)
    })
    steps.check(
      'The certificate is uploaded and becomes active',
      'active',
      await eventually(status, (one) => one === 'active'),
    )
    steps.check('… nothing is presented yet', nothing, await pull())

    await associate(true)
    steps.check(
      'The hostname is associated: the edge presents it',
      good,
      await eventually(pull, (one) => one === good),
    )

    await api.configureOrigin(origin, { clientCertificates: 'required' })
    steps.check('The origin requires it: visitors pass', good, await pull())
    steps.check(
      '… and who goes to the origin directly does not',
      400,
      (await context.visitOrigin(origin, hostname)).status,
    )

    await api.configureOrigin(origin, { clientCertificates: 'optional' })
    await associate(false)
    steps.check(
      'Rollback as documented, enabled: false: nothing is presented',
      nothing,
      await eventually(pull, (one) => one === nothing),
    )
    steps.check(
      '… but the association is still there, so the certificate cannot be deleted (1433, in use)',
      ['false', '400 1433'],
      [
        String((await hostnames.get(hostname, zone)).enabled),
        await refusalOf(hostnameCertificates.delete(id, zone)),
      ],
    )
    await associate(null)
    steps.check(
      'Rollback as Cloudflare’s Terraform provider does it, enabled: null: the association is gone (1553)',
      '404 1553',
      await refusalOf(hostnames.get(hostname, zone)),
    )
    steps.check(
      '… the certificate can be deleted',
      'accepted',
      await refusalOf(hostnameCertificates.delete(id, zone)),
    )
    steps.check('… and can still be read', 'deleted', await eventually(status, (one) => one === 'deleted'))
  })
  const changes = diffStates(before, await api.state(), { ignoreTimestamps: true })
  steps.check(
    'The state is what it was before, but for the deleted certificate',
    [],
    changes.filter((change) => !lasting(change)).map(({ path }) => path),
  )
  return steps.done
}
