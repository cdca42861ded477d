/**
 * Every route of the Access control plane.
 * @module
 */
import type { Routes } from '../context.ts'
import { applicationRoutes } from './applications.ts'
import { certificateSettingRoutes } from './certificate-settings.ts'
import { certificateRoutes } from './certificates.ts'
import { groupRoutes } from './groups.ts'
import { identityProviderRoutes } from './identity-providers.ts'
import { keyRoutes } from './keys.ts'
import { organizationRoutes } from './organizations.ts'
import { ownPolicyRoutes } from './own-policies.ts'
import { policyRoutes } from './policies.ts'
import { addAccessRoutes } from './scope.ts'
import { serviceTokenRoutes } from './service-tokens.ts'

/** Adds them. */
export const accessRoutes: Routes = (app, context) =>
  addAccessRoutes(app, context, [
    ...organizationRoutes(context),
    ...keyRoutes(context),
    ...applicationRoutes(context),
    ...ownPolicyRoutes(context),
    ...policyRoutes(context),
    ...groupRoutes(context),
    ...identityProviderRoutes(context),
    ...serviceTokenRoutes(context),
    ...certificateSettingRoutes(context),
    ...certificateRoutes(context),
  ])
