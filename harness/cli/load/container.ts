/**
 * A server for load in a container of its own: the lab's image with a configuration of two ports, on the host's network and
 * loopback only, its CPU read exactly from its control group.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { cgroupSource, cgroupsOf } from '../../../load/cpu/cgroup.ts'
import { seenFile, type TargetKind, type TwoPortKind, targetKinds } from '../../../load/targets/kinds.ts'
import { answersOn, type TwoPorts, writeServerFiles } from '../../../load/targets/start.ts'
import { HarnessError } from '../../errors.ts'
import { dockerClient } from '../../lab/origins/containers/docker.ts'
import { imageOf } from '../../lab/origins/containers/images.ts'
import { labelsOf, newRunId, removeAtExit, removeRun } from '../../lab/origins/containers/runs.ts'
import type { RunningServer } from './target.ts'

/** Starts one. @throws HarnessError ERR_PLATFORM without Docker, or when the server does not answer. */
export async function startInContainer(
  name: TwoPortKind,
  files: TwoPorts,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<RunningServer> {
  if (process.platform !== 'linux')
    throw new HarnessError(
      'ERR_PLATFORM',
      'containers are measured on Linux only: their CPU is read from control groups',
    )
  const kind: TargetKind = targetKinds[name]
  const client = await dockerClient()
  const runId = newRunId()
  const image = await imageOf(client, kind.image, runId, () =>
    say(`building the image of ${name}, some minutes`),
  )
  signal.throwIfAborted()
  const path = await writeServerFiles(name, files)
  const forget = removeAtExit(runId)
  const stop = async (): Promise<void> => {
    await removeRun(runId)
    forget()
  }
  try {
    const { dockerode } = client.container
    const [command = name] = kind.commands
    const start = [command, ...kind.args(path, files.dir)]
    // What it prints goes where it would without a container.
    const counting = ['sh', '-c', 'exec "$@" >>"$0" 2>&1', seenFile(files), ...start]
    const container = await dockerode.createContainer({
      Image: image,
      Cmd: files.counted === true ? counting : start,
      Labels: { ...labelsOf(runId), 'harness.lab.load': name },
      HostConfig: {
        NetworkMode: 'host',
        Binds: [`${files.dir}:${files.dir}`],
        ...(files.cpus === undefined ? {} : { CpusetCpus: files.cpus }),
      },
    })
    await container.start()
    let over = false
    const state = async (): Promise<{ Running: boolean; Pid: number }> => (await container.inspect()).State
    const watching = new AbortController()
    const watch = async (): Promise<void> => {
      while (!watching.signal.aborted) {
        over = !(await state()).Running
        if (over) return
        await sleep(200, undefined, { signal: watching.signal }).catch(() => undefined)
      }
    }
    const watched = watch()
    const answered = await answersOn([files.port, files.controlPort], () => over || signal.aborted)
    watching.abort()
    await watched
    signal.throwIfAborted()
    if (!answered) {
      const said = await container.logs({ stdout: true, stderr: true, tail: 20 })
      throw new HarnessError(
        'ERR_PLATFORM',
        `${name} does not answer in its container: ${said
          .toString('utf8')
          .replace(/[^\x20-\x7e\n]/g, '')
          .slice(-500)}`,
      )
    }
    const [group] = await cgroupsOf((await state()).Pid)
    if (group === undefined)
      throw new HarnessError('ERR_PLATFORM', `the control group of the container of ${name} was not found`)
    return {
      title: `${await titleIn(container, name)}`,
      cpu: await cgroupSource(group.path),
      cgroup: group.path,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Container {
  exec(options: object): Promise<{ start(options: object): Promise<NodeJS.ReadableStream> }>
}

async function titleIn(container: Container, name: TwoPortKind): Promise<string> {
  const { commands, version }: TargetKind = targetKinds[name]
  const exec = await container.exec({
    Cmd: [commands[0], ...version],
    AttachStdout: true,
    AttachStderr: true,
  })
  let said = ''
  for await (const chunk of await exec.start({})) said += String(chunk)
  const number = /\d+\.\d+\.\d+/.exec(said)?.[0]
  return `${name}${number === undefined ? '' : ` ${number}`} (container)`
}
