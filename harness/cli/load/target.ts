/**
 * Targets of load: one server, ready to be measured, with what bad clients of it are made from.
 * @module
 */
import { readFile } from 'node:fs/promises'
import { cgroupSource } from '../../../load/cpu/cgroup.ts'
import { processSource } from '../../../load/cpu/process.ts'
import { prometheusSource } from '../../../load/cpu/prometheus.ts'
import type { CpuSource } from '../../../load/cpu/types.ts'
import type { Observer, Sent } from '../../../load/k6/proof/observer.ts'
import type { ProfileSource } from '../../../load/profiles/make.ts'
import { type AllowedTarget, allowTarget } from '../../../load/safety/target.ts'
import { HarnessError } from '../../errors.ts'
import { loadIdentity } from '../../pki/identity.ts'
import type { LoadCostOptions, LoadTargetOptions } from './options.ts'

/** A server to be measured. */
export interface LoadTarget {
  /** For the report: `nginx 1.22.1`. */
  name: string
  host: string
  address: string
  port: number
  /** Where nothing is asked for: another port, or another hostname. Undefined: there is none. */
  control?: { port: number; servername?: string }
  path?: string
  /** Text that only the application's answer holds. */
  marker?: string
  source: ProfileSource
  /** Undefined: the server's CPU is not known. */
  cpu?: CpuSource
  /** Folder of its control group, for throttling. */
  cgroup?: string
  /** The cores that it is bound to, as `taskset -c` takes them. */
  cpus?: string
  allowed: AllowedTarget
  /** What can say which certificates the server saw; undefined: nothing can. */
  observe?: (certificates: Sent) => Observer
  stop(): Promise<void>
}

/** A server of the lab that answers, whichever way it was started. */
export interface RunningServer extends Required<Pick<LoadTarget, 'cpu' | 'stop'>> {
  title: string
  cgroup?: string
}

/** Reads `host:port`, `[v6]:port` or `https://host:port`. @throws HarnessError ERR_USAGE. */
export function hostAndPort(text: string): { host: string; port: number } {
  try {
    const url = new URL(/^https:\/\//.test(text) ? text : `https://${text}`)
    if (url.protocol === 'https:' && url.pathname === '/' && url.username === '' && url.search === '')
      return { host: url.hostname, port: url.port === '' ? 443 : Number(url.port) }
  } catch {
    // Said below.
  }
  throw new HarnessError('ERR_USAGE', `"${text}" is no target`, { hint: 'give host:port' })
}

type CpuOptions = Partial<
  Pick<LoadCostOptions, 'controlPort' | 'controlName' | 'pid' | 'cgroup' | 'prometheus' | 'query' | 'scrape'>
>

/**
 * What was given for a target of one's own.
 * @param allow who decides whether it may be loaded: from here, or from elsewhere.
 * @throws HarnessError ERR_USAGE when it may not be loaded or a file is missing.
 */
export async function ownTarget(
  text: string,
  options: LoadTargetOptions & CpuOptions,
  allow: typeof allowTarget = allowTarget,
): Promise<LoadTarget> {
  const { host, port } = hostAndPort(text)
  const { address, iAmAllowedToLoad: confirmation, path, controlPort, controlName } = options
  const allowed = await allow({
    host,
    port,
    ...(address === undefined ? {} : { address }),
    ...(confirmation === undefined ? {} : { confirmation }),
  })
  if (controlPort === port && (controlName ?? host) === host)
    throw new HarnessError(
      'ERR_USAGE',
      `--control-port ${port} is the port that is measured: nothing would be taken off`,
      { hint: 'give another port of the same process that asks for no certificate' },
    )
  const cpu = await cpuOf(options)
  return {
    name: host,
    host,
    address: allowed.address,
    port,
    ...(controlPort === undefined && controlName === undefined
      ? {}
      : {
          control: {
            port: controlPort ?? port,
            ...(controlName === undefined ? {} : { servername: controlName }),
          },
        }),
    ...(path === undefined ? {} : { path }),
    source: await sourceOf(options),
    ...(cpu === undefined ? {} : { cpu }),
    ...(options.cgroup === undefined ? {} : { cgroup: options.cgroup }),
    allowed,
    stop: async () => undefined,
  }
}

async function cpuOf(options: CpuOptions): Promise<CpuSource | undefined> {
  const { pid, cgroup, prometheus, query, scrape = 15_000 } = options
  const given = [pid, cgroup, prometheus].filter((one) => one !== undefined)
  if (given.length > 1)
    throw new HarnessError('ERR_USAGE', 'one of --pid, --cgroup and --prometheus says where the CPU is read')
  if (pid !== undefined) return processSource(pid)
  if (cgroup !== undefined) return cgroupSource(cgroup)
  if (prometheus === undefined) return undefined
  if (query === undefined)
    throw new HarnessError('ERR_USAGE', '--prometheus needs --query: a counter of CPU seconds of the server')
  const authorization = process.env.HARNESS_PROMETHEUS_AUTHORIZATION
  return prometheusSource({
    url: prometheus,
    query,
    settleMs: scrape,
    ...(authorization === undefined ? {} : { authorization }),
  })
}

async function sourceOf({ cert, key, clientCa, clientCaKey }: LoadTargetOptions): Promise<ProfileSource> {
  const read = async (path: string, option: string): Promise<string> =>
    readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      throw new HarnessError('ERR_USAGE', `${option}: ${path} cannot be read (${cause.code})`, { cause })
    })
  if ((cert === undefined) !== (key === undefined))
    throw new HarnessError('ERR_USAGE', '--cert and --key go together')
  if (clientCaKey !== undefined && clientCa === undefined)
    throw new HarnessError('ERR_USAGE', '--client-ca-key needs --client-ca')
  const ca = clientCa === undefined ? undefined : await read(clientCa, '--client-ca')
  const caKey = clientCaKey === undefined ? undefined : await read(clientCaKey, '--client-ca-key')
  const own =
    cert === undefined || key === undefined
      ? undefined
      : loadIdentity({
          name: 'valid',
          cert: await read(cert, '--cert'),
          key: await read(key, '--key'),
        })
  if (own === undefined && caKey === undefined)
    throw new HarnessError('ERR_USAGE', 'a valid client is needed: nothing can be compared without one', {
      hint: 'give --cert and --key, or --client-ca and --client-ca-key of a test CA',
    })
  return {
    ...(ca === undefined ? {} : { caCert: ca }),
    ...(ca === undefined || caKey === undefined ? {} : { authority: { cert: ca, key: caKey } }),
    ...(own === undefined ? {} : { identity: own }),
  }
}
