/**
 * `node reload.mjs <server> <folder>`, in a container: has the server check the configuration in a folder and change over to
 * it without letting go of its listeners. Ends when no process with the configuration before listens any more.
 *
 * Exit code 0: done. 2: refused by the server's own check, whose words are on stderr; nothing has changed. 3: failed.
 * @module
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

type Command = readonly [string, ...string[]]

interface Step {
  /** Name of its processes, as the kernel has it. */
  process: string
  check: (folder: string) => Command
  /** Throws when it cannot be asked for. */
  reload: () => void
}

/** HAProxy's master. */
const first = 1

const httpd: Step = {
  process: 'apache2',
  check: (folder) => ['apache2', '-t', '-f', `${folder}/httpd.conf`],
  reload: () => run(['apache2', '-f', '/lab/current/httpd.conf', '-k', 'graceful'], Error),
}
const haproxy: Step = {
  process: 'haproxy',
  check: (folder) => ['haproxy', '-c', '-f', `${folder}/haproxy.cfg`],
  // The master reads its file again and starts a worker, which tells the one before to let go.
  reload: () => void process.kill(first, 'SIGUSR2'),
}
const steps: Readonly<Record<string, readonly Step[]>> = {
  nginx: [
    {
      process: 'nginx',
      check: (folder) => ['nginx', '-t', '-q', '-c', `${folder}/nginx.conf`],
      reload: () => run(['nginx', '-c', '/lab/current/nginx.conf', '-s', 'reload'], Error),
    },
  ],
  httpd: [httpd],
  haproxy: [haproxy],
  caddy: [
    {
      process: 'caddy',
      check: (folder) => ['caddy', 'validate', '--config', `${folder}/Caddyfile`, '--adapter', 'caddyfile'],
      // Comes back when the new configuration serves. Forced: the files it names may have changed and it not.
      reload: () =>
        run(
          ['caddy', 'reload', '--force', '--config', '/lab/current/Caddyfile', '--adapter', 'caddyfile'],
          Error,
        ),
    },
  ],
  // The target first: what listens there may change.
  alb: [httpd, haproxy],
}

const deadline = 15_000

class Refused extends Error {}

function run([command, ...args]: Command, what: new (message: string) => Error): void {
  const { error, status, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8' })
  if (error !== undefined) throw new Error(`${command}: ${error.message}`)
  if (status !== 0) throw new what(`${stderr}${stdout}`.trim() || `${command} ended with ${status}`)
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Processes end while they are being looked at; IPv6 may not be there.
    return ''
  }
}

/** Sockets that listen: state 0A in the kernel's tables. */
function listening(): Set<string> {
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => read(file).split('\n').slice(1))
  const fields = lines.map((line) => line.trim().split(/\s+/)).filter((line) => line[3] === '0A')
  return new Set(fields.map((line) => `socket:[${line[9]}]`))
}

function holds(pid: string, sockets: Set<string>): boolean {
  try {
    const folder = `/proc/${pid}/fd`
    return readdirSync(folder).some((fd) => {
      try {
        return sockets.has(readlinkSync(`${folder}/${fd}`))
      } catch {
        return false
      }
    })
  } catch {
    return false
  }
}

/** Workers with a listener: those whose parent has the same name (`stat` is `pid (name) state parent …`). */
function workers(name: string): Set<string> {
  const sockets = listening()
  const named = readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/comm`).trim() === name,
  )
  return new Set(
    named.filter((pid) => {
      const parent =
        read(`/proc/${pid}/stat`)
          .replace(/^.*\) /s, '')
          .split(' ')[1] ?? ''
      return named.includes(parent) && holds(pid, sockets)
    }),
  )
}

async function changeOver({ process: name, reload }: Step): Promise<void> {
  const before = workers(name)
  reload()
  // Caddy is one process: there is nobody to wait for.
  if (before.size === 0) return
  const end = Date.now() + deadline
  for (;;) {
    const now = workers(name)
    if (now.size > 0 && ![...now].some((pid) => before.has(pid))) return
    if (Date.now() > end) throw new Error(`${name} did not change over within ${deadline / 1000} s`)
    await sleep(5)
  }
}

const isRunning = (name: string): boolean =>
  readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/comm`).trim() === name)

/** Stops or starts the target of `alb`. */
async function switchTarget(wanted: 'up' | 'down'): Promise<void> {
  const command = wanted === 'up' ? 'start' : 'stop'
  run(['apache2', '-f', '/lab/current/httpd.conf', '-k', command], Error)
  const end = Date.now() + deadline
  while (isRunning('apache2') !== (wanted === 'up')) {
    if (Date.now() > end) throw new Error(`the target did not ${command}`)
    await sleep(20)
  }
}

async function main(server: string, folder: string): Promise<void> {
  const all = steps[server]
  if (all === undefined) throw new Error(`there is no server ${server}`)
  for (const { check } of all) run(check(folder), Refused)
  const before = readlinkSync('/lab/current')
  try {
    point(folder)
    await changeAll(server, all, folder)
  } catch (error) {
    point(before)
    throw error
  }
  // What is not served any more; it holds a key.
  for (const name of readdirSync('/lab/conf'))
    if (`/lab/conf/${name}` !== folder) rmSync(`/lab/conf/${name}`, { recursive: true })
}

/** A symbolic link is changed by putting another in its place. */
function point(folder: string): void {
  rmSync('/lab/next', { force: true })
  symlinkSync(folder, '/lab/next')
  renameSync('/lab/next', '/lab/current')
}

async function changeAll(server: string, all: readonly Step[], folder: string): Promise<void> {
  const wanted = read(`${folder}/target`).trim() === 'down' ? 'down' : 'up'
  const isUp = isRunning('apache2')
  for (const step of all) {
    if (server === 'alb' && step === httpd && !(isUp && wanted === 'up')) continue
    await changeOver(step)
  }
  if (server === 'alb' && isUp !== (wanted === 'up')) await switchTarget(wanted)
}

const [, , server = '', folder = ''] = process.argv
try {
  await main(server, folder)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = error instanceof Refused ? 2 : 3
}
