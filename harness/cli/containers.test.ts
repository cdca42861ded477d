/**
 * `--containers` as a user meets it: every server verified, nothing left behind however it ends, and a word where there is
 * no Docker.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readResults } from '../../reports/read.ts'
import { loadDeployment } from '../deployment/load.ts'
import { createLabMaterial } from '../lab/lab.ts'
import { dockerClient } from '../lab/origins/containers/docker.ts'
import { startLabContainers } from '../lab/origins/containers/lab-containers.ts'
import { withoutDocker } from '../lab/origins/containers/testing.ts'
import { containerNames } from '../lab/origins/containers/types.ts'
import { bin, finished, harness, interruptLab, startLabUp } from './testing/lab-up.ts'

let dir = ''
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'harness-containers-'))
})
after(() => rm(dir, { recursive: true, force: true }))

/** Containers and networks that a process made, by the label that names it. */
async function leftBy(pid: number | undefined): Promise<number> {
  const { dockerode } = (await dockerClient()).container
  const filters = { label: ['harness.lab'] }
  const isIts = ({ Labels }: { Labels?: Record<string, string> | undefined }): boolean =>
    (Labels?.['harness.lab.owner'] ?? '').split(' ')[1] === String(pid)
  const [containers, networks] = await Promise.all([
    dockerode.listContainers({ all: true, filters }),
    dockerode.listNetworks({ filters }),
  ])
  return containers.filter(isIts).length + networks.filter(isIts).length
}

/** Ids of containers whose process is gone. */
async function orphans(): Promise<string[]> {
  const { dockerode } = (await dockerClient()).container
  const found = await dockerode.listContainers({ all: true, filters: { label: ['harness.lab.owner'] } })
  return found
    .filter(({ Labels }) => !existsSync(`/proc/${Labels['harness.lab.owner']?.split(' ')[1]}`))
    .map(({ Id }) => Id)
}

/** Of the launcher's child: the lab may run in another Node than the one that was started. */
const ownerOf = async (folder: string): Promise<number> => {
  const { containers } = JSON.parse(await readFile(join(folder, 'lab.json'), 'utf8')) as {
    containers: Record<string, { deployment: string }>
  }
  assert.deepEqual(Object.keys(containers), [...containerNames])
  const { dockerode } = (await dockerClient()).container
  const found = await dockerode.listContainers({ filters: { label: ['harness.lab.origin=alb'] } })
  const { origins } = JSON.parse(await readFile(join(folder, 'lab.json'), 'utf8')) as {
    origins: { alb: { tlsPort: number } }
  }
  const own = found.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === origins.alb.tlsPort))
  return Number(own?.Labels['harness.lab.owner']?.split(' ')[1])
}

test('verify --lab --containers: the lab and all five servers, each with its reports, one verdict, nothing left', {
  skip: withoutDocker,
}, async () => {
  const before = new Set(await orphans())
  const args = ['verify', '--lab', '--containers', '--only', 'reach.*', 'origin.*', '--workers', '1']
  const { code, out, err } = await harness(dir, ...args, '--out', 'all')
  assert.equal(code, 0, out + err)
  const seconds = Number(/5 servers in containers, up in ([\d.]+) s/.exec(out)?.[1])
  assert.ok(seconds > 0, out)
  assert.match(out, /\nall 6 deployments verified\n$/)
  assert.deepEqual(
    (await orphans()).filter((id) => !before.has(id)),
    [],
    'nothing is left',
  )
  for (const name of containerNames) {
    const { target, summary, exitCode } = await readResults(join(dir, 'all', name, 'results.json'))
    assert.deepEqual([target.hostname, exitCode, summary.fail], [`${name}.harness.test`, 0, 0])
    assert.ok(summary.pass >= 11, `${name}: ${summary.pass}`)
    assert.match(out, new RegExp(`^${name}\\.harness\\.test +\\S.*\\d+\\.\\d+\\.\\d+ `, 'm'))
  }
})

