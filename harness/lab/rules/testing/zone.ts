/**
 * A zone with rules, for tests.
 * @module
 */
import { emptyAccessObjects } from '../../access/initial.ts'
import { newId } from '../../state/ids.ts'
import type { Rule, RulesetPhase, ZoneState } from '../../state/types.ts'
import { checkRule } from '../check.ts'

const at = '2026-01-01T00:00:00.000Z'

/** A zone whose entry point of a phase has these rules, given as the API takes them. */
export function zoneWith(phase: RulesetPhase, definitions: readonly object[]): ZoneState {
  const rules = definitions.map((json): Rule => {
    const { actionParameters, ref, ...definition } = checkRule(phase, json)
    const id = newId()
    return {
      ...{ id, version: 1, lastUpdated: at, ref: ref ?? id },
      ...definition,
      ...(actionParameters === undefined ? {} : { actionParameters }),
    }
  })
  return {
    ...{ id: newId(), name: 'example.test', accountId: newId(), createdOn: at, modifiedOn: at },
    settings: {
      ssl: { value: 'strict', modifiedOn: at },
      tls_client_auth: { value: 'off', modifiedOn: null },
    },
    clientCertificates: {},
    hostnameAssociations: {},
    rulesets: {
      [phase]: { id: newId(), name: 'default', description: '', version: 1, lastUpdated: at, rules },
    },
    managedRequestHeaders: [],
    originPulls: { enabled: false, zoneCertificates: {}, hostnameCertificates: {}, associations: {} },
    access: emptyAccessObjects(),
  }
}
