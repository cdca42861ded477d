/**
 * Scenario 5, client certificates of a company's own root: enforce with custom answers, then report only.
 * @module
 */
import { createAuthority } from '../../pki/authority.ts'
import { describeCertificate } from '../../pki/describe.ts'
import { forwardedHeaders } from '../hostnames.ts'
import { clientAuthHeadersId } from '../rules/managed-transforms.ts'
import type { ScenarioContext } from './context.ts'
import type { Certificate } from './http.ts'
import { idOf, refusalOf } from './refused.ts'
import { type Step, takingBack, type Undo } from './steps.ts'
import { addBlockRule, associate } from './zone-setup.ts'

const hostname = 'corp.harness.test'
const day = 86_400_000

const json = {
  status_code: 403,
  content_type: 'application/json',
  content: '{"error":"company_certificate_required"}',
}
const html = {
  status_code: 403,
  content_type: 'text/html',
  content: '<!doctype html><title>Employees only</title><h1>Employees only</h1>',
}

/** Runs it. @throws ScenarioError when something is seen that was not expected. */
export function run(context: ScenarioContext): Promise<Step[]> {
  const steps = context.steps()
  const { sdk, account } = context
  const zone = context.zone('harness.test')
  return takingBack(async (undo) => {
    const root = await createAuthority({ name: 'CN=Example Corp Root,O=Example Corp' })
    const laptop = await root.issue({ subject: 'CN=laptop-7,O=Example Corp' })
    const expired = await root.issue({
      subject: 'CN=laptop-1,O=Example Corp',
      notBefore: new Date(Date.now() - 90 * day),
      notAfter: new Date(Date.now() - day),
    })
    const stranger = await (await createAuthority({ name: 'CN=Another Root' })).issue({
      subject: 'CN=laptop-7,O=Example Corp',
    })

    const { mtlsCertificates } = sdk
    const uploaded = await mtlsCertificates.create({
      ...account,
      ca: true,
      certificates: root.cert,
      name: 'Scenario company root',
    })
    const ca = idOf(uploaded)
    undo(() => mtlsCertificates.delete(ca, account))
    steps.check(
      'The company’s root is uploaded',
      ['custom', 'a CA'],
      [uploaded.type, uploaded.ca === true ? 'a CA' : 'no CA'],
    )
    await associate(context, zone, hostname, undo, ca)
    await forwardCertificates(context, zone, undo)
    steps.check(
      '… and cannot be deleted while a hostname is associated with it',
      'refused',
      // With which code was not found, so that none is expected.
      (await refusalOf(mtlsCertificates.delete(ca, account))) === 'accepted' ? 'accepted' : 'refused',
    )

    const rule = {
      description: 'Scenario company root',
      expression: `(http.host eq "${hostname}" and not cf.tls_client_auth.cert_verified)`,
    }
    const { change } = await addBlockRule(context, zone, { ...rule, response: json }, undo)
    /** Status, and the type and text of a refusal. */
    const answer = async (certificate?: Certificate): Promise<unknown[]> => {
      const { status, headers, body } = await context.visit(hostname, { path: '/temps', certificate })
      return status === 200 ? [status] : [status, String(headers['content-type']).split(';')[0], body]
    }
    for (const [name, response] of [
      ['JSON', json],
      ['HTML', html],
    ] as const) {
      if (response === html) await change({ ...rule, response })
      const { status_code: status, content_type: type, content } = response
      steps.check(
        `Enforced, refusal in ${name}: without a certificate`,
        [status, type, content],
        await answer(),
      )
      steps.check('… of another root', [status, type, content], await answer(stranger))
      steps.check('… expired', [status, type, content], await answer(expired))
      steps.check('… a good one', [200], await answer(laptop))
    }

    await change({ ...rule, response: html, enabled: false })
    const told = async (certificate?: Certificate): Promise<unknown[]> => {
      const { status, atOrigin } = await context.visitCanary(hostname, { certificate })
      return [status, atOrigin?.get(forwardedHeaders.status), atOrigin?.get(forwardedHeaders.ski)]
    }
    steps.check(
      'Reported only, the rule is off: without a certificate',
      [200, 'none', undefined],
      await told(),
    )
    steps.check('… a good one, with its SKI', [200, 'valid', skiOf(laptop)], await told(laptop))
    steps.check('… expired', [200, 'invalid:certificate has expired', skiOf(expired)], await told(expired))
    steps.check(
      '… of another root',
      [200, 'invalid:unable to get local issuer certificate', skiOf(stranger)],
      await told(stranger),
    )
    return steps.done
  })
}

/** Switches the certificate headers to the origin on, where they are off. */
async function forwardCertificates(
  { sdk }: ScenarioContext,
  zone: { zone_id: string },
  undo: Undo,
): Promise<void> {
  const { managed_request_headers: all } = await sdk.managedTransforms.list(zone)
  if (all.some(({ id, enabled }) => id === clientAuthHeadersId && enabled)) return
  const set = (enabled: boolean) =>
    sdk.managedTransforms.edit({
      ...zone,
      managed_request_headers: [{ id: clientAuthHeadersId, enabled }],
      managed_response_headers: [],
    })
  undo(() => set(false))
  await set(true)
}

function skiOf({ cert }: Certificate): string {
  const described = describeCertificate(cert)
  if (!described.ok || described.facts.ski === undefined) throw new Error('no subject key identifier')
  return described.facts.ski
}
