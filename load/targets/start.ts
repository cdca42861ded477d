/**
 * Starts a server of {@link targetKinds} as a process of this machine, on loopback.
 * @module
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, closeSync, constants, openSync } from 'node:fs'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { HarnessError } from '../../harness/errors.ts'
import type { Identity } from '../../harness/pki/types.ts'
import { guardProcess } from '../guard/guard.ts'
import { type ServerFiles, seenFile, type TargetKind, type TwoPortKind, targetKinds } from './kinds.ts'

export { marker, type TwoPortKind } from './kinds.ts'

/** What a server is started with. */
export interface TwoPorts extends ServerFiles {
  /** The client CA. */
  authority: { cert: string }
  server: Pick<Identity, 'cert' | 'key'>
  /** Cores for it, as `taskset -c` takes them; that they can be had was looked at before. Default: any. */
  cpus?: string | undefined
}

/** A running server. */
export interface TwoPortServer {
  pid: number
  stop: () => Promise<void>
}

/** The program of a server, where it is installed. Node is the one that runs this. */
export function programOf(name: TwoPortKind): string | undefined {
  if (name === 'node') return process.execPath
  const { commands }: TargetKind = targetKinds[name]
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return commands
    .flatMap((command) => folders.filter(Boolean).map((folder) => join(folder, command)))
    .find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** `nginx 1.22.1`; without the version where it does not say. */
export async function titleOf(name: TwoPortKind, program: string): Promise<string> {
  const said = await promisify(execFile)(program, [...targetKinds[name].version], { timeout: 5000 }).then(
    ({ stdout, stderr }) => stdout + stderr,
    () => '',
  )
  const version = /\d+\.\d+\.\d+/.exec(said)?.[0]
  return version === undefined ? name : `${name} ${version}`
}

/** Writes configuration, certificates and key. @returns path of the configuration. */
export async function writeServerFiles(name: TwoPortKind, options: TwoPorts): Promise<string> {
  const { dir, authority, server } = options
  const { file, text }: TargetKind = targetKinds[name]
  await mkdir(dir, { recursive: true })
  // Servers that were started as root give it up, and some look into the folder then; nobody can list it.
  await chmod(dir, 0o711)
  const write = (own: string, content: string): Promise<void> =>
    writeFile(join(dir, own), content, { mode: 0o600 })
  await write('server.pem', server.cert)
  await write('server.key', server.key)
  await write('both.pem', server.cert + server.key)
  await write('ca.pem', authority.cert)
  await write(file, text(options))
  return join(dir, file)
}

/** Starts one. @throws HarnessError ERR_PLATFORM when it is not installed or does not answer. */
export async function startTwoPorts(name: TwoPortKind, options: TwoPorts): Promise<TwoPortServer> {
  const kind: TargetKind = targetKinds[name]
  const program = programOf(name)
  if (program === undefined) throw new HarnessError('ERR_PLATFORM', `${name} is not installed`)
  const path = await writeServerFiles(name, options)
  const output = options.counted === true ? openSync(seenFile(options), 'a', 0o600) : 'ignore'
  const bound = options.cpus === undefined ? [] : ['taskset', '-c', options.cpus]
  const [command = program, ...args] = [...bound, program, ...kind.args(path, options.dir)]
  const child = spawn(command, args, {
    stdio: ['ignore', output, output],
    env: { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined },
  })
  if (output !== 'ignore') closeSync(output)
  const forget = guardProcess(child.pid)
  const gone = once(child, 'exit').then(forget, forget)
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    process.off('exit', kill)
    if (isOver(child)) return
    child.kill(kind.signal)
    await gone
  }
  const answered = await answersOn([options.port, options.controlPort], () => isOver(child))
  if (answered) return { pid: child.pid ?? 0, stop }
  await stop()
  const log = await readFile(join(options.dir, 'error.log'), 'utf8').catch(() => '')
  throw new HarnessError('ERR_PLATFORM', `${name} does not answer: ${log.slice(-500)}`)
}

const isOver = ({ exitCode, signalCode, pid }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null || pid === undefined

/** Waits until something listens on each of these ports of 127.0.0.1; false when it ended before, or after ten seconds. */
export async function answersOn(ports: readonly number[], ended: () => boolean): Promise<boolean> {
  for (const port of ports) {
    let up = false
    for (let tries = 0; tries < 500 && !up && !ended(); tries += 1) {
      up = await accepts(port)
      if (!up) await sleep(20)
    }
    if (!up) return false
  }
  return true
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  const up = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return up
}
