/**
 * The container engine that the tests start real servers with, and the Debian image they are built from. Plain JavaScript
 * that Node 18 can run. Everything is looked for first: where an engine answers and the image is there, nothing is done.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { root } from '../bin/node.mjs'
import { withoutServices } from './servers.mjs'

/** Commands of the engine and of what makes its first image, with their Debian packages. */
const packages = { dockerd: 'docker.io', debootstrap: 'debootstrap' }
const folder = join(root, '.tools', 'docker')
const pidFile = join(folder, 'dockerd.pid')
const logFile = join(folder, 'dockerd.log')
/** Ways to keep images, the best first: the second works on every file system, and copies. */
const storageDrivers = [[], ['--storage-driver=vfs']]
const startTime = 30_000
const pullTime = 120_000

function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  })
  const output = `${stdout ?? ''}${stderr ?? ''}`.trim()
  return { ok: status === 0, output, problem: error?.message ?? output.split('\n').slice(-4).join('\n') }
}

function isCommand(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders.some((one) => one !== '' && existsSync(join(one, name)))
}

/** Whether an engine answers this user. */
const answers = () => run('docker', ['info'], { timeout: 10_000 }).ok

const hasImage = (name) => run('docker', ['image', 'inspect', name]).ok

/** Codename of the Debian release we are on, such as `bookworm`; undefined: another system. */
function codename() {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  if (!/^ID="?debian"?$/m.test(text)) return undefined
  return /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(text)?.[1]
}

/**
 * The mirrors of a release from apt's own settings, main suite and security: one-line and deb822 files.
 * @param files texts of sources.list and sources.list.d
 */
export function mirrorsOf(files, release) {
  const found = []
  for (const text of files) {
    for (const line of text.split('\n')) {
      const [, uri, suite, components = ''] =
        /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+?)\s*(?:#.*)?$/.exec(line) ?? []
      if (uri !== undefined) found.push({ uri, suite, components: components.split(/\s+/) })
    }
    for (const stanza of text.split(/\n\s*\n/)) {
      const field = (name) =>
        (new RegExp(`^${name}:[ \\t]*(.+)$`, 'im').exec(stanza)?.[1] ?? '')
          .split(/\s+/)
          .filter((one) => one !== '')
      if (!field('Types').includes('deb') || field('Enabled')[0]?.toLowerCase() === 'no') continue
      for (const uri of field('URIs'))
        for (const suite of field('Suites')) found.push({ uri, suite, components: field('Components') })
    }
  }
  const main = found.filter(({ uri, components }) => /^https?:/.test(uri) && components.includes('main'))
  const uriOf = (suite) => main.find((one) => one.suite === suite)?.uri.replace(/\/+$/, '')
  return {
    main: uriOf(release),
    updates: uriOf(`${release}-updates`),
    security: uriOf(`${release}-security`),
  }
}

function aptFiles() {
  const listed = run('find', ['/etc/apt/sources.list', '/etc/apt/sources.list.d', '-type', 'f']).output
  return listed
    .split('\n')
    .filter((file) => /\.(list|sources)$/.test(file) && existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))
}

function installPackages(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return withoutServices(() => {
    const updated = run('apt-get', ['-qq', 'update'], { env })
    if (!updated.ok) return updated
    return run('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', ...names], { env })
  })
}

/** Starts an engine that outlives this process. Returns why there is none, undefined where there is. */
function startEngine() {
  mkdirSync(folder, { recursive: true })
  // Ours, started before, is there and busy: a second one would only be in its way.
  const before = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : Number.NaN
  if (isEngine(before)) return waitFor(before) ? undefined : `dockerd (${before}) runs and does not answer`
  for (const driver of storageDrivers) {
    // A pid file of one that was killed, or of a machine that was started again.
    rmSync(pidFile, { force: true })
    const log = openSync(logFile, 'w')
    const child = spawn('dockerd', [`--pidfile=${pidFile}`, ...driver], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
    })
    child.on('error', () => {})
    child.unref()
    if (child.pid === undefined) return 'dockerd cannot be run'
    if (waitFor(child.pid)) return undefined
    if (isAlive(child.pid)) process.kill(child.pid, 'SIGTERM')
  }
  return `dockerd does not start: ${readFileSync(logFile, 'utf8').trim().split('\n').slice(-3).join('\n')}`
}

