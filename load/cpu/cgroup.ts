/**
 * CPU time of a control group: exact (kept by the scheduler), survives threads and children that come and go. Everything in
 * the group counts, so the server has to be alone in it (a container, a systemd scope).
 *
 * v2: `usage_usec` of `cpu.stat`. v1: `cpuacct.usage`, nanoseconds. [kernel Documentation/admin-guide/cgroup-v2.rst,
 * cgroup-v1/cpuacct.rst]
 * @module
 */
import { join } from 'node:path'
import { keyed, textOf, unreadable } from './read.ts'
import type { CpuSource } from './types.ts'

/** A group's folder under both hierarchies. */
export interface CgroupFolder {
  version: 1 | 2
  path: string
}

/**
 * A source that reads one group.
 * @param path folder of the group, e.g. `/sys/fs/cgroup/system.slice/nginx.service`; which version it is, is seen from its files.
 * @throws HarnessError ERR_PLATFORM when it has neither counter.
 */
export async function cgroupSource(path: string): Promise<CpuSource> {
  const version = await versionOf(path)
  if (version === undefined) {
    throw unreadable(
      `${path} has neither cpu.stat with usage_usec nor cpuacct.usage`,
      'is it the folder of a cgroup?',
    )
  }
  const read = version === 2 ? usageOfV2 : usageOfV1
  return {
    kind: `cgroup v${version}`,
    describe: `all processes of the control group ${path}`,
    async sample() {
      const cpuUsec = await read(path)
      if (cpuUsec === undefined) throw unreadable(`the CPU counter of ${path} is gone`, 'did the server end?')
      return { cpuUsec, resolutionUsec: 1, notes: [] }
    },
  }
}

/**
 * The groups a process is in, from the text of `/proc/PID/cgroup` and the mounts; the v2 one first.
 * @param root where cgroups are mounted, default `/sys/fs/cgroup`.
 */
export async function cgroupsOf(
  pid: number,
  root = '/sys/fs/cgroup',
  proc = '/proc',
): Promise<CgroupFolder[]> {
  const text = (await textOf(join(proc, String(pid), 'cgroup'))) ?? ''
  const candidates = text.split('\n').flatMap((line): string[] => {
    const [id, controllers = '', ...rest] = line.split(':')
    const path = rest.join(':')
    if (path === '') return []
    // Hybrid systems mount the second version under `unified`.
    if (id === '0') return [join(root, path), join(root, 'unified', path)]
    if (!controllers.split(',').includes('cpuacct')) return []
    return [join(root, controllers, path), join(root, 'cpuacct', path)]
  })
  const found: CgroupFolder[] = []
  for (const path of new Set(candidates)) {
    const version = await versionOf(path)
    if (version !== undefined) found.push({ version, path })
  }
  return found.toSorted((a, b) => b.version - a.version)
}

async function versionOf(path: string): Promise<1 | 2 | undefined> {
  if ((await usageOfV2(path)) !== undefined) return 2
  return (await usageOfV1(path)) === undefined ? undefined : 1
}

async function usageOfV2(path: string): Promise<number | undefined> {
  return keyed((await textOf(join(path, 'cpu.stat'))) ?? '').get('usage_usec')
}

async function usageOfV1(path: string): Promise<number | undefined> {
  const text = await textOf(join(path, 'cpuacct.usage'))
  return text === undefined || !/^\d+\s*$/.test(text) ? undefined : Number(text) / 1000
}
