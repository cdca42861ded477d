/**
 * The scenarios by name: what an operator sets up through the official SDK, and what visitors meet then. Each takes back
 * what it has set up.
 * @module
 */
import * as apiShield from './api-shield.ts'
import * as commonName from './common-name.ts'
import * as companyRoot from './company-root.ts'
import type { ScenarioContext } from './context.ts'
import * as login from './login.ts'
import * as originPulls from './origin-pulls.ts'
import * as serviceToken from './service-token.ts'
import type { Step } from './steps.ts'

/** One scenario. */
export interface Scenario {
  name: string
  /** For people, one phrase. */
  title: string
  run(context: ScenarioContext): Promise<Step[]>
}

/** All of them, in the order in which they are told. */
export const scenarios: readonly Scenario[] = [
  { name: 'api-shield', title: 'certificates of the managed CA for phones and sensors', ...apiShield },
  { name: 'origin-pulls', title: 'a certificate for one origin, and its rollback', ...originPulls },
  { name: 'login', title: 'an application behind Access, people log in', ...login },
  { name: 'service-token', title: 'a service token, rotated with overlap', ...serviceToken },
  { name: 'company-root', title: 'a company’s own root: enforce, then report', ...companyRoot },
  { name: 'common-name', title: 'an Access policy by common name', ...commonName },
]
