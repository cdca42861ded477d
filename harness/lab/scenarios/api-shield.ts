/**
 * Scenario 1, API Shield: phones and sensors with certificates of the managed CA, and four rules of which only the last
 * one is right.
 * @module
 */
import { createAuthority } from '../../pki/authority.ts'
import { describeCertificate } from '../../pki/describe.ts'
import type { ScenarioContext } from './context.ts'
import { enrol } from './devices.ts'
import type { Certificate } from './http.ts'
import { type Step, takingBack } from './steps.ts'
import { addBlockRule, associate } from './zone-setup.ts'

const hostname = 'iot.harness.test'
const organization = 'O=Example Devices'

/** Runs it. @throws ScenarioError when something is seen that was not expected. */
export function run(context: ScenarioContext): Promise<Step[]> {
  const steps = context.steps()
  const zone = context.zone('harness.test')
  const post = async (certificate?: Certificate): Promise<number> => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ sensor: 'sensor-7', celsius: 21.5 })
    return (await context.visit(hostname, { method: 'POST', path: '/temps', headers, body, certificate }))
      .status
  }
  return takingBack(async (undo) => {
    steps.check('Before: anybody may send a temperature', 201, await post())
    const phone = await enrol(context, zone, `CN=phone-7,${organization}`, undo)
    const sensor = await enrol(context, zone, `CN=sensor-7,${organization}`, undo)
    const neighbour = await enrol(
      context,
      context.zone('neighbour.test'),
      `CN=sensor-7,${organization}`,
      undo,
    )
    const stranger = await (await createAuthority({ name: 'CN=Another CA' })).issue({
      subject: `CN=sensor-7,${organization}`,
    })
    const subjects = [phone, sensor].map(({ cert }) => factsOf(cert).subject.rfc4514)
    steps.check(
      'The managed CA issues certificates for the signing requests of a phone and a sensor',
      [`CN=phone-7,${organization}`, `CN=sensor-7,${organization}`],
      subjects,
    )

    await associate(context, zone, hostname, undo)
    steps.check(
      'The hostname is associated with the managed CA: that alone blocks nobody',
      [201, 201],
      [await post(), await post(sensor)],
    )

    const noCertificate = `http.host eq "${hostname}" and not cf.tls_client_auth.cert_verified`
    const rule = await addBlockRule(
      context,
      zone,
      { description: 'Scenario API Shield', expression: `(${noCertificate})` },
      undo,
    )
    const change = (expression: string): Promise<void> =>
      rule.change({ description: 'Scenario API Shield', expression })
    steps.check('A rule blocks who is not verified: without a certificate', 403, await post())
    steps.check('… with a certificate of another CA', 403, await post(stranger))
    steps.check('… phone and sensor pass', [201, 201], [await post(phone), await post(sensor)])
    steps.check(
      '… and so does a certificate that another account had the managed CA issue: the rule is too weak',
      201,
      await post(neighbour),
    )

    const pin = factsOf(sensor.cert).aki ?? ''
    const pinned = `cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski eq "${pin}"`
    await change(`(http.host eq "${hostname}" and not (${pinned}))`)
    steps.check('The rule pins the issuer: the other account is out', 403, await post(neighbour))
    steps.check(
      '… without a certificate and of another CA too',
      [403, 403],
      [await post(), await post(stranger)],
    )
    steps.check('… phone and sensor pass', [201, 201], [await post(phone), await post(sensor)])

    steps.check('The phone is lost: its certificate is revoked', 'revoked', await phone.revoke())
    steps.check('… and passes all the same: the rule forgets cert_revoked', 201, await post(phone))
    await change(`(http.host eq "${hostname}" and (cf.tls_client_auth.cert_revoked or not (${pinned})))`)
    steps.check('The rule looks at cert_revoked: the phone is out', 403, await post(phone))
    steps.check(
      '… the sensor passes, the others do not',
      [201, 403, 403, 403],
      [await post(sensor), await post(), await post(stranger), await post(neighbour)],
    )
    return steps.done
  })
}

function factsOf(pem: string) {
  const described = describeCertificate(pem)
  if (!described.ok) throw new Error(described.error)
  return described.facts
}
