/**
 * The suite `origin` against real servers in containers: every configuration of the table on every server that can be
 * configured so. Bad ones must be found, good ones must be clean, and nothing else may be said.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Check } from '../../fixtures/catalogue.ts'
import type { CheckEnvironment } from '../../fixtures/environment.ts'
import { runCheck } from '../../fixtures/run.ts'
import type { Verdict } from '../../reports/types.ts'
import { loadDeployment } from '../deployment/load.ts'
import type { Deployment } from '../deployment/types.ts'
import { startLab } from '../lab/lab.ts'
import type { LabMaterial } from '../lab/material.ts'
import { labContainerSettings } from '../lab/origins/containers/lab-containers.ts'
import type { ContainerName, ContainerOrigin, ContainerSettings } from '../lab/origins/containers/types.ts'
import { observe } from '../verify/observe.ts'
import { mints } from '../verify/run-file.ts'
import { type ServerConfiguration, serverConfigurations } from './server-configurations.ts'

/** What the suite said of one server in one configuration. */
export interface ServerRow {
  server: ContainerName
  /** Name and version. */
  version: string
  configuration: string
  what: string
  verdicts: Record<string, Verdict>
  /** Checks that cannot see at this server what is wrong. */
  unseen: readonly string[]
  /** Sentences; none: as the table has it. */
  problems: string[]
}

/** What to run. */
export interface ServersOptions {
  /** All of the catalogue, or those that were chosen: only those of the suite `origin` are run. */
  checks: readonly Check[]
  material: LabMaterial
  /** Started with the same material; they are left as they were. */
  containers: readonly ContainerOrigin[]
  configurations?: readonly ServerConfiguration[]
  signal: AbortSignal
  onRow?: (row: ServerRow) => void
}

/** Runs the table: servers side by side, configurations of one server after each other. */
export async function runServers(options: ServersOptions): Promise<ServerRow[]> {
  const { material, containers, checks, configurations = serverConfigurations, signal, onRow } = options
  const suite = checks.filter(({ id }) => id.startsWith('origin.'))
  const dir = await mkdtemp(join(tmpdir(), 'harness-servers-'))
  const lab = await startLab({ dir, material, containers })
  try {
    const identities = await visitors(lab.deploymentFile)
    const rows = await Promise.all(
      lab.containers.map(async ({ name, deploymentFile = '' }) => {
        const container = containers.find((one) => one.name === name)
        if (container === undefined) return []
        const declared = await loadDeployment(deploymentFile)
        // The edge lets everybody through to these hostnames; the suite tries a visitor’s certificate all the same.
        const deployment = { ...declared, target: { ...declared.target, mtls: identities } }
        const seen = await observe(declared, signal)
        const before = container.settings
        const found: ServerRow[] = []
        try {
          for (const configuration of configurations) {
            if (signal.aborted) break
            if (configuration.servers?.includes(name) === false) continue
            const good = { ...before, ...labContainerSettings(name, material, new Set()), onlyFor: '' }
            await configure(container, { ...good, ...configuration.change(name, material) })
            // A new environment each time: what a plain request meets is remembered with it.
            const environment: CheckEnvironment = {
              deployment,
              facts: seen.facts,
              mintFor: mints(seen.caNames, deployment.target),
              signal,
            }
            const verdicts = await runAll(suite, environment)
            const row = rowOf(container, configuration, verdicts)
            found.push(row)
            onRow?.(row)
          }
        } finally {
          if (!signal.aborted) await configure(container, before)
        }
        return found
      }),
    )
    return rows.flat()
  } finally {
    await lab.close()
    await rm(dir, { recursive: true, force: true })
  }
}

/** A reload takes a while: only where something changes. */
async function configure(container: ContainerOrigin, settings: ContainerSettings): Promise<void> {
  if (!isDeepStrictEqual(settings, container.settings)) await container.configure(settings)
}

/** What the lab's own deployment says of the visitors' certificates. */
async function visitors(file = ''): Promise<NonNullable<Deployment['target']['mtls']>> {
  const { mtls } = (await loadDeployment(file)).target
  if (mtls === undefined) throw new Error('the deployment of the lab has no client certificates')
  return mtls
}

async function runAll(
  checks: readonly Check[],
  environment: CheckEnvironment,
): Promise<Map<string, { verdict: Verdict; said: string }>> {
  const verdicts = new Map<string, { verdict: Verdict; said: string }>()
  for (const check of checks) {
    const { verdict, observed, reason } = (await runCheck(check, environment)).result
    verdicts.set(check.id, { verdict, said: [observed, reason].filter(Boolean).join('; ') })
  }
  return verdicts
}

const findings = new Set<Verdict>(['fail', 'warn'])

function rowOf(
  { name, server }: ContainerOrigin,
  configuration: ServerConfiguration,
  verdicts: ReadonlyMap<string, { verdict: Verdict; said: string }>,
): ServerRow {
  return {
    server: name,
    version: server,
    configuration: configuration.id,
    what: configuration.what,
    verdicts: Object.fromEntries([...verdicts].map(([id, { verdict }]) => [id, verdict])),
    unseen: configuration.unseen?.[name] ?? [],
    problems: problemsOf(name, configuration, verdicts),
  }
}

/** In what the suite was wrong about a configuration: pure. */
export function problemsOf(
  name: ContainerName,
  { found, unseen, alsoAffected = [] }: Pick<ServerConfiguration, 'found' | 'unseen' | 'alsoAffected'>,
  verdicts: ReadonlyMap<string, { verdict: Verdict; said: string }>,
): string[] {
  const hidden = unseen?.[name] ?? []
  return [...verdicts].flatMap(([id, { verdict, said }]) => {
    const isFinding = findings.has(verdict)
    if (hidden.includes(id))
      return verdict === 'not-applicable' ? [] : [`${id} cannot see it here, and says ${verdict}: ${said}`]
    if (found.includes(id)) return isFinding ? [] : [`${id} does not find it: ${verdict}, ${said}`]
    if (alsoAffected.includes(id))
      return isFinding || verdict === 'not-applicable' || verdict === 'pass'
        ? []
        : [`${id} is undecided: ${verdict}, ${said}`]
    const cannot = cannotAsk[name]?.includes(id) === true
    if (verdict === 'pass' || (cannot && verdict === 'not-applicable')) return []
    return [`${id} ${isFinding ? 'finds something else' : 'is undecided'}: ${verdict}, ${said}`]
  })
}

/** What cannot be seen from outside at a server, whatever its configuration. */
const cannotAsk: Partial<Record<ContainerName, readonly string[]>> = {
  // It names no CA in its CertificateRequest: none to copy, none to recognise.
  alb: ['origin.shared-ca', 'origin.impostor-ca'],
}
