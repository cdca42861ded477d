/**
 * A deployment completed by what was observed of its hostname.
 * @module
 */
import type { Facts } from '../../reports/types.ts'
import type { Deployment } from '../deployment/types.ts'
import { withExplored } from './explore.ts'
import { withObservedAccess } from './observe-access.ts'

/** The deployment with the Access and the ports that were seen, where nobody declared them. */
export const withObserved = (deployment: Deployment, { access, elsewhere }: Facts): Deployment =>
  withExplored(withObservedAccess(deployment, access), elsewhere)
