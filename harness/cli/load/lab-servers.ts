/**
 * Servers of the lab for load: the embedded edge, and real servers as processes or containers of this machine.
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { processSource } from '../../../load/cpu/process.ts'
import { canBind } from '../../../load/engine/generator.ts'
import { guardFolder } from '../../../load/guard/guard.ts'
import { countObserver, logObserver, type Observer, type Sent } from '../../../load/k6/proof/observer.ts'
import { profileIds, profiles } from '../../../load/profiles/table.ts'
import { allowTarget } from '../../../load/safety/target.ts'
import {
  marker,
  seenFile,
  type TargetKind,
  type TwoPortKind,
  targetKinds,
  targetNames,
} from '../../../load/targets/kinds.ts'
import { twoFreePorts } from '../../../load/targets/ports.ts'
import { programOf, startTwoPorts, type TwoPorts, titleOf } from '../../../load/targets/start.ts'
import { HarnessError } from '../../errors.ts'
import { canaryPath, primary, www } from '../../lab/hostnames.ts'
import { createLabMaterial } from '../../lab/material.ts'
import { createAuthority } from '../../pki/authority.ts'
import { startInContainer } from './container.ts'
import type { EdgeAnswer, EdgeCount, EdgeOrder } from './edge-child.ts'
import type { LabServer } from './options.ts'
import type { LoadTarget, RunningServer } from './target.ts'

/** Every server that can be asked for. */
export const labServers: readonly LabServer[] = ['edge', ...targetNames]

/** Longest chain that the servers verify: the longest that is sent. */
const depth = 10

/** How it is called in tables, and where it answers. */
const servername = 'localhost'

/** The servers that are there when none was named. */
export const defaultServers = (containers: boolean): LabServer[] =>
  labServers.filter((name) => name === 'edge' || containers || programOf(name) !== undefined)

/** How a server is started. */
export interface ServerOptions {
  containers: boolean
  /** It counts the certificates it reads; not where CPU is measured. */
  counted: boolean
  signal: AbortSignal
  say: (text: string) => void
}

/** Starts one. @throws HarnessError ERR_PLATFORM when it is not installed or does not start, ERR_INTERRUPTED. */
export function startLabServer(name: LabServer, options: ServerOptions): Promise<LoadTarget> {
  options.signal.throwIfAborted()
  return name === 'edge' ? startEdge(options) : startServer(name, options)
}

/** Where CPU is measured, the last core is the generator's, and the server has the others. */
function coresOf(counted: boolean): string | undefined {
  const cores = availableParallelism()
  const cpus = cores > 2 ? `0-${cores - 2}` : '0'
  return !counted && cores > 1 && canBind(cpus) ? cpus : undefined
}

const childScript = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './edge-child.ts' : './edge-child.js', import.meta.url),
)

