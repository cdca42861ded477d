import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { stringify } from 'yaml'
import type { DrillResult } from '../../reports/drill/types.ts'
import { validateDrill } from '../../reports/drill/validate.ts'
import { exportOf } from '../drill/export.ts'
import { runDrill } from '../drill/run.ts'
import { labOfTests, order, terms } from '../drill/testing/drill-lab.ts'
import { accounts, canaryPath, zones } from '../lab/hostnames.ts'
import { lasting } from '../lab/scenarios/lasting.ts'
import { diffStates } from '../lab/state/diff.ts'
import type { DrillOptions } from './commands.ts'
import { drillRollbackCommand } from './drill.ts'
import { createDrillCertificates, type DrillCertificates, drillHostnames, labDrill } from './drill-lab.ts'
import { realDrill } from './drill-real.ts'
import { drillRestoreCommand } from './drill-restore.ts'
import { bin, harness } from './testing/lab-up.ts'

const hostname = drillHostnames.pulls

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'harness-drill-test-'))
})
after(() => rm(folder, { recursive: true, force: true }))

describe('a deployment file, as for a real zone', () => {
  const world = labOfTests()
  let certificates: DrillCertificates
  let file: string
  let originCommand: string
  const secret = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 })
  const api = (): { baseURL: string; labURL: string } => {
    const { api: found } = world.lab.lab
    assert.ok(found)
    return found
  }
  const described = (more: Record<string, unknown> = {}): string => {
    const { edge, origins } = world.lab.lab
    return stringify({
      hostname,
      connect: `${edge.host}:${edge.port}`,
      trust: './server-ca.pem',
      canary: canaryPath,
      origin: {
        address: `127.0.0.1:${origins.pulls?.tlsPort}`,
        tls: true,
        pulls: 'hostname',
        identity: { cert: './pull.pem', key: './pull-key.pem' },
      },
      controlPlane: {
        baseURL: api().baseURL,
        zone: zones.lab.id,
        account: accounts.lab.id,
        tokenFile: './token.secret',
      },
      ...more,
    })
  }
  before(async () => {
    certificates = await createDrillCertificates()
    const { cert, key } = certificates.identities.first
    await writeFile(join(folder, 'server-ca.pem'), world.material.serverCa)
    await writeFile(join(folder, 'pull.pem'), cert)
    await secret('pull-key.pem', key)
    await secret('token.secret', world.material.credentials.token)
    file = join(folder, 'harness.yaml')
    await writeFile(file, described())
    const headers = `-H "Authorization: Bearer $(cat ${join(folder, 'token.secret')})" -H 'Content-Type: application/json'`
    originCommand = `curl -sS --fail -X PATCH ${api().labURL}/origins/pulls ${headers} --data "{\\"clientCertificates\\":\\"$HARNESS_ORIGIN_MODE\\"}"`
    // Which CAs it trusts is the operator's business.
    const { origin } = await labDrill(world.lab, order('right'), { certificates })
    await origin?.set({ mode: 'off', trust: certificates.cas.first })
  })
  const options = (more: Partial<DrillOptions> = {}): DrillOptions => ({
    deployment: file,
    order: 'right',
    out: join(folder, 'out'),
    allowChanges: true,
    hostname,
    originCommand,
    ...more,
  })
  const run = async (more: Partial<DrillOptions> = {}): Promise<DrillResult> => {
    const chosen = options(more)
    return runDrill(await realDrill(chosen, order(chosen.order), terms))
  }

  test('protection on and back, the origin changed by the operator’s command', async () => {
    const result = await run()
    assert.deepEqual([result.outcome, result.problems, result.target.lab], ['as-predicted', [], false])
    assert.equal(result.state.compared, 'the objects that the drill touches, read back')
  })

  test('a command that fails: the state is restored', async () => {
    const broken = `test "$HARNESS_ORIGIN_MODE" != required && ${originCommand}`
    const { outcome, problems, state } = await run({ originCommand: broken })
    assert.deepEqual([outcome, state.same], ['stopped-and-restored', true])
    assert.match(problems[0] ?? '', /origin-required: the origin’s command ended with 1/)
  })

  test('it is not begun where it could not be restored', async () => {
    const live = await labDrill(world.lab, order('live'), { terms })
    const before = structuredClone(world.lab.lab.store.state)
    await assert.rejects(run({ order: 'live' }), {
      code: 'ERR_USAGE',
      message: /private key of the certificate .* cannot be read back from the API, and is not given/,
    })
    assert.deepEqual(world.lab.lab.store.state, before)
    await assert.rejects(run(), /the hostname has an association already/)
    await live.origin?.set({ mode: 'off', trust: certificates.cas.first })
    world.lab.lab.store.replace(structuredClone(world.lab.fresh))
  })

  test('a drill that ended before it changed anything leaves no export in the way of the next', async () => {
    const path = join(folder, 'nobody.yaml')
    // Its traffic never shows what it starts from: it waits until it is interrupted.
    await writeFile(path, described({ connect: '127.0.0.1:1' }))
    const args = ['drill', 'rollback', '-d', path, '--allow-changes', '--hostname', hostname]
    const command = ['--origin-command', originCommand, '--out', 'not-begun']
    const child = spawn(process.execPath, [bin, ...args, ...command], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    let sent = false
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8')
        if (sent || !text.includes('state before: ')) return
        sent = true
        child.kill('SIGINT')
      })
    await new Promise((resolve) => child.once('close', resolve))
    assert.match(text, /state before: [\s\S]*nothing has been changed/)
    assert.deepEqual(await readdir(join(folder, 'not-begun')), [])
  })

  const originNow = async (): Promise<unknown> => {
    const headers = { authorization: `Bearer ${world.material.credentials.token}` }
    const answer = await fetch(`${api().labURL}/origins`, { headers })
    const { result } = (await answer.json()) as { result: { name: string }[] }
    return result.find(({ name }) => name === 'pulls')
  }
  const typed = ['-d', 'harness.yaml', '--allow-changes', '--hostname', hostname]

  for (const [name, until] of [
    ['right', 'ok  origin: require a client certificate'],
    ['live', 'ok  delete the certificate'],
  ] as const)
    test(`kill -9 in the middle of the order ${name}: restore goes back to the state before`, async () => {
      if (name === 'live') await labDrill(world.lab, order('live'), { terms, certificates })
      const before = { edge: structuredClone(world.lab.lab.store.state), origin: await originNow() }
      const out = `killed-${name}`
      const args = ['drill', 'rollback', ...typed, '--order', name, '--origin-command', originCommand]
      const child = spawn(process.execPath, [bin, ...args, '--out', out], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let text = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          text += chunk.toString('utf8')
          if (text.includes(until)) child.kill('SIGKILL')
        })
      const signal = await new Promise((resolve) => child.once('close', (_, name) => resolve(name)))
      assert.equal(signal, 'SIGKILL', text)
      assert.notDeepEqual(await originNow(), before.origin)
      const exported = join(out, `${name === 'right' ? 'drill' : 'drill-live'}-export.json`)
      assert.equal((await stat(join(folder, exported))).mode & 0o777, 0o600)

      // What the killed one has left is not what another order may take for the state before.
      const halfDone = structuredClone(world.lab.lab.store.state)
      for (const order of ['right', 'documented', 'live']) {
        const again = ['drill', 'rollback', ...typed, '--order', order, '--origin-command', originCommand]
        const stopped = await harness(folder, ...again, '--out', out)
        assert.equal(stopped.code, 2, `${stopped.out}${stopped.err}`)
        assert.ok(stopped.err.includes(`harness drill restore ${exported} -d harness.yaml`), stopped.err)
      }
      assert.deepEqual(world.lab.lab.store.state, halfDone)

      const refused = await harness(folder, 'drill', 'restore', exported, '-d', 'harness.yaml')
      assert.deepEqual([refused.code, /changes the configuration/.test(refused.err)], [2, true], refused.err)
      const restore = ['drill', 'restore', exported, ...typed, '--origin-command', originCommand]
      const restored = await harness(folder, ...restore)
      assert.equal(restored.code, 0, `${restored.out}${restored.err}`)
      assert.match(restored.out, /done {3}set the origin to[\s\S]*restored: the state is the one before/)
      const differs = diffStates(before.edge, world.lab.lab.store.state, { ignoreTimestamps: true })
      const left = differs.filter((change) => !lasting(change) && !change.path.endsWith('/lifecycle/next/at'))
      assert.deepEqual([left, await originNow()], [[], before.origin])

      const again = await harness(folder, ...restore, '--json')
      const said = JSON.parse(again.out) as { done: string[]; restored: boolean }
      assert.deepEqual([again.code, said.restored], [0, true])
      assert.ok(
        said.done.every((sentence) => sentence.startsWith('set the origin to')),
        'only the origin, which cannot be asked',
      )
      world.lab.lab.store.replace(structuredClone(world.lab.fresh))
    })

  test('only the export of this zone, hostname and certificate is restored; nothing else is changed', async () => {
    const state = structuredClone(world.lab.lab.store.state)
    const good = exportOf(await realDrill(options(), order('right'), terms), {
      association: null,
      certificates: { first: null },
      origin: { mode: 'off', trust: '' },
    })
    const refused = async (content: string, message: RegExp): Promise<void> => {
      const path = join(folder, 'an-export.json')
      await writeFile(path, content)
      await assert.rejects(drillRestoreCommand(path, options()), { code: 'ERR_USAGE', message })
    }
    const changed = (more: object): string => JSON.stringify({ ...good, ...more })
    await refused(
      changed({ zone: zones.neighbour.id }),
      /the export is of the zone d0+2, the deployment file of/,
    )
    await refused(
      changed({ hostname: 'other.harness.test' }),
      /of other\.harness\.test, the deployment file of pulls/,
    )
    await refused(changed({ certificates: { first: 'a'.repeat(64) } }), /another certificate than the drill/)
    await refused(changed({ lab: true }), /took place in a lab, which is gone/)
    await refused(changed({ order: 'token-rotation', kind: 'service-token' }), /none of a real zone/)
    await refused(
      changed({ state: { association: 'x' } }),
      /is not the export of a drill: \/state\/association/,
    )
    await refused('{', /is not JSON/)
    await assert.rejects(drillRestoreCommand(join(folder, 'none.json'), options()), /cannot be read/)
    assert.deepEqual(world.lab.lab.store.state, state)
  })

  test('what is missing is said, and nothing is changed', async () => {
    const without = async (name: string, more: Record<string, unknown>): Promise<string> => {
      const path = join(folder, name)
      await writeFile(path, described(more))
      return path
    }
    const { identity: _, ...origin } = {
      address: '127.0.0.1:1',
      tls: true,
      pulls: 'hostname',
      identity: undefined,
    }
    const refused = async (more: Partial<DrillOptions>, message: RegExp): Promise<void> => {
      await assert.rejects(drillRollbackCommand(options(more)), { code: 'ERR_USAGE', message })
    }
    const { allowChanges: __, ...looking } = options()
    await assert.rejects(drillRollbackCommand(looking), /changes the configuration of pulls.harness.test/)
    const { hostname: ___, ...untyped } = options()
    await assert.rejects(drillRollbackCommand(untyped), /has to be typed once more/)
    await refused({ hostname: 'other.harness.test' }, /says other.harness.test, the deployment file pulls/)
    await refused({ order: 'edge-first' }, /for the lab only: it locks visitors out/)
    await refused({ order: 'token-rotation' }, /for the lab only/)
    await refused({ order: 'rihgt' }, /there is no order “rihgt”/)
    await refused({ order: 'all' }, /there is no order “all” on a real zone/)
    await refused({ fault: ['edge.head-open'] }, /needs --lab/)
    await refused({ deployment: await without('a.yaml', { controlPlane: undefined }) }, /no controlPlane/)
    await refused({ deployment: await without('b.yaml', { origin: undefined }) }, /no origin that speaks TLS/)
    await refused({ deployment: await without('c.yaml', { origin }) }, /no origin.identity/)
    const { originCommand: ____, ...unasked } = options()
    await assert.rejects(drillRollbackCommand(unasked), /nobody is there to change the origin/)
    assert.deepEqual(
      world.lab.lab.store.state.zones[zones.lab.id]?.originPulls.associations[hostname],
      undefined,
    )
  })
})

