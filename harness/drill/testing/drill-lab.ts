/**
 * A lab for drills in tests, quick, and what every result has to hold.
 * @module
 */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import type { DrillResult } from '../../../reports/drill/types.ts'
import { validateDrill } from '../../../reports/drill/validate.ts'
import { type DrillLab, type LabDrillChanges, labDrill, startDrillLab } from '../../cli/drill-lab.ts'
import { createLabMaterial, type LabMaterial } from '../../lab/lab.ts'
import { orderNamed } from '../orders.ts'
import { type DrillOptions, runDrill } from '../run.ts'
import type { Order } from '../types.ts'

/** Quick. */
export const terms = { interval: 50, hold: 60, poll: 20, grace: 15_000, overlap: 800, tries: 3, pause: 50 }
/** Long enough to be seen. */
export const delays = {
  deployment: 250,
  deletion: 100,
  revocation: 0,
  sessionRevocation: 0,
  certificateSettings: 0,
}

/** A lab for the tests of one file. */
export interface LabOfTests {
  /** @throws Error before the tests have begun. */
  readonly lab: DrillLab
  readonly material: LabMaterial
  drill(
    name: string,
    how?: { lab?: DrillLab; changes?: LabDrillChanges; options?: Partial<DrillOptions> },
  ): Promise<DrillResult>
}

/** Starts it before the tests of a file, ends it after them. */
export function labOfTests(): LabOfTests {
  let material: LabMaterial | undefined
  let lab: DrillLab | undefined
  before(async () => {
    material = await createLabMaterial()
    lab = await startDrillLab({ material, delays })
  })
  after(() => lab?.lab.close())
  const known = <Value>(value: Value | undefined): Value => {
    assert.ok(value)
    return value
  }
  return {
    get lab() {
      return known(lab)
    },
    get material() {
      return known(material)
    },
    async drill(name, { lab: other, changes = {}, options = {} } = {}) {
      const run = await labDrill(other ?? known(lab), order(name), { terms, ...changes })
      const result = await runDrill({ ...run, ...options })
      const text = JSON.stringify(result)
      assert.deepEqual(validateDrill(JSON.parse(text)), [])
      assert.ok(
        !text.includes(known(material).credentials.token) && !text.includes('PRIVATE KEY'),
        'no credential',
      )
      return result
    },
  }
}

/** The order of a name. */
export function order(name: string): Order {
  const found = orderNamed(name)
  assert.ok(found, name)
  return found
}

/** Who was wrongly let in or locked out, and from which step on. */
export const wrongs = ({ lanes }: DrillResult) =>
  Object.fromEntries(
    lanes.flatMap(({ id, wrongAllows, wrongDenies }) => {
      const all = [
        wrongAllows.count > 0 ? `let in from ${wrongAllows.first?.step}` : '',
        wrongDenies.count > 0 ? `locked out from ${wrongDenies.first?.step}` : '',
      ].filter((one) => one !== '')
      return all.length === 0 ? [] : [[id, all.join(', ')]]
    }),
  )
