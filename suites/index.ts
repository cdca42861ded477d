/**
 * All suites. Importing this fills the catalogue.
 * @module
 */
import { type Check, registered } from '../fixtures/catalogue.ts'

/** The whole catalogue, in the order of the report. */
export async function loadCatalogue(): Promise<Check[]> {
  await import('./reach/reach.spec.ts')
  await import('./tls/certificate-request.spec.ts')
  await import('./tls/names.spec.ts')
  await import('./client-cert/basics.spec.ts')
  await import('./client-cert/defects.spec.ts')
  await import('./client-cert/malformed.spec.ts')
  await import('./client-cert/good.spec.ts')
  await import('./mode/enforce.spec.ts')
  await import('./mode/report.spec.ts')
  await import('./headers/forged.spec.ts')
  await import('./resumption/resumption.spec.ts')
  await import('./possession/possession.spec.ts')
  await import('./tls/reuse.spec.ts')
  await import('./tls/http3.spec.ts')
  await import('./client-cert/sibling-ca.spec.ts')
  await import('./robustness/hello.spec.ts')
  await import('./robustness/certificate-message.spec.ts')
  await import('./resumption/tickets.spec.ts')
  await import('./paths/paths.spec.ts')
  await import('./service-token/credentials.spec.ts')
  await import('./service-token/headers.spec.ts')
  await import('./service-token/lifecycle.spec.ts')
  await import('./composition/composition.spec.ts')
  await import('./composition/names.spec.ts')
  await import('./composition/paths.spec.ts')
  await import('./mode/script.spec.ts')
  await import('./mode/outage.spec.ts')
  await import('./responses/caches.spec.ts')
  await import('./responses/headers.spec.ts')
  await import('./origin/origin.spec.ts')
  await import('./access-jwt/basics.spec.ts')
  await import('./access-jwt/attacks.spec.ts')
  await import('./access-session/session.spec.ts')
  await import('./config-audit/rules.spec.ts')
  await import('./config-audit/trust.spec.ts')
  await import('./config-audit/expiry.spec.ts')
  await import('./config-audit/access.spec.ts')
  await import('./side-effects/side-effects.spec.ts')
  await import('./headers/certificate.spec.ts')
  return registered()
}
