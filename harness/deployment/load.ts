/**
 * Loading a deployment file.
 * @module
 */
import { createHash } from 'node:crypto'
import { readControlPlane, readOrigin } from './access.ts'
import { compact } from './compact.ts'
import { parseDeadline } from './connect.ts'
import { readDrill } from './drill.ts'
import { type Env, resolveReferences } from './env.ts'
import { readDeploymentFile } from './file.ts'
import { type FileForm, withoutValues } from './form.ts'
import { DeploymentError, type Finding, type Problem } from './problems.ts'
import { Reading } from './reading.ts'
import { isSecret } from './secret.ts'
import { readSiblings } from './siblings.ts'
import { parseSource, pointer, type Source } from './source.ts'
import { readTarget } from './target.ts'
import type { Deployment, Waiver } from './types.ts'
import { validateForm } from './validate.ts'

/** One attempt may take 5 s where nothing else is said. */
export const defaultDeadline = 5000

/** How a file is loaded. */
export interface LoadOptions {
  /** Where `${NAME}` is read; default: the process's environment. */
  env?: Env
}

/**
 * Loads a deployment file (YAML or JSON) with everything it points to. Encrypted keys are decrypted in memory.
 * @throws {DeploymentError} ERR_DEPLOYMENT_INVALID, ERR_DEPLOYMENT_FILE or ERR_DEPLOYMENT_SECRET, with all problems
 *   that could be found in one go and the line and column of each.
 */
export async function loadDeployment(file: string, options: LoadOptions = {}): Promise<Deployment> {
  const env = options.env ?? process.env
  const { bytes, text } = await readDeploymentFile(file)
  const source = parseSource(text)
  if (source.broken) throw new DeploymentError(file, source.problems)

  const { value, findings, fromEnv } = resolveReferences(source.value, env, isSecret)
  // Secrets are given by reference only, and are not put into the value that is validated.
  const known = new Set([...source.lost, ...findings.map(({ path }) => path)].map(pointer))
  const wrong = [...findings, ...validateForm(value, fromEnv).filter(({ path }) => !known.has(pointer(path)))]
  const unusable = [...source.lost, ...wrong.filter(({ absent }) => absent !== true).map(({ path }) => path)]

  const reading = new Reading(file, env, fromEnv, wrong)
  const deployment = await readForm(file, reading, withoutValues(value, unusable))
  const problems = [...source.problems, ...reading.findings.map((finding) => located(finding, source))]
  if (problems.length > 0) throw new DeploymentError(file, problems)
  return { source: file, sourceHash: createHash('sha256').update(bytes).digest('hex'), ...deployment }
}

function located({ part, absent: _, ...problem }: Finding, source: Source): Problem {
  return { ...problem, ...source.position(problem.path, part) }
}

async function readForm(
  file: string,
  reading: Reading,
  form: FileForm,
): Promise<Omit<Deployment, 'source' | 'sourceHash'>> {
  const target = await readTarget(reading, form, [])
  const [siblings, origin, controlPlane, drill] = await Promise.all([
    readSiblings(reading, form.siblings, target),
    readOrigin(reading, form.origin),
    readControlPlane(reading, form.controlPlane),
    readDrill(reading, form.drill, target, file),
  ])
  return {
    target,
    siblings,
    ports: portsOf(form.ports, target.port),
    ...compact({ origin, controlPlane, drill }),
    waivers: (form.waivers ?? []).filter(isWaiver),
    deadline: readDeadline(reading, form.deadline),
  }
}

function readDeadline(reading: Reading, written: FileForm['deadline']): number {
  const deadline = written === undefined ? defaultDeadline : parseDeadline(written)
  if (deadline !== undefined) return deadline
  const small = typeof written === 'number' && written > 0 && written < 100
  const hint = small ? `a bare number is milliseconds; for seconds write ${written}s` : undefined
  reading.fail(
    'ERR_DEPLOYMENT_INVALID',
    ['deadline'],
    'is not a duration from 100ms to 10m, such as 5s',
    hint,
  )
  return defaultDeadline
}

/** Ports beside the deployment's own: plain 80 where it is the usual 443 and nothing is said. */
export function portsOf(form: FileForm['ports'], port: number): Deployment['ports'] {
  if (form === undefined) return { plain: port === 443 ? [80] : [], tls: [] }
  return { plain: form.plain ?? [], tls: form.tls ?? [] }
}

const isWaiver = (waiver: Partial<Waiver> | undefined): waiver is Waiver =>
  waiver?.check !== undefined && waiver.until !== undefined && waiver.reason !== undefined
