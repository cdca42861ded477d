/**
 * Drills that do not come to their end: faults of the control plane, Ctrl-C, an origin that cannot be changed.
 * @module
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { labDrill, startDrillLab } from '../cli/drill-lab.ts'
import { runDrill } from './run.ts'
import { delays, labOfTests, order as named, terms, wrongs } from './testing/drill-lab.ts'

const healthy = labOfTests()
const { drill } = healthy

describe('a control plane with a fault is found out', () => {
  for (const [fault, name, outcome, problem] of [
    // The association outlives its certificate, and cannot be voided any more.
    [
      'edge.pulls-deletes-in-use',
      'delete-in-use',
      'not-restored',
      /accepted what it was to refuse with 1433/,
    ],
    ['edge.pulls-null-as-false', 'right', 'not-restored', /the API answered 400: 1433/],
    [
      'edge.pulls-keeps-connections',
      'right',
      'stopped-and-restored',
      /enable: the data plane did not show it/,
    ],
  ] as const)
    test(`${fault}, order ${name}`, async () => {
      const lab = await startDrillLab({ material: healthy.material, faults: [fault], delays })
      try {
        const result = await drill(name, { lab, changes: { terms: { ...terms, grace: 1_500 } } })
        assert.equal(result.outcome, outcome)
        assert.match(result.problems.join('; '), problem)
        assert.equal(result.remaining.length > 0, outcome === 'not-restored')
      } finally {
        await lab.lab.close()
      }
    })
})

describe('stopped', () => {
  for (const step of ['enable', 'origin-required', 'delete'])
    test(`Ctrl-C at ${step}: the state is restored, nobody is locked out`, async () => {
      const control = new AbortController()
      const result = await drill('right', {
        options: { signal: control.signal, onStep: (id) => void (id === step && control.abort()) },
      })
      assert.deepEqual([result.outcome, result.state.changes], ['stopped-and-restored', []])
      assert.match(result.problems[0] ?? '', /interrupted/)
      assert.deepEqual(wrongs(result), {})
    })

  test('Ctrl-C before the first change: nothing is changed', async () => {
    const options = await labDrill(healthy.lab, named('right'), { terms })
    const signal = AbortSignal.abort()
    await assert.rejects(runDrill({ ...options, signal }), { code: 'ERR_INTERRUPTED' })
    assert.deepEqual(await options.wholeState?.changes(), [])
  })

  test('an origin whose configuration cannot be changed: the state is restored', async () => {
    const options = await labDrill(healthy.lab, named('right'), { terms })
    const { origin } = options
    assert.ok(origin)
    const stuck = {
      ...origin,
      set: async (wanted: Parameters<typeof origin.set>[0]) => {
        if (wanted.mode === 'required') throw new Error('no')
        await origin.set(wanted)
      },
    }
    const result = await runDrill({ ...options, origin: stuck })
    assert.deepEqual([result.outcome, result.state.changes], ['stopped-and-restored', []])
  })
})

test('a start that is not the one the drill needs: nothing is changed', async () => {
  const options = await labDrill(healthy.lab, named('right'), { terms: { ...terms, grace: 500 } })
  await options.origin?.set({ mode: 'required', trust: options.cas.first ?? '' })
  try {
    await assert.rejects(runDrill(options), /does not start from here: visitor: wanted allowed, saw refused/)
    assert.deepEqual(await options.wholeState?.changes(), [])
  } finally {
    await options.origin?.set({ mode: 'off', trust: '' })
  }
})
