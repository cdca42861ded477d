/**
 * The deployment when all that is known is a hostname.
 * @module
 */
import { parseConnect, parseHostname } from './connect.ts'
import { defaultDeadline, portsOf } from './load.ts'
import type { Deployment } from './types.ts'

export { parseConnect, parseHostname } from './connect.ts'

/** What the command line may add to a hostname. */
export interface BlackBoxOptions {
  /** `ADDRESS:PORT`; default: the hostname's own address, port 443. */
  connectTo?: string
  /** Milliseconds one attempt may take; default 5000. */
  deadline?: number
}

/**
 * A deployment of which nothing is expected, only observed.
 * @throws {HarnessError} ERR_USAGE for what is no hostname, or no ADDRESS:PORT.
 */
export function blackBoxDeployment(hostname: string, options: BlackBoxOptions = {}): Deployment {
  const { address, port = 443 } = options.connectTo === undefined ? {} : parseConnect(options.connectTo)
  return {
    source: undefined,
    sourceHash: undefined,
    target: {
      hostname: parseHostname(hostname),
      ...(address === undefined ? {} : { address }),
      port,
      requests: [],
    },
    siblings: [],
    ports: portsOf(undefined, port),
    waivers: [],
    deadline: options.deadline ?? defaultDeadline,
  }
}
