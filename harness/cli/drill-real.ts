/**
 * Drills on a real zone: everything a drill needs, made from a deployment file, and what has to be said before anything is
 * changed.
 * @module
 */
import { createInterface } from 'node:readline/promises'
import { loadDeployment } from '../deployment/load.ts'
import type { ControlPlane, Deployment, OriginExpectation, Target } from '../deployment/types.ts'
import { noSecret } from '../drill/access-objects.ts'
import { connectControlPlane } from '../drill/control-plane.ts'
import { pullLanes } from '../drill/lanes.ts'
import { askedOrigin, commandOrigin, type OriginControl } from '../drill/origin-control.ts'
import type { DrillOptions as RunOptions } from '../drill/run.ts'
import { type DrillTerms, type Order, realTerms } from '../drill/types.ts'
import { HarnessError } from '../errors.ts'
import type { Identity } from '../pki/types.ts'
import type { Proof } from '../probe/types.ts'
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
  options: DrillOptions,
  order: Order,
  terms: Partial<DrillTerms> = {},
): Promise<RunOptions> {
  if (options.deployment === undefined)
    throw refuse('nothing to drill', 'harness drill rollback --lab, or -d harness.yaml with --allow-changes')
  if (!allowedOrders.has(order.name))
    throw refuse(
      `the order “${order.name}” is for the lab only: ${order.wrong ? 'it locks visitors out, or tries to' : 'it makes objects of its own'}`,
      `on a real zone: ${[...allowedOrders].join(', ')}`,
    )
  const deployment = await loadDeployment(options.deployment)
  const { hostname } = deployment.target
  if (options.allowChanges !== true)
    throw refuse(
      `the drill changes the configuration of ${hostname}`,
      `add --allow-changes and --hostname ${hostname} when that is meant`,
    )
  if (options.hostname !== hostname)
    throw refuse(
      options.hostname === undefined
        ? 'the hostname has to be typed once more'
        : `--hostname says ${options.hostname}, the deployment file ${hostname}`,
      '--hostname <name>, equal to the deployment file',
    )
  const { controlPlane, origin, identity } = needs(deployment)
  const { baseURL, token, zone, account } = controlPlane
  const lane = visitorOf(deployment)
  return {
    order,
    hostname,
    lab: false,
    controlPlane: connectControlPlane({
      token,
      zone,
      account,
      ...(baseURL === undefined ? {} : { baseURL }),
    }),
    identities: { first: identity },
    // Which CAs the origin trusts is its operator's business.
    cas: {},
    origin: originOf(options),
    originAtStart: { mode: options.originBefore ?? (order.live === true ? 'required' : 'off'), trust: '' },
    secrets: { clientId: '', old: noSecret(), new: noSecret() },
    accessName: `harness drill ${hostname}`,
    lanes: pullLanes(
      lane,
      {
        endpoint: { hostname, address: origin.address, port: origin.port },
        proof: lane.proof,
        deadline: deployment.deadline,
      },
      [identity],
    ),
    terms: { ...realTerms, ...terms },
  }
}

function needs({ controlPlane, origin }: Deployment): {
  controlPlane: ControlPlane
  origin: OriginExpectation
  identity: Identity
} {
  if (controlPlane === undefined)
    throw refuse('the deployment file has no controlPlane', 'give zone, account and a token that may edit')
  if (origin === undefined || !origin.tls)
    throw refuse('the deployment file has no origin that speaks TLS', 'give origin.address, with tls: true')
  if (origin.identity === undefined)
    throw refuse(
      'the deployment file has no origin.identity: without the private key the drill could not restore the certificate',
      'give certificate and key that the edge presents, or is to present',
    )
  return { controlPlane, origin, identity: origin.identity }
}

/** Somebody whom the edge lets through. */
function visitorOf({ target, deadline }: Deployment): Parameters<typeof pullLanes>[0] {
  const { hostname, address, port, trust, mtls, access } = target
  const [identity] = mtls === undefined || mtls.mode === 'off' ? [] : mtls.identities
  const token = access?.serviceToken
  return {
    endpoint: {
      hostname,
      port,
      ...(address === undefined ? {} : { address }),
      ...(trust === undefined ? {} : { trust }),
    },
    identity,
    proof: proofOf(target),
    deadline,
    ...(token === undefined
      ? {}
      : {
          headers: () => [
            ['CF-Access-Client-Id', token.id],
            ['CF-Access-Client-Secret', token.secret],
          ],
        }),
  }
}

function proofOf({ canary, requests: [request] }: Target): Proof {
  if (canary !== undefined) return { canary }
  return request === undefined ? {} : { request }
}

function originOf({ originCommand }: DrillOptions): OriginControl {
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
