/**
 * The container engine: is one there, and may we use it? Asked before testcontainers is loaded, which takes long and says
 * less.
 * @module
 */
import { access, constants } from 'node:fs/promises'
import { request } from 'node:http'
import { delimiter, join } from 'node:path'
import type { ContainerRuntimeClient } from 'testcontainers'
import { HarnessError } from '../../../errors.ts'

const defaultSocket = '/var/run/docker.sock'
const pingTime = 10_000

/** Why no container can be started: the caller may go on without, with the embedded origins. */
export class ContainersUnavailable extends HarnessError {
  /** `missing`: no Docker; `stopped`: nothing answers; `forbidden`: it answers others. */
  readonly reason: 'missing' | 'stopped' | 'forbidden'

  constructor(reason: 'missing' | 'stopped' | 'forbidden', message: string, hint: string, cause?: unknown) {
    super('ERR_PLATFORM', message, { hint, cause })
    this.reason = reason
  }
}

/** @throws ContainersUnavailable when no engine can be used. */
export async function needDocker(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const { DOCKER_HOST: wanted = '' } = env
  // Other addresses and systems: testcontainers finds out.
  if ((wanted !== '' && !wanted.startsWith('unix://')) || process.platform === 'win32') return
  // Docker Desktop and rootless engines have their socket elsewhere, which testcontainers looks for.
  const socket = wanted === '' ? defaultSocket : wanted.slice('unix://'.length)
  const problem = await ping(socket)
  if (problem === undefined || (wanted === '' && (await hasOtherSocket(env)))) return
  if (problem === 'EACCES' || problem === 'EPERM')
    throw new ContainersUnavailable(
      'forbidden',
      `this user may not use Docker (${socket})`,
      'add the user to the group docker and log in again, or run as root',
    )
  if (problem === 'ENOENT' && !(await hasCommand('dockerd', env)) && !(await hasCommand('docker', env)))
    throw new ContainersUnavailable(
      'missing',
      'Docker is not installed',
      'install it (on Debian as root: node setup.mjs --test does)',
    )
  throw new ContainersUnavailable(
    'stopped',
    `Docker does not answer on ${socket}: ${problem}`,
    'start it (systemctl start docker; without systemd, on Debian as root: node setup.mjs --test)',
  )
}

/** The engine by testcontainers, which must not start a helper container of its own. @throws ContainersUnavailable */
export async function dockerClient(): Promise<ContainerRuntimeClient> {
  await needDocker()
  const { getContainerRuntimeClient } = await testcontainers()
  try {
    return await getContainerRuntimeClient()
  } catch (cause) {
    throw new ContainersUnavailable(
      'stopped',
      'no container engine answers',
      'start Docker, and check DOCKER_HOST',
      cause,
    )
  }
}

type Listener = (...args: unknown[]) => unknown
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const ofLibraries = new Set<unknown>()
let loading: Promise<typeof import('testcontainers')> | undefined

/** testcontainers, loaded when it is needed. Its own cleaner is an image that would have to be pulled: we clean ourselves. */
export function testcontainers(): Promise<typeof import('testcontainers')> {
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true'
  loading ??= (async () => {
    const before = new Set(endings.flatMap(listenersOf))
    const loaded = await import('testcontainers')
    for (const listener of endings.flatMap(listenersOf)) if (!before.has(listener)) ofLibraries.add(listener)
    return loaded
  })()
  return loading
}

const listenersOf = (signal: NodeJS.Signals): Listener[] => process.rawListeners(signal) as Listener[]

/**
 * Whether anybody but `own` decides what a signal does. What testcontainers' libraries installed (signal-exit) does not
 * count: it ends the process only where it is alone, and would wait for us as we for it.
 */
export const isHandled = (signal: NodeJS.Signals, own: unknown): boolean =>
  listenersOf(signal).some((listener) => listener !== own && !ofLibraries.has(listener))

/** The error code, or a sentence; undefined: it answers. */
function ping(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', timeout: pingTime, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`)
    })
    asked.on('timeout', () => asked.destroy(new Error('it is silent')))
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    asked.end()
  })
}

async function hasOtherSocket({ XDG_RUNTIME_DIR, HOME }: NodeJS.ProcessEnv): Promise<boolean> {
  const candidates = [
    ...(XDG_RUNTIME_DIR === undefined ? [] : [join(XDG_RUNTIME_DIR, 'docker.sock')]),
    ...(HOME === undefined
      ? []
      : ['.docker/run/docker.sock', '.docker/desktop/docker.sock'].map((one) => join(HOME, one))),
  ]
  const answers = await Promise.all(candidates.map(ping))
  return answers.includes(undefined)
}

async function hasCommand(name: string, { PATH = '' }: NodeJS.ProcessEnv): Promise<boolean> {
  const found = await Promise.all(
    [...PATH.split(delimiter), '/usr/sbin', '/usr/local/sbin']
      .filter((folder) => folder !== '')
      .map((folder) =>
        access(join(folder, name), constants.X_OK).then(
          () => true,
          () => false,
        ),
      ),
  )
  return found.includes(true)
}
