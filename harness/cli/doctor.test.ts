import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { describeDiagnosis, diagnose } from './doctor.ts'
import { findTool, searchPath, type Tool } from './tools.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'))
})
after(() => rm(folder, { recursive: true }))

async function script(name: string, body: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`)
  await chmod(join(folder, name), 0o755)
}

const tool: Tool = {
  name: 'server',
  commands: ['server', 'serverd'],
  versionArgs: ['-v'],
  enables: 'tests',
  debianPackage: 'server-light',
}

test('a tool is found with its version, on whichever stream it prints it', async () => {
  await script('server', '[ "$1" = -v ] && echo "server version: server/1.22.1" >&2')
  const found = await findTool(tool, [folder])
  assert.deepEqual([found.path, found.version], [join(folder, 'server'), '1.22.1'])
})

test('a tool under another name is found', async () => {
  await script('otherd', 'echo "Server 2.6.12-1+deb12u4 2024/01/01"')
  const found = await findTool({ ...tool, commands: ['other', 'otherd'] }, ['/nonexistent', folder])
  assert.deepEqual([found.path, found.version], [join(folder, 'otherd'), '2.6.12-1+deb12u4'])
})

test('a tool that is not there, cannot run, hangs or says nothing is told apart', async () => {
  assert.equal((await findTool({ ...tool, commands: ['absent'] }, [folder])).path, null)
  await writeFile(join(folder, 'data'), 'not a program', { mode: 0o644 })
  assert.equal((await findTool({ ...tool, commands: ['data'] }, [folder])).path, null)
  await script('hangs', 'exec sleep 60')
  const hangs = await findTool({ ...tool, commands: ['hangs'] }, [folder], 300)
  assert.deepEqual([hangs.path, hangs.version], [join(folder, 'hangs'), null])
  await script('mute', 'exit 3')
  assert.equal((await findTool({ ...tool, commands: ['mute'] }, [folder])).version, null)
})

test('the table names what is missing and the command that gets it; nothing else is asked for', async () => {
  await script('nginx', 'echo nginx version: nginx/1.99.0 >&2')
  const table = describeDiagnosis(await diagnose([folder]))
  assert.match(table, /^nginx +1\.99\.0 +/m)
  assert.match(table, /^haproxy +missing +/m)
  const install = /^To get the rest on Debian: apt-get install --no-install-recommends (.*)$/m.exec(
    table,
  )?.[1]
  const packages = [
    'openssl',
    'curl',
    'apache2',
    'haproxy',
    'docker.io',
    'util-linux',
    'chromium',
    'testssl.sh',
  ]
  assert.deepEqual(install?.split(' '), packages)
  assert.match(table, /^k6 +missing +.*`harness load flood`.*`load proof`.*`load capacity`/m)
  // Debian has no package of it.
  assert.match(table, /^To get k6: node setup\.mjs --k6 /m)
})

test('the table asks for nothing where everything is there', async () => {
  const diagnosis = await diagnose([folder])
  const tools = diagnosis.tools.map((found) => ({ ...found, path: '/usr/bin/x', version: null }))
  const table = describeDiagnosis({ ...diagnosis, tools })
  assert.doesNotMatch(table, /apt-get|missing|To get/)
  assert.match(table, /^haproxy +unknown +/m)
})

test('the sbin folders are searched whatever PATH says', () => {
  assert.deepEqual(searchPath('/a::/b'), ['/a', '/b', '/usr/local/sbin', '/usr/sbin', '/sbin'])
})