test('lab up --containers: a deployment file each, Ctrl-C leaves nothing', {
  skip: withoutDocker,
}, async () => {
  const out = join(dir, 'ctrl-c')
  const lab = await startLabUp(dir, ['--containers', '--out', out])
  const owner = await ownerOf(out)
  try {
    assert.equal(await leftBy(owner), containerNames.length)
    for (const name of containerNames) {
      const deployment = await loadDeployment(join(out, `${name}.harness.test.yaml`))
      assert.equal(deployment.target.hostname, `${name}.harness.test`)
      assert.equal(deployment.origin?.pulls, 'hostname')
      assert.ok(lab.text().includes(`${name}.harness.test`))
    }
    // One of them visited through the edge, as lab.json describes it.
    const told = JSON.parse(await readFile(join(out, 'lab.json'), 'utf8')) as {
      edge: { port: number; ca: string }
    }
    const visitor = await finished(
      'curl',
      [
        ...['-sS', '--cacert', told.edge.ca, '--connect-to', `::127.0.0.1:${told.edge.port}`],
        'https://caddy.harness.test/temps',
      ],
      { cwd: dir },
    )
    assert.deepEqual([visitor.code, /celsius/.test(visitor.out)], [0, true], visitor.err)
  } finally {
    await interruptLab(lab)
  }
  assert.equal(await lab.ended, 0, lab.text())
  assert.equal(await leftBy(owner), 0)
})

test('kill -9 leaves containers; lab clean removes them, and not those of a lab that runs', {
  skip: withoutDocker,
}, async () => {
  const lab = await startLabUp(dir, ['--containers', '--out', join(dir, 'killed')])
  const killed = await ownerOf(join(dir, 'killed'))
  const living = await startLabContainers(await createLabMaterial(), { faults: new Set(), names: ['nginx'] })
  try {
    assert.ok(lab.child.pid !== undefined)
    process.kill(-lab.child.pid, 'SIGKILL')
    await lab.ended
    assert.equal(await leftBy(killed), containerNames.length)
    const { code, out } = await harness(dir, 'lab', 'clean')
    assert.equal(code, 0)
    assert.ok(Number(/^removed: (\d+) containers, \d+ networks?\n$/.exec(out)?.[1]) >= 5, out)
    assert.equal(await leftBy(killed), 0)
    assert.equal(await leftBy(process.pid), 1)
  } finally {
    await interruptLab(lab)
    await living.close()
  }
})

test('Ctrl-C while the servers run or start: interrupted, and nothing is left', {
  skip: withoutDocker,
}, async () => {
  const out = join(dir, 'early')
  const { dockerode } = (await dockerClient()).container
  const filters = { label: ['harness.lab'] }
  const before = new Set((await dockerode.listContainers({ all: true, filters })).map(({ Id }) => Id))
  const child = spawn(process.execPath, [bin, 'verify', '--lab', '--containers', '--out', out], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let text = ''
  const first = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (/answers on/.test(text)) resolve()
    })
  })
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const ended = once(child, 'exit')
  await Promise.race([first, ended])
  assert.ok(child.pid !== undefined)
  process.kill(-child.pid, 'SIGINT')
  const [code] = (await ended) as [number | null]
  assert.equal(code, 3, text)
  const own = (await dockerode.listContainers({ all: true, filters })).filter(
    ({ Id, Labels }) =>
      !before.has(Id) && (Labels['harness.lab.owner'] ?? '').split(' ')[1] === String(child.pid),
  )
  assert.deepEqual(own, [])
})

test('without Docker: said, with what that loses, and the embedded origins are used', async () => {
  const env = { ...process.env, DOCKER_HOST: `unix://${join(dir, 'nobody.sock')}` }
  const args = ['verify', '--lab', '--containers', '--only', 'origin.direct', '--out', 'without']
  const { code, out, err } = await finished(process.execPath, [bin, ...args], { cwd: dir, env })
  assert.equal(code, 0, out + err)
  assert.match(out, /no containers: Docker (does not answer on|is not installed)/)
  assert.match(out, /Going on with the embedded origins only\. Not covered then: how nginx/)
  assert.doesNotMatch(out, /deployments verified/)
  await assert.rejects(stat(join(dir, 'without', 'nginx')))
  const self = ['selftest', '--check', 'origin.direct', '--fault', 'origin.open', '--containers']
  const tested = await finished(process.execPath, [bin, ...self], { cwd: dir, env })
  assert.equal(tested.code, 0, tested.out + tested.err)
  assert.match(tested.out, /no containers: Docker/)
  const clean = await finished(process.execPath, [bin, 'lab', 'clean'], { cwd: dir, env })
  assert.equal(clean.code, 4)
  assert.match(clean.err, /Docker/)
})

test('--containers without the lab is a usage error', async () => {
  const { code, err } = await harness(dir, 'verify', 'api.example.com', '--containers')
  assert.equal(code, 2)
  assert.match(err, /it needs --lab/)
})
