/**
 * Every fault, shown with real connections: what the healthy edge does, and what this one does instead.
 */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type DefectId, defectIds } from '../pki/types.ts'
import { type FaultId, faults, type UncheckedFaultId, uncheckedFaults } from './faults.ts'
import { forwardedHeaders, telemetry } from './hostnames.ts'
import { type Lab, type LabMaterial, startLab } from './lab.ts'
import { furtherRows } from './testing/rows-further.ts'
import { headerRows } from './testing/rows-headers.ts'
import { modeRows } from './testing/rows-mode.ts'
import { possessionRows } from './testing/rows-possession.ts'
import { presenceRows } from './testing/rows-presence.ts'
import { reuseRows } from './testing/rows-reuse.ts'
import { tlsRows } from './testing/rows-tls.ts'
import { type Row, setUpBench, told, words } from './testing/show.ts'

let material: LabMaterial
let healthy: Lab

before(async () => {
  ;({ material, healthy } = await setUpBench())
})
after(() => healthy.close())

/** A fault without a row does not compile. */
const rows: Record<Exclude<FaultId, `edge.accepts-${DefectId}` | UncheckedFaultId>, Row | Row[]> = {
  ...tlsRows,
  ...modeRows,
  ...headerRows,
  ...possessionRows,
  ...presenceRows,
  ...reuseRows,
  ...furtherRows,
}
const status = forwardedHeaders.status

const acceptRows = defectIds.map((defect): [FaultId, Row[]] => [
  `edge.accepts-${defect}`,
  [
    { show: words({}, defect), healthy: '403', faulty: '200 valid' },
    { show: words({ to: telemetry.hostname }, defect), healthy: /^200 invalid:/, faulty: '200 valid' },
  ],
])

const all = new Map<FaultId, Row[]>([
  ...acceptRows,
  ...(Object.entries(rows) as [FaultId, Row | Row[]][]).map(([id, row]): [FaultId, Row[]] => [
    id,
    [row].flat(),
  ]),
])

const check = (seen: string, expected: string | RegExp, where: string): void => {
  if (typeof expected === 'string') assert.equal(seen, expected, where)
  else assert.match(seen, expected, where)
}

test('every fault has a row, here or in the tests of its part', async () => {
  const elsewhere = uncheckedFaults.map(({ id }) => id)
  assert.deepEqual([...all.keys(), ...elsewhere].sort(), faults.map(({ id }) => id).sort())
  const tests = await testSources(import.meta.dirname)
  for (const id of elsewhere) assert.ok(tests.includes(`'${id}'`), `no test names ${id}`)
})

/** The text of every test of the lab but this one. */
async function testSources(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(({ name }) => name.endsWith('.test.ts') || name.startsWith('rows'))
  const texts = files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8'))
  return (await Promise.all(texts)).join('\n')
}

for (const [fault, shown] of all) {
  test(fault, async () => {
    const lab = await startLab({ material, faults: [fault] })
    try {
      const differs: boolean[] = []
      for (const { show, healthy: good, faulty } of shown) {
        const [before, behind] = [await show(healthy), await show(lab)]
        check(before, good, 'healthy')
        check(behind, faulty, 'faulty')
        differs.push(before !== behind)
      }
      assert.ok(differs.includes(true), 'the fault can be seen')
    } finally {
      await lab.close()
    }
  })
}

test('faults combine', async () => {
  const lab = await startLab({
    material,
    faults: ['edge.open-in-1.2', 'edge.refusal-status', 'edge.passes-underscore'],
  })
  try {
    assert.equal(await words({ version: 'TLSv1.2' })(lab), '200 none')
    assert.equal(await words({ version: 'TLSv1.3' })(lab), '401')
    assert.equal(await told(status, { headers: [['cf_cert_verified', 'forged']] })(lab), 'valid+forged')
  } finally {
    await lab.close()
  }
})
