/**
 * What the process that plans a run tells the processes that execute it. The file holds no secret: workers load the
 * deployment again, with their own reading of the environment.
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises'
import type { Facts } from '../../reports/types.ts'
import { blackBoxDeployment, parseConnect } from '../deployment/blackbox.ts'
import { loadDeployment } from '../deployment/load.ts'
import { mintSource } from '../deployment/mint-source.ts'
import type { Deployment, Target } from '../deployment/types.ts'
import { createMint, type Mint } from '../pki/mint.ts'
import type { WireName } from '../wire/types.ts'
import { withObserved } from './observed.ts'

/** Where a deployment comes from: a file, or only a hostname. */
export type DeploymentSource =
  | { file: string; connectTo?: string; deadline?: number }
  | { hostname: string; connectTo?: string; deadline?: number }

/** The run file's content. */
export interface RunFile {
  source: DeploymentSource
  facts: Facts
  caNames: WireName[]
  /** The deployment's files go away with the run, as the embedded lab's do. */
  scratch: boolean
}

/** A run, ready for checks: everything a check's environment needs. */
export interface Run {
  deployment: Deployment
  facts: Facts
  mintFor: (target: Target) => Mint
  scratch?: boolean
}

/** Loads the deployment a source stands for; what the command line says wins over the file. */
export async function resolveSource(source: DeploymentSource): Promise<Deployment> {
  const { connectTo, deadline } = source
  if ('hostname' in source) {
    return blackBoxDeployment(source.hostname, {
      ...(connectTo === undefined ? {} : { connectTo }),
      ...(deadline === undefined ? {} : { deadline }),
    })
  }
  const loaded = await loadDeployment(source.file)
  const connect = connectTo === undefined ? undefined : parseConnect(connectTo)
  const { target } = loaded
  const moved = (one: Target): Target =>
    // A sibling that goes where the hostname goes keeps going there.
    connect !== undefined && one.address === target.address && one.port === target.port
      ? { ...one, ...connect }
      : one
  return {
    ...loaded,
    target: moved(target),
    siblings: loaded.siblings.map(moved),
    ...(deadline === undefined ? {} : { deadline }),
  }
}

/** One mint per target, made when first asked for. */
export function mints(caNames: readonly WireName[], own: Target): (target: Target) => Mint {
  const made = new Map<Target, Mint>()
  return (target) => {
    const known = made.get(target)
    if (known !== undefined) return known
    // The CA names were read from the deployment's own hostname: they say nothing about a sibling.
    const mint = createMint(mintSource(target, target === own ? caNames : []))
    made.set(target, mint)
    return mint
  }
}

/** Writes the run file, readable by the owner only. */
export const writeRunFile = (path: string, run: RunFile): Promise<void> =>
  writeFile(path, JSON.stringify(run), { mode: 0o600 })

/** Reads the run file named by `HARNESS_RUN`. */
export async function loadRun(): Promise<Run> {
  const path = process.env.HARNESS_RUN
  if (path === undefined) throw new Error('HARNESS_RUN is not set: checks run through `harness verify`')
  const run = JSON.parse(await readFile(path, 'utf8')) as RunFile
  const deployment = withObserved(await resolveSource(run.source), run.facts)
  const mintFor = mints(run.caNames, deployment.target)
  return { deployment, facts: run.facts, mintFor, scratch: run.scratch }
}
