/**
 * One origin in its container.
 * @module
 */
import { X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerRuntimeClient, GenericContainer, StartedTestContainer } from 'testcontainers'
import { HarnessError } from '../../../errors.ts'
import type { OriginServerCertificates } from '../material.ts'
import { readCgroup } from './cgroup.ts'
import { testcontainers } from './docker.ts'
import { configurationFiles } from './files.ts'
import { answersTls, freePorts, publishedPorts } from './ports.ts'
import { labelsOf } from './runs.ts'
import { checkSettings, defaultContainerSettings, serverKinds } from './servers.ts'
import type { ContainerName, ContainerOrigin, ContainerSettings } from './types.ts'

/** What one origin is started with. */
export interface ContainerOptions {
  client: ContainerRuntimeClient
  name: ContainerName
  image: string
  runId: string
  certificates: OriginServerCertificates
  settings: Partial<ContainerSettings>
  network: 'published' | 'host'
  signal: AbortSignal | undefined
}

const startDeadline = 60_000
const pollEvery = 50
const keptLogs = 64 * 1024

/** Starts it; resolves when it answers in TLS. @throws HarnessError with what the server said when it does not. */
export async function startContainer(options: ContainerOptions): Promise<ContainerOrigin> {
  const { client, name, certificates, network, signal } = options
  let settings: ContainerSettings = { ...defaultContainerSettings, ...options.settings }
  checkSettings(name, settings)
  const isHost = network === 'host'
  const ports = isHost ? await freePorts() : publishedPorts
  const filesFor = (wanted: ContainerSettings, generation: number) =>
    configurationFiles(name, wanted, certificates, ports, `/lab/conf/${generation}`)

  const container = await newContainer(options.image)
  container
    .withLabels({ ...labelsOf(options.runId), 'harness.lab.origin': name })
    .withEnvironment({ LAB_SERVER: name, LAB_APPLICATION_PORT: String(ports.application) })
    // For looking at which workers still listen: they run as another user.
    .withAddedCapabilities('SYS_PTRACE')
    .withCopyContentToContainer(await filesFor(settings, 1))
  if (isHost) container.withNetworkMode('host')
  else container.withLoopbackPorts(ports.plain, ports.tls)
  const started = await container.start()
  const engine = client.container.dockerode.getContainer(started.getId())

  const portOf = (inner: number): number => (isHost ? inner : started.getMappedPort(inner))
  const [port, tlsPort] = [portOf(ports.plain), portOf(ports.tls)]
  const logs = async (): Promise<string> => {
    const text = framesToText(await engine.logs({ stdout: true, stderr: true, follow: false, tail: 1000 }))
    return text.slice(-keptLogs)
  }
  await untilAnswers(name, tlsPort, nameOf(certificates.good.cert), signal, async () => {
    const { State } = await engine.inspect()
    return State.Running ? undefined : logs()
  })
  const [server, { State }] = await Promise.all([versionOf(started, name), engine.inspect()])

  let generation = 1
  let isClosed = false
  let closing: Promise<void> | undefined
  const change = async (wanted: Partial<ContainerSettings>): Promise<void> => {
    const next = { ...settings, ...wanted }
    checkSettings(name, next)
    if (isClosed) throw new HarnessError('ERR_USAGE', `${name} has been closed`)
    generation += 1
    await started.copyContentToContainer(await filesFor(next, generation))
    const { exitCode, output } = await started.exec([
      'node',
      '/lab/app/reload.mjs',
      name,
      `/lab/conf/${generation}`,
    ])
    if (exitCode === 0) {
      settings = next
      return
    }
    // Ended with the container it ran in: its own codes are 2 and 3.
    if (exitCode !== 2 && exitCode !== 3) {
      const said = (await logs()).trim().slice(-1500)
      throw new HarnessError('ERR_INTERNAL', `${name} ended when it changed over: ${said}`)
    }
    const message = `${name} ${exitCode === 2 ? 'refuses these settings' : 'failed to change over'}: ${output.trim()}`
    throw new HarnessError(exitCode === 2 ? 'ERR_USAGE' : 'ERR_INTERNAL', message)
  }
  let last: Promise<void> = Promise.resolve()
  return {
    name,
    server,
    host: '127.0.0.1',
    port,
    tlsPort,
    pid: State.Pid,
    get settings() {
      return settings
    },
    configure(wanted) {
      // One after the other, in the order asked for.
      const result = last.then(() => change(wanted))
      last = result.catch(() => undefined)
      return result
    },
    cgroup: () => readCgroup(State.Pid),
    logs,
    close() {
      isClosed = true
      closing ??= engine.remove({ force: true, v: true }).then(
        () => undefined,
        (error: { statusCode?: number }) => {
          if (error.statusCode !== 404 && error.statusCode !== 409) throw error
        },
      )
      return closing
    },
  }
}

/** A container whose ports are published on 127.0.0.1 and nowhere else, and that is up when its process runs. */
async function newContainer(
  image: string,
): Promise<GenericContainer & { withLoopbackPorts(...ports: number[]): void }> {
  const { GenericContainer: Container, StartupCheckStrategy } = await testcontainers()
  class Running extends StartupCheckStrategy {
    async checkStartupState(): Promise<'SUCCESS'> {
      return 'SUCCESS'
    }
  }
  class LoopbackContainer extends Container {
    withLoopbackPorts(...ports: number[]): void {
      this.withExposedPorts(...ports)
      const bindings = ports.map((port) => [`${port}/tcp`, [{ HostIp: '127.0.0.1', HostPort: '0' }]] as const)
      this.hostConfig.PortBindings = Object.fromEntries(bindings.map(([key, value]) => [key, [...value]]))
    }
  }
  return new LoopbackContainer(image).withWaitStrategy(new Running())
}

/** A name the certificate is for, as servers choose by it. */
function nameOf(cert: string): string {
  const names = new X509Certificate(cert).subjectAltName ?? ''
  return (
    /DNS:([^,*\s]+)(?:,|$)/.exec(names)?.[1] ??
    /DNS:\*\.([^,\s]+)/.exec(names)?.[1]?.replace(/^/, 'lab.') ??
    ''
  )
}

async function untilAnswers(
  name: ContainerName,
  port: number,
  servername: string,
  signal: AbortSignal | undefined,
  ended: () => Promise<string | undefined>,
): Promise<void> {
  const end = Date.now() + startDeadline
  while (!(await answersTls(port, servername))) {
    if (signal?.aborted) throw new HarnessError('ERR_INTERRUPTED', `the start of ${name} was interrupted`)
    const said = await ended()
    if (said !== undefined)
      throw new HarnessError('ERR_PLATFORM', `${name} ended when it started: ${said.trim().slice(-1500)}`)
    if (Date.now() > end)
      throw new HarnessError('ERR_PLATFORM', `${name} did not answer within ${startDeadline / 1000} s`)
    await sleep(pollEvery)
  }
}

/** Upstream version of the Debian package: without epoch and revision. */
async function versionOf(started: StartedTestContainer, name: ContainerName): Promise<string> {
  const { package: debian, title } = serverKinds[name]
  const { stdout } = await started.exec(['dpkg-query', '-W', '-f', '${Version}', debian])
  return `${title} ${stdout
    .trim()
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')}`
}

/** The engine's frames: stream, three zeros, length in four bytes, text. */
function framesToText(frames: Buffer): string {
  const parts: Buffer[] = []
  for (let at = 0; at + 8 <= frames.length; ) {
    const end = at + 8 + frames.readUInt32BE(at + 4)
    parts.push(frames.subarray(at + 8, end))
    at = end
  }
  return Buffer.concat(parts).toString('utf8')
}
