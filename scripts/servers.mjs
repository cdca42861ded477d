/**
 * The servers and clients that the tests and the truth table start on loopback, from Debian packages. Plain JavaScript that
 * Node 18 can run.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian package of each command. */
export const serverPackages = {
  nginx: 'nginx-light',
  haproxy: 'haproxy',
  apache2: 'apache2',
  openssl: 'openssl',
  caddy: 'caddy',
  chromium: 'chromium',
  curl: 'curl',
  jq: 'jq',
}

/** Debian keeps servers in sbin folders, which are not on every PATH. */
function isCommand(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders.some((folder) => folder !== '' && existsSync(join(folder, name)))
}

/** Names of the commands that are not there. */
export function missingServers() {
  return Object.keys(serverPackages).filter((name) => !isCommand(name))
}

/** Whether something listens on TCP port 80, from the kernel's tables (state 0A is LISTEN, port 0050 is 80). */
function isWebPortTaken() {
  return ['/proc/net/tcp', '/proc/net/tcp6'].some(
    (table) =>
      existsSync(table) && /^ *\d+: [0-9A-F]+:0050 [0-9A-F]+:0000 0A /m.test(readFileSync(table, 'utf8')),
  )
}

function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stderr, error } = spawnSync('apt-get', ['-qq', ...args], { env, encoding: 'utf8' })
  if (status === 0) return undefined
  return (
    (error?.message ?? stderr ?? '').trim().split('\n').slice(-4).join('\n') || `apt-get ended with ${status}`
  )
}

/**
 * Runs `install` while a policy-rc.d says that no service may be started (exit 101, Debian policy for invoke-rc.d).
 * One that is already there is the machine's own and stays.
 */
export function withoutServices(install) {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return install()
  const stay = () => {}
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  // An interrupt ends apt-get (same process group); this process lives on to take the file away again.
  for (const signal of signals) process.on(signal, stay)
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return install()
  } finally {
    rmSync(policy, { force: true })
    for (const signal of signals) process.off(signal, stay)
  }
}

/**
 * Installs what is missing where that is possible (root on Debian or a relative), and says what is missing where it is
 * not. Never fails: the tests that need a server say so themselves.
 */
export function installServers(say) {
  const missing = missingServers()
  if (missing.length === 0) return
  const packages = missing.map((name) => serverPackages[name])
  const command = `apt-get install --no-install-recommends ${packages.join(' ')}`
  if (!isCommand('apt-get')) {
    say(
      `not here: ${missing.join(', ')}. The real-server tests need them; install them with your package manager`,
    )
    return
  }
  if (process.getuid?.() !== 0) {
    say(`not here: ${missing.join(', ')}. The real-server tests need them; as root: ${command}`)
    return
  }
  say(`getting ${packages.join(', ')} for the real-server tests (no service is started) ...`)
  const taken = isWebPortTaken()
  const problem = withoutServices(
    () => apt(['update']) ?? apt(['install', '-y', '--no-install-recommends', ...packages]),
  )
  const still = missingServers()
  if (still.length > 0)
    say(`still not here: ${still.join(', ')}. apt-get said: ${problem ?? 'nothing'}\n  by hand: ${command}`)
  if (!taken && isWebPortTaken()) {
    for (const name of missing) spawnSync('service', [name, 'stop'])
    say(
      isWebPortTaken()
        ? 'a server that was installed now listens on port 80: stop it'
        : 'stopped what apt-get had started',
    )
  }
}
