import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { CostResult } from '../../../load/cost/types.ts'
import { likeHaproxy, likeNginx, sampleCost, sampleFlood, sampleLoad } from '../../../load/results/testing.ts'
import type { LoadResults } from '../../../load/results/types.ts'
import { compareRuns } from './compare.ts'
import { loadPlace, type Place } from './testing.ts'

let place: Place
before(async () => {
  place = await loadPlace()
})
after(() => place.remove())

async function written(name: string, value: unknown): Promise<string> {
  await mkdir(join(place.dir, name))
  await writeFile(join(place.dir, name, 'results.json'), JSON.stringify(value))
  return name
}

/** HAProxy, dearer by a factor for one kind of client. */
const haproxy = (seed: number, factor = 1, name = 'haproxy 2.6.12'): Promise<CostResult> => {
  const expired = { ...likeHaproxy.expired, serverUsec: 760 * factor }
  return sampleCost(name, { ...likeHaproxy, expired } as typeof likeHaproxy, { seed })
}

test('a regression is 1, noise is 0, nothing comparable is 3, a file that is none is 2', async () => {
  const [first, second, dear] = await Promise.all([haproxy(1), haproxy(2), haproxy(3, 1.4, 'haproxy 2.8.1')])
  const base = await written('base', sampleLoad({ costs: [first] }))
  const same = await written('same', sampleLoad({ costs: [second] }))
  const dearer = await written('dearer', sampleLoad({ costs: [dear] }))
  const other = await written('other', sampleLoad({ costs: [await sampleCost('nginx 1.22.1', likeNginx)] }))
  const flood = await written('flood', sampleLoad({ floods: [sampleFlood()] }))
  const two = await written(
    'two',
    sampleLoad({ costs: [first, await sampleCost('nginx 1.22.1', likeNginx)] }),
  )
  const broken = await written('broken', { ...sampleLoad({ costs: [first] }), exitCode: 9 })
  for (const [next, code, said] of [
    [same, 0, /verdict: noise; .* what got dearer by [\d.]+ % or more was found/],
    [dearer, 1, /regression +expired/],
    [other, 3, /nothing can be compared/],
    [flood, 3, /nothing can be compared/],
  ] as const) {
    const ended = await place.run('compare', base, next)
    assert.equal(ended.code, code, ended.out + ended.err)
    assert.match(ended.out, said)
  }
  const lost = await place.run('compare', two, same)
  assert.deepEqual([lost.code, /not in the later run: nginx/.test(lost.out)], [3, true], lost.out)
  assert.equal((await place.run('compare', same, two)).code, 0)
  const tolerant = await place.run('compare', base, dearer, '--max-regression', '60', '--json')
  assert.equal(tolerant.code, 0)
  assert.equal((JSON.parse(tolerant.out) as { servers: unknown[] }).servers.length, 1)
  for (const wrong of [broken, 'nowhere']) {
    const ended = await place.run('compare', base, wrong)
    assert.equal(ended.code, 2)
    assert.match(ended.err, /not a valid results file|does not exist/)
  }
})

test('a server is matched by its kind and TLS version; what one run alone has is told', async () => {
  const [first, second] = await Promise.all([haproxy(1), haproxy(2, 1, 'haproxy 3.0')])
  const nginx = await sampleCost('nginx 1.22.1', likeNginx)
  const compared = compareRuns([first, nginx], [second], 0.05)
  assert.deepEqual(
    compared.servers.map(({ base, next }) => [base, next]),
    [['haproxy 2.6.12, TLS 1.3', 'haproxy 3.0, TLS 1.3']],
  )
  assert.deepEqual([compared.gone, compared.added], [['nginx 1.22.1, TLS 1.3'], []])
  assert.deepEqual(compareRuns([second], [first, nginx], 0.05).added, ['nginx 1.22.1, TLS 1.3'])
  assert.match(compared.servers[0]?.comparison.notes.join() ?? '', /differ in server/)
  const older = { ...second, target: { ...second.target, version: 'TLSv1.2' as const } }
  assert.deepEqual(compareRuns([first], [older], 0.05).servers, [])
})

test('plan of a run that measured nothing ends with 3', async () => {
  const empty = await written('empty', sampleLoad() satisfies LoadResults)
  const { code, err } = await place.run('plan', empty, '--valid', '10')
  assert.equal(code, 3)
  assert.match(err, /nothing can be planned/)
})
