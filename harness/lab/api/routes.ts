/**
 * Every route of the control plane, by subject.
 * @module
 */
import { accessRoutes } from './access/routes.ts'
import { accountRoutes } from './accounts.ts'
import { clientCertificateRoutes } from './client-certificates.ts'
import type { Routes } from './context.ts'
import { dnsRecordRoutes } from './dns-records.ts'
import { hostnameAssociationRoutes } from './hostname-associations.ts'
import { managedHeaderRoutes } from './managed-headers.ts'
import { mtlsCertificateRoutes } from './mtls-certificates.ts'
import { originPullRoutes } from './origin-pulls/routes.ts'
import { rulesetRoutes } from './rulesets.ts'
import { settingRoutes } from './settings.ts'
import { tokenRoutes } from './tokens.ts'
import { workerRouteRoutes } from './worker-routes.ts'
import { zoneRoutes } from './zones.ts'

/** Added in this order. */
export const routes: readonly Routes[] = [
  tokenRoutes,
  accountRoutes,
  zoneRoutes,
  settingRoutes,
  dnsRecordRoutes,
  clientCertificateRoutes,
  hostnameAssociationRoutes,
  mtlsCertificateRoutes,
  rulesetRoutes,
  managedHeaderRoutes,
  accessRoutes,
  originPullRoutes,
  workerRouteRoutes,
]