/** Whether the engine answers in good time; not, when its process has ended. */
function waitFor(pid) {
  for (const end = Date.now() + startTime; Date.now() < end; ) {
    if (answers()) return true
    if (!isAlive(pid)) return false
    spawnSync('sleep', ['0.2'])
  }
  return false
}

/** A pid may be another process's by now. */
function isEngine(pid) {
  const file = `/proc/${pid}/comm`
  return existsSync(file) && readFileSync(file, 'utf8').trim() === 'dockerd' && isAlive(pid)
}

/** A child that ended and was not waited for is still in the process table: state Z. */
function isAlive(pid) {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Makes the image from the machine's own mirror. Returns why it could not. */
function bootstrapImage(name, release) {
  const mirrors = mirrorsOf(aptFiles(), release)
  if (mirrors.main === undefined) return `apt's settings name no mirror of ${release}`
  const scratch = mkdtempSync(join(tmpdir(), 'harness-debian-'))
  const system = join(scratch, 'root')
  try {
    const made = run('debootstrap', ['--variant=minbase', release, system, mirrors.main])
    if (!made.ok) return made.problem
    const lines = [
      `deb ${mirrors.main} ${release} main`,
      ...(mirrors.updates === undefined ? [] : [`deb ${mirrors.updates} ${release}-updates main`]),
      ...(mirrors.security === undefined ? [] : [`deb ${mirrors.security} ${release}-security main`]),
    ]
    writeFileSync(join(system, 'etc/apt/sources.list'), `${lines.join('\n')}\n`)
    // debootstrap takes the release as it came out: servers must not meet older libraries than they were built with.
    const script =
      'apt-get -qq update && apt-get -qq -y upgrade && apt-get clean && rm -rf /var/lib/apt/lists/* /usr/share/doc/* /usr/share/locale/*'
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const upgraded = run('chroot', [system, 'sh', '-c', script], { env })
    if (!upgraded.ok) return upgraded.problem
    writeFileSync(join(system, 'etc/resolv.conf'), '')
    const archive = join(scratch, 'root.tar')
    const packed = run('tar', ['-C', system, '--exclude=./dev/*', '-cf', archive, '.'])
    if (!packed.ok) return packed.problem
    const imported = run('docker', ['import', '-c', 'CMD ["bash"]', archive, name])
    return imported.ok ? undefined : imported.problem
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(0)} s`

/** Brings the engine up. Returns whether it answers. */
function needEngine(say, isRoot, release) {
  if (answers()) return true
  const byHand = 'the container tests need Docker: install and start it'
  if (!isRoot || release === undefined || !isCommand('apt-get')) {
    say(`${byHand}${release === undefined ? '' : ' (as root, this does)'}`)
    return false
  }
  const since = Date.now()
  if (!isCommand('dockerd')) {
    say('getting docker.io for the container tests ...')
    const installed = installPackages([packages.dockerd])
    if (!isCommand('dockerd')) {
      say(`Docker is still not here. apt-get said: ${installed.problem}`)
      return false
    }
  }
  // A package of its own from Debian 13 on.
  if (!isCommand('docker')) installPackages(['docker-cli'])
  const problem = startEngine()
  say(problem ?? `Docker runs, by hand: pid in ${pidFile}, log beside it (${seconds(since)})`)
  return problem === undefined
}

/**
 * Has an engine running and the image of Debian there, where that is possible (root on Debian); says what is missing where
 * it is not. Never fails: the tests that need containers say so themselves.
 */
export function installDocker(say) {
  const isRoot = process.getuid?.() === 0
  const release = codename()
  if (!needEngine(say, isRoot, release)) return
  const images = ['debian:bookworm-slim', ...(release === 'trixie' ? ['debian:trixie-slim'] : [])]
  if (images.some(hasImage)) return
  const since = Date.now()
  // Without a registry the name does not resolve, and this is over at once; a proxy that says nothing gets its time.
  const pulled = run('docker', ['pull', '-q', images[0]], { timeout: pullTime })
  if (pulled.ok) return
  const name = images[images.length - 1]
  if (!isRoot || release === undefined || !name.includes(release)) {
    say(`the image ${images[0]} cannot be pulled: ${pulled.problem}`)
    return
  }
  say(`${images[0]} cannot be pulled: making ${name} from the Debian mirror (about a minute) ...`)
  if (!isCommand('debootstrap')) installPackages([packages.debootstrap])
  const problem = bootstrapImage(name, release)
  say(problem === undefined ? `${name} is there (${seconds(since)})` : `${name} was not made: ${problem}`)
}
