/**
 * Programs of the machine that the harness or its tests use: where they are and which version.
 * @module
 */
import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** A program that can be installed beside the harness. */
export interface Tool {
  name: string
  /** Names of its command, the usual one first. */
  commands: string[]
  /** Arguments that print its version. */
  versionArgs: string[]
  /** What it enables, for a person. */
  enables: string
  /** Debian package; undefined: Debian has none. */
  debianPackage?: string
  /** How to get it, where Debian has no package. */
  getIt?: string
}

/** A program as found here. */
export interface FoundTool {
  name: string
  /** Absolute path; null: not installed. */
  path: string | null
  /** As it says itself; null: not installed, or it did not say within five seconds. */
  version: string | null
  enables: string
  debianPackage?: string
  getIt?: string
}

const realServers =
  'a real server in `harness load cost --lab`, and in `npm test` and `npm run truth-table` (checkout)'

/** Every program that is of use today. Verifying a host needs none of them. */
export const tools: readonly Tool[] = [
  {
    name: 'openssl',
    commands: ['openssl'],
    versionArgs: ['version'],
    enables: 'the openssl lines in reports; a real server in `npm test` and `npm run truth-table` (checkout)',
    debianPackage: 'openssl',
  },
  {
    name: 'curl',
    commands: ['curl'],
    versionArgs: ['--version'],
    enables: 'the curl lines in reports',
    debianPackage: 'curl',
  },
  {
    name: 'nginx',
    commands: ['nginx'],
    versionArgs: ['-v'],
    enables: realServers,
    debianPackage: 'nginx-light',
  },
  {
    name: 'apache2',
    commands: ['apache2', 'httpd'],
    versionArgs: ['-v'],
    enables: realServers,
    debianPackage: 'apache2',
  },
  {
    name: 'haproxy',
    commands: ['haproxy'],
    versionArgs: ['-v'],
    enables: realServers,
    debianPackage: 'haproxy',
  },
  {
    name: 'k6',
    commands: ['k6'],
    versionArgs: ['version'],
    enables:
      '`harness load flood` and `load proof` need it; `load capacity` uses it where it is found (Linux)',
    getIt:
      'node setup.mjs --k6 builds it into .tools/k6 of a checkout; or https://grafana.com/docs/k6/latest/set-up/install-k6/',
  },
  {
    name: 'docker',
    commands: ['docker'],
    versionArgs: ['--version'],
    enables: '`harness load cost --lab --containers`: exact CPU per server; origins of the lab in containers',
    debianPackage: 'docker.io',
  },
  {
    name: 'taskset',
    commands: ['taskset'],
    versionArgs: ['--version'],
    enables: 'a core of its own for the generator of `harness load`',
    debianPackage: 'util-linux',
  },
  {
    name: 'chromium',
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
    versionArgs: ['--version'],
    enables: 'logins with a browser (k6 script `login`)',
    debianPackage: 'chromium',
  },
  {
    name: 'testssl.sh',
    commands: ['testssl', 'testssl.sh'],
    versionArgs: ['--version'],
    enables: 'its time beside ours in `npm run bench` (checkout)',
    debianPackage: 'testssl.sh',
  },
]

/** Folders that are searched: PATH, and the sbin folders where Debian keeps servers. */
export function searchPath(path: string | undefined = process.env.PATH): string[] {
  return [...(path ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'].filter(
    (folder) => folder,
  )
}

async function locate(commands: readonly string[], folders: readonly string[]): Promise<string | null> {
  for (const command of commands) {
    for (const folder of folders) {
      const path = join(folder, command)
      const runs = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
      if (runs) return path
    }
  }
  return null
}

/** What a program prints for its version, both streams (nginx uses stderr); ends with the deadline. */
function printed(path: string, args: readonly string[], deadline: number): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: deadline, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 } as const
    const child = execFile(path, args, options, (_error, stdout, stderr) => resolve(`${stdout}\n${stderr}`))
    child.stdin?.end()
  })
}

/** Looks for a program in these folders and asks it for its version. Never throws. */
export async function findTool(tool: Tool, folders = searchPath(), deadline = 5000): Promise<FoundTool> {
  const { name, enables, debianPackage, getIt } = tool
  const path = await locate(tool.commands, folders)
  const text = path === null ? '' : await printed(path, tool.versionArgs, deadline)
  const version = /\d+\.\d+(?:\.\d+)?[\w.~+-]*/.exec(text)?.[0] ?? null
  return {
    name,
    path,
    version,
    enables,
    ...(debianPackage === undefined ? {} : { debianPackage }),
    ...(getIt === undefined ? {} : { getIt }),
  }
}