async function startEdge({ counted }: ServerOptions): Promise<LoadTarget> {
  const material = await createLabMaterial()
  const cpus = coresOf(counted)
  const child = fork(childScript, [], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    ...(cpus === undefined ? {} : { execPath: 'taskset', execArgv: ['-c', cpus, process.execPath] }),
    env: { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
  })
  const gone = once(child, 'exit')
  const stop = async (): Promise<void> => {
    if (isOver(child)) return
    child.kill('SIGKILL')
    await gone
  }
  try {
    child.send({ material, counted } satisfies EdgeOrder)
    const [answer] = (await Promise.race([
      once(child, 'message'),
      gone.then(() => [{ error: 'it ended when it started' }]),
    ])) as [EdgeAnswer]
    if ('error' in answer)
      throw new HarnessError('ERR_INTERNAL', `the embedded edge did not start: ${answer.error}`)
    const { cert, key, crl } = material.clientCas.A
    return {
      name: 'mock edge',
      host: primary.hostname,
      address: '127.0.0.1',
      port: answer.port,
      control: { port: answer.port, servername: www.hostname },
      path: `${canaryPath}?challenge=abcd`,
      source: {
        authority: { cert, key },
        identity: material.identities['sensor-001'],
        ...(crl === undefined ? {} : { crl: Buffer.from(crl) }),
      },
      cpu: await processSource(child.pid ?? 0),
      ...(cpus === undefined ? {} : { cpus }),
      allowed: await allowTarget({ host: primary.hostname, address: '127.0.0.1', port: answer.port }),
      ...(counted
        ? { observe: (sent: Sent) => countObserver(() => countsOf(child, gone), sent, edgeCounts) }
        : {}),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const edgeCounts = 'what the edge counts itself: the leaf of every full handshake, let in or not'

async function countsOf(
  child: ChildProcess,
  gone: Promise<unknown>,
): Promise<Readonly<Record<string, number>>> {
  // One that has ended saw nothing more than was asked of it, and can say nothing.
  if (isOver(child)) return {}
  const asked = new AbortController()
  const answer = once(child, 'message', { signal: asked.signal }) as Promise<[EdgeCount]>
  child.send('count')
  const [{ seen }] = await Promise.race([answer, gone.then((): [EdgeCount] => [{ seen: {} }])])
  asked.abort()
  return seen
}

const isOver = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

async function startServer(
  name: TwoPortKind,
  { containers, counted, signal, say }: ServerOptions,
): Promise<LoadTarget> {
  const [authority, serverCa] = await Promise.all([
    createAuthority({ name: 'CN=Harness Load Client CA' }),
    createAuthority({ name: 'CN=Harness Load Server CA' }),
  ])
  const server = await serverCa.issue({ purpose: 'server' })
  const dir = await mkdtemp(join(tmpdir(), 'harness-load-'))
  const ports = await twoFreePorts()
  const files: TwoPorts = {
    dir,
    ...ports,
    authority,
    server,
    depth,
    inContainer: containers,
    counted,
    cpus: coresOf(counted),
  }
  // Keys are in it: it goes in whatever way this process ends.
  const sweep = (): void => rmSync(dir, { recursive: true, force: true })
  process.once('exit', sweep)
  const forget = guardFolder(dir)
  const remove = async (): Promise<void> => {
    process.off('exit', sweep)
    sweep()
    forget()
  }
  try {
    const running = containers
      ? await startInContainer(name, files, signal, say)
      : await startProcess(name, files)
    const { port, controlPort } = ports
    return {
      name: running.title,
      host: servername,
      address: '127.0.0.1',
      port,
      control: { port: controlPort },
      marker,
      source: { authority: { cert: authority.cert, key: authority.key } },
      cpu: running.cpu,
      ...(running.cgroup === undefined ? {} : { cgroup: running.cgroup }),
      ...(files.cpus === undefined ? {} : { cpus: files.cpus }),
      allowed: await allowTarget({ host: servername, address: '127.0.0.1', port }),
      ...(counted ? { observe: (sent: Sent) => observerOf(name, files, sent) } : {}),
      async stop() {
        await running.stop()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

function observerOf(name: TwoPortKind, files: TwoPorts, sent: Sent): Observer {
  const { counts, refusal }: TargetKind = targetKinds[name]
  const certificates = new Map(sent)
  if (refusal === undefined) return logObserver(seenFile(files), certificates, counts)
  // Only Linux answers on all of 127.0.0.0/8 without being told to. Elsewhere a refused certificate cannot be counted.
  const sources = new Map(
    process.platform === 'linux' ? profileIds.map((id, at) => [id, `127.0.16.${at + 1}`] as const) : [],
  )
  if (sources.size === 0)
    for (const id of profileIds) if (profiles[id].verdict !== 'accept') certificates.delete(id)
  return logObserver(seenFile(files), certificates, counts, { sources, line: refusal })
}

async function startProcess(name: TwoPortKind, files: TwoPorts): Promise<RunningServer> {
  const program = programOf(name)
  if (program === undefined)
    throw new HarnessError('ERR_PLATFORM', `${name} is not installed`, {
      hint: 'harness doctor says how to get it',
    })
  const { pid, stop } = await startTwoPorts(name, files)
  try {
    return { title: await titleOf(name, program), cpu: await processSource(pid), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