test('in the lab, as a process: time line, JSON and the state before on disk, readable by its owner only', async () => {
  const out = join(folder, 'lab')
  const {
    code,
    out: text,
    err,
  } = await harness(folder, 'drill', 'rollback', '--lab', '--order', 'delete-deploying', '--out', out)
  assert.deepEqual([code, err], [0, ''], text)
  assert.match(text, /predicted: the API refuses with 1434/)
  const result: unknown = JSON.parse(await readFile(join(out, 'drill-delete-deploying.json'), 'utf8'))
  assert.deepEqual(validateDrill(result), [])
  assert.match(await readFile(join(out, 'drill-delete-deploying.html'), 'utf8'), /<svg class="line"/)
  const { mode } = await stat(join(out, 'drill-delete-deploying-export.json'))
  assert.equal(mode & 0o777, 0o600)
})

test('Ctrl-C: it goes back to the state before, says so, and ends with 3', async () => {
  const out = join(folder, 'interrupted')
  const child = spawn(process.execPath, [bin, 'drill', 'rollback', '--lab', '--out', out], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  let sent = false
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      if (sent || !text.includes('ok  origin: require a client certificate')) return
      sent = true
      child.kill('SIGINT')
    })
  const code = await new Promise((resolve) => child.once('close', resolve))
  assert.equal(code, 3, text)
  assert.match(text, /interrupted: going back to the state before/)
  assert.match(text, /STOPPED, the state before is restored/)
  const result = JSON.parse(await readFile(join(out, 'drill.json'), 'utf8')) as DrillResult
  assert.deepEqual([result.outcome, result.state.changes, result.remaining], ['stopped-and-restored', [], []])
})

test('the orders are named, also as JSON', async () => {
  const { code, out } = await harness(folder, 'drill', 'rollback', '--order', 'list', '--json')
  assert.equal(code, 0)
  const names = (JSON.parse(out) as { name: string }[]).map(({ name }) => name)
  assert.ok(names.includes('right') && names.includes('token-no-overlap'))
})
