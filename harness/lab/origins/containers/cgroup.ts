/**
 * CPU and memory of a container from its control group, read on this machine. v2: `usage_usec` of `cpu.stat`,
 * `memory.current`; v1: `cpuacct.usage` (nanoseconds), `memory.usage_in_bytes`. Of both memories the part of the page cache
 * that was not used lately is taken off, as `docker stats` does. [kernel Documentation/admin-guide/cgroup-v2.rst,
 * cgroup-v1/cpuacct.rst, cgroup-v1/memory.rst]
 * @module
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HarnessError } from '../../../errors.ts'
import type { CgroupReading } from './types.ts'

/** Folders of a group: the same one with v2, one per controller with v1. */
interface Folders {
  version: 1 | 2
  cpu: string
  memory: string
}

/** Where cgroups and processes are looked for; tests have their own. */
export interface CgroupRoots {
  proc: string
  mounts: string
}

const machine: CgroupRoots = { proc: '/proc', mounts: '/sys/fs/cgroup' }

/** Reads the control group that a process is in. @throws HarnessError ERR_PLATFORM when it cannot be found or read. */
export function readCgroup(pid: number, roots: CgroupRoots = machine): CgroupReading {
  try {
    return numbersOf(foldersOf(pid, roots))
  } catch (cause) {
    throw new HarnessError('ERR_PLATFORM', `the control group of process ${pid} cannot be read`, {
      hint: 'CPU and memory of containers are read on Linux, on the machine they run on, while they run',
      cause,
    })
  }
}

function foldersOf(pid: number, { proc, mounts }: CgroupRoots): Folders {
  const groups = readFileSync(join(proc, String(pid), 'cgroup'), 'utf8')
    .split('\n')
    .map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, controllers = '', path = '']) => ({ controllers: controllers.split(','), path }))
  const v1 = (controller: string): string | undefined => {
    const group = groups.find(({ controllers }) => controllers.includes(controller))
    // Mounted by controller, or by all that share a hierarchy, which have a link each.
    return group === undefined ? undefined : join(mounts, controller, group.path)
  }
  const [cpu, memory] = [v1('cpuacct'), v1('memory')]
  if (cpu !== undefined && memory !== undefined) return { version: 1, cpu, memory }
  const path = groups.find(({ controllers }) => controllers.join('') === '')?.path
  if (path === undefined) throw new Error('it is in no control group')
  const folder = join(mounts, path)
  return { version: 2, cpu: folder, memory: folder }
}

function numbersOf({ version, cpu, memory }: Folders): CgroupReading {
  const one = (file: string): number => number(readFileSync(file, 'utf8'))
  const stat = keyed(join(memory, 'memory.stat'))
  if (version === 2) {
    const inUse = one(join(memory, 'memory.current')) - (stat.get('inactive_file') ?? 0)
    return { cpuUsec: number(String(keyed(join(cpu, 'cpu.stat')).get('usage_usec'))), memoryBytes: inUse }
  }
  const inUse = one(join(memory, 'memory.usage_in_bytes')) - (stat.get('total_inactive_file') ?? 0)
  return { cpuUsec: Math.floor(one(join(cpu, 'cpuacct.usage')) / 1000), memoryBytes: inUse }
}

function number(text: string): number {
  if (!/^\d+\s*$/.test(text)) throw new Error('a counter is not a number')
  return Number(text)
}

/** Lines of a name and a number. */
function keyed(file: string): Map<string, number> {
  if (!existsSync(file)) return new Map()
  const lines = readFileSync(file, 'utf8').split('\n')
  return new Map(lines.map((line) => line.split(' ')).map(([name = '', value = '']) => [name, Number(value)]))
}
