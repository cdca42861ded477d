/**
 * The origins in containers as the lab has them: each behind a hostname of its own, insisting on the certificate that the
 * edge presents for it.
 * @module
 */
import type { Faults } from '../../faults.ts'
import type { LabMaterial } from '../../material.ts'
import { guardedSettings } from '../lapses.ts'
import { startContainerOrigins } from './start.ts'
import {
  type ClientCertificateMode,
  type ContainerName,
  type ContainerOrigins,
  type ContainerOriginsOptions,
  type ContainerSettings,
  containerNames,
} from './types.ts'

/** What their settings follow from. */
export type GuardedMaterial = Pick<LabMaterial, 'sharedPull' | 'pulls' | 'clientCas'>

/** A load balancer has no `optional`: passthrough leaves the decision to a target that does not make it. */
const albModes: Readonly<Record<'off' | 'optional' | 'required', ClientCertificateMode>> = {
  off: 'off',
  optional: 'passthrough',
  required: 'verify',
}

/**
 * Settings of one server: as of the embedded origin `guarded`, misconfigured by the same faults. Faults that no setting of a
 * real server brings about change nothing.
 */
export function labContainerSettings(
  name: ContainerName,
  material: GuardedMaterial,
  faults: Faults,
): Partial<ContainerSettings> {
  const {
    clientCertificates = 'required',
    trust = '',
    onlySubject = '',
    plain = 'closed',
  } = guardedSettings(material, faults)
  return {
    clientCertificates: name === 'alb' ? albModes[clientCertificates] : clientCertificates,
    trust,
    onlySubject,
    plainPort: plain,
  }
}

/** Starts them for a lab of this material. Whoever starts them closes them. @throws as {@link startContainerOrigins}. */
export function startLabContainers(
  material: LabMaterial,
  {
    faults,
    names = containerNames,
    ...options
  }: { faults: Faults } & Pick<ContainerOriginsOptions, 'names' | 'signal' | 'onProgress' | 'network'>,
): Promise<ContainerOrigins> {
  const settings = Object.fromEntries(
    names.map((name) => [name, labContainerSettings(name, material, faults)]),
  )
  return startContainerOrigins({ ...options, names, material, settings })
}
