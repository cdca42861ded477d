import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { type CgroupRoots, readCgroup } from './cgroup.ts'

const scratch = mkdtempSync(join(tmpdir(), 'cgroup-'))
after(() => rmSync(scratch, { recursive: true }))

function roots(name: string, files: Record<string, string>): CgroupRoots {
  for (const [file, content] of Object.entries(files)) {
    const path = join(scratch, name, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  return { proc: join(scratch, name, 'proc'), mounts: join(scratch, name, 'cgroup') }
}

const v2 = {
  'cgroup/system.slice/docker-1.scope/cpu.stat': 'usage_usec 1234567\nuser_usec 1\nsystem_usec 2\n',
  'cgroup/system.slice/docker-1.scope/memory.current': '5000000\n',
  'cgroup/system.slice/docker-1.scope/memory.stat': 'anon 1\ninactive_file 1000000\n',
}
const v1 = {
  'cgroup/cpuacct/docker/1/cpuacct.usage': '1234567999\n',
  'cgroup/memory/docker/1/memory.usage_in_bytes': '5000000\n',
  'cgroup/memory/docker/1/memory.stat': 'inactive_file 1\ntotal_inactive_file 1000000\n',
}
const expected = { cpuUsec: 1_234_567, memoryBytes: 4_000_000 }

test('version 2: one hierarchy', () => {
  const files = { ...v2, 'proc/7/cgroup': '0::/system.slice/docker-1.scope\n' }
  assert.deepEqual(readCgroup(7, roots('v2', files)), expected)
})

test('version 1: a hierarchy per controller, also beside an empty one of version 2', () => {
  const lines = '9:memory:/docker/1\n2:cpu,cpuacct:/docker/1\n0::/docker/1\n'
  assert.deepEqual(readCgroup(7, roots('v1', { ...v1, 'proc/7/cgroup': lines })), expected)
})

test('a process that is gone, a group that is gone and a counter that is none are errors', () => {
  const error = { code: 'ERR_PLATFORM', message: /control group of process/ }
  assert.throws(() => readCgroup(8, roots('gone', { 'proc/7/cgroup': '0::/x\n' })), error)
  assert.throws(() => readCgroup(7, roots('gone', {})), error)
  const files = {
    ...v2,
    'cgroup/system.slice/docker-1.scope/cpu.stat': 'user_usec 1\n',
    'proc/7/cgroup': '0::/system.slice/docker-1.scope\n',
  }
  assert.throws(() => readCgroup(7, roots('none', files)), error)
})
