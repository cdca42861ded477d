/**
 * Drills on a real zone: everything a drill needs, made from a deployment file, and what has to be said before anything is
 * changed.
 * @module
 */
import { createInterface } from 'node:readline/promises'
import { loadDeployment } from '../deployment/load.ts'
import type { Deployment } from '../deployment/types.ts'
import { type DeploymentDrill, deploymentDrill } from '../drill/for-deployment.ts'
import { askedOrigin, commandOrigin, type OriginControl } from '../drill/origin-control.ts'
import type { DrillOptions as RunOptions } from '../drill/run.ts'
import type { DrillTerms, Order, OriginMode } from '../drill/types.ts'
import { HarnessError } from '../errors.ts'
import type { DrillOptions } from './commands.ts'

/** Orders that a real zone may be drilled in: neither outages on purpose, nor objects beside those of the deployment. */
const allowedOrders: ReadonlySet<string> = new Set(['right', 'documented', 'live'])

const refuse = (message: string, hint: string): HarnessError =>
  new HarnessError('ERR_USAGE', message, { hint })

/**
 * Options of a drill for a deployment file.
 * @param terms for tests.
 * @throws HarnessError ERR_USAGE for whatever is missing; nothing has been changed then.
 */
export async function realDrill(
  options: RealOptions,
  order: Order,
  terms: Partial<DrillTerms> = {},
): Promise<RunOptions> {
  if (!allowedOrders.has(order.name))
    throw refuse(
      `the order “${order.name}” is for the lab only: ${order.wrong ? 'it locks visitors out, or tries to' : 'it makes objects of its own'}`,
      `on a real zone: ${[...allowedOrders].join(', ')}`,
    )
  return deploymentDrill({ ...(await permitted(options, order)), order, terms })
}

/** What says that changes are meant, and how the origin is changed. */
export type RealOptions = Pick<DrillOptions, 'deployment' | 'allowChanges' | 'hostname' | 'originCommand'> & {
  originBefore?: OriginMode | undefined
}

/**
 * What of a deployment file is drilled: its own hostname, or the one of `drill`.
 * @throws HarnessError ERR_USAGE unless that was said to be meant, and can be.
 */
async function permitted(
  { deployment: file, allowChanges, hostname: typed, ...options }: RealOptions,
  order: Order,
): Promise<Omit<DeploymentDrill, 'order' | 'terms'>> {
  if (file === undefined)
    throw refuse('nothing to drill', 'harness drill rollback --lab, or -d harness.yaml with --allow-changes')
  const deployment = await loadDeployment(file)
  const { target, deadline, drill } = deployment
  const { hostname } = target
  if (allowChanges !== true)
    throw refuse(
      `the drill changes the configuration of ${hostname}`,
      `add --allow-changes and --hostname ${hostname} when that is meant`,
    )
  if (drill !== undefined && typed === drill.target.hostname) {
    const { originCommand, folder, originMode } = drill
    const originControl =
      options.originCommand === undefined ? commandOrigin(originCommand, { folder }) : originOf(options)
    const originBefore = options.originBefore ?? (order.live === true ? undefined : originMode)
    return { ...drill, deadline, controlPlane: writable(deployment), originControl, originBefore }
  }
  if (typed !== hostname)
    throw refuse(
      typed === undefined
        ? 'the hostname has to be typed once more'
        : `--hostname says ${typed}, the deployment file ${hostname}`,
      '--hostname <name>, equal to the deployment file',
    )
  return {
    target,
    deadline,
    ...needs(deployment),
    originControl: originOf(options),
    originBefore: options.originBefore,
  }
}

function writable({ controlPlane }: Deployment): DeploymentDrill['controlPlane'] {
  if (controlPlane === undefined)
    throw refuse('the deployment file has no controlPlane', 'give zone, account and a token that may edit')
  return { ...controlPlane, token: controlPlane.writeToken ?? controlPlane.token }
}

function needs(deployment: Deployment): Pick<DeploymentDrill, 'controlPlane' | 'origin' | 'identity'> {
  const { origin } = deployment
  const controlPlane = writable(deployment)
  if (origin === undefined || !origin.tls)
    throw refuse('the deployment file has no origin that speaks TLS', 'give origin.address, with tls: true')
  if (origin.identity === undefined)
    throw refuse(
      'the deployment file has no origin.identity: without the private key the drill could not restore the certificate',
      'give certificate and key that the edge presents, or is to present',
    )
  return { controlPlane, origin, identity: origin.identity }
}

function originOf({ originCommand }: RealOptions): OriginControl {
  if (originCommand !== undefined) return commandOrigin(originCommand)
  if (process.stdin.isTTY !== true)
    throw refuse('nobody is there to change the origin', 'give --origin-command, or run it in a terminal')
  return askedOrigin(async (sentence) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr })
    const control = new AbortController()
    // While a question is open, the terminal's Ctrl-C comes here and nowhere else.
    terminal.once('SIGINT', () => {
      process.kill(process.pid, 'SIGINT')
      control.abort()
    })
    try {
      const question = `\nAt the origin: ${sentence}.\nType "done" when it is: `
      const answer = await terminal.question(question, { signal: control.signal })
      if (answer.trim().toLowerCase() !== 'done')
        throw new HarnessError('ERR_INTERRUPTED', 'the origin was not changed')
    } finally {
      terminal.close()
    }
  })
}
