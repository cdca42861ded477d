/**
 * Generated sequences of operations, some of them sent at the same time, against a model that is a pure function.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createAuthority } from '../../pki/authority.ts'
import type { LabState } from '../state/types.ts'
import { makeCsr } from './testing/csr.ts'
import { ids, startTestApi, type TestApi } from './testing/start.ts'

/** What the operations can change, reduced to plain values. */
interface Model {
  ssl: string
  /** Whether certificate 0, 1, 2 is active. */
  active: boolean[]
  /** Which of the roots 0 to 6 are uploaded, in order. */
  uploaded: number[]
  /** Hostnames by root; `m` is the managed CA. */
  hostnames: Record<string, string[]>
}

type Operation =
  | { kind: 'ssl'; value: string }
  | { kind: 'revoke' | 'restore'; certificate: number }
  | { kind: 'upload' | 'delete'; root: number }
  | { kind: 'associate'; root: number | 'm'; names: string[] }

/** What the operation makes of the model, and the status of its answer. */
function apply(model: Model, operation: Operation): [Model, number] {
  switch (operation.kind) {
    case 'ssl': {
      const known = ['off', 'flexible', 'full', 'strict'].includes(operation.value)
      return known ? [{ ...model, ssl: operation.value }, 200] : [model, 400]
    }
    case 'revoke': {
      if (model.active[operation.certificate] !== true) return [model, 400]
      return [{ ...model, active: model.active.with(operation.certificate, false) }, 200]
    }
    case 'restore':
      return [{ ...model, active: model.active.with(operation.certificate, true) }, 200]
    case 'upload': {
      if (model.uploaded.includes(operation.root) || model.uploaded.length >= 5) return [model, 400]
      return [{ ...model, uploaded: [...model.uploaded, operation.root] }, 200]
    }
    case 'delete': {
      if (!model.uploaded.includes(operation.root)) return [model, 404]
      if (model.hostnames[operation.root] !== undefined) return [model, 400]
      return [{ ...model, uploaded: model.uploaded.filter((root) => root !== operation.root) }, 200]
    }
    case 'associate': {
      const { root } = operation
      if (root !== 'm' && !model.uploaded.includes(root)) return [model, 404]
      if (operation.names.some((name) => !name.endsWith('.example.test'))) return [model, 400]
      const { [root]: _, ...others } = model.hostnames
      const names = [...new Set(operation.names)]
      return [{ ...model, hostnames: names.length === 0 ? others : { ...others, [root]: names } }, 200]
    }
  }
}

const root = fc.integer({ min: 0, max: 6 })
const operations: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant('ssl'), value: fc.constantFrom('off', 'full', 'strict', 'on', 'toString') }),
  fc.record({ kind: fc.constantFrom('revoke', 'restore'), certificate: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ kind: fc.constantFrom('upload', 'upload', 'delete'), root }),
  fc.record({
    kind: fc.constant('associate'),
    root: fc.oneof(root, fc.constant('m' as const)),
    names: fc.array(fc.constantFrom('a.example.test', 'b.example.test', 'c.example.test', 'a.other.test'), {
      maxLength: 3,
    }),
  }),
)
/** One operation, or two at the same time. */
const steps = fc.array(fc.array(operations, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 8 })

const runs = 1000

test(`${runs} generated sequences: every answer and every state is the model’s, also of operations sent at once`, async () => {
  await using t = await startTestApi({ limits: { requests: Number.MAX_SAFE_INTEGER } })
  const certificates: string[] = []
  for (let index = 0; index < 3; index += 1) {
    const { csr } = await makeCsr(`CN=device-${index}`)
    const made = await t.sdk.clientCertificates.create({ zone_id: ids.zone, csr, validity_days: 1 })
    certificates.push(made.id ?? '')
  }
  const roots = await Promise.all(Array.from({ length: 7 }, async () => (await createAuthority()).cert))
  const start = structuredClone(t.store.state)
  const world: World = { t, certificates, roots }
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      t.store.replace(structuredClone(start))
      let model: Model = { ssl: 'full', active: [true, true, true], uploaded: [], hostnames: {} }
      for (const step of sequence) {
        const statuses = await Promise.all(step.map((operation) => send(world, operation)))
        const reached = modelOf(world, t.store.state)
        const possible = orders(step).map((order) => outcomeOf(model, step, order))
        const fits = possible.some(
          (outcome) => JSON.stringify(outcome) === JSON.stringify({ statuses, model: reached }),
        )
        assert.ok(fits, `${JSON.stringify(step)}: ${JSON.stringify({ statuses, reached, possible })}`)
        model = reached
      }
    }),
    { numRuns: runs },
  )
})

interface World {
  t: TestApi
  certificates: string[]
  roots: string[]
}

/** Every order the operations of a step may have been carried out in. */
const orders = (step: readonly Operation[]): number[][] =>
  step.length === 1
    ? [[0]]
    : [
        [0, 1],
        [1, 0],
      ]

function outcomeOf(
  before: Model,
  step: readonly Operation[],
  order: readonly number[],
): { statuses: number[]; model: Model } {
  const statuses: number[] = []
  let model = before
  for (const index of order) {
    const operation = step[index]
    if (operation !== undefined) [model, statuses[index]] = apply(model, operation)
  }
  return { statuses, model: sorted(model) }
}

/** Order of keys does not count. */
const sorted = ({ ssl, active, uploaded, hostnames }: Model): Model => ({
  ssl,
  active,
  uploaded,
  hostnames: Object.fromEntries(Object.entries(hostnames).toSorted(([a], [b]) => (a < b ? -1 : 1))),
})

function modelOf({ certificates, roots }: World, state: LabState): Model {
  const zone = state.zones[ids.zone]
  const uploads = state.accounts[ids.account]?.mtlsCertificates
  assert.ok(zone !== undefined && uploads !== undefined)
  const rootOf = (id: string): string =>
    id === 'managed' ? 'm' : String(roots.indexOf(uploads[id]?.certificates ?? ''))
  return sorted({
    ssl: zone.settings.ssl.value,
    active: certificates.map((id) => zone.clientCertificates[id]?.lifecycle.status === 'active'),
    uploaded: Object.values(uploads).map((made) => roots.indexOf(made.certificates)),
    hostnames: Object.fromEntries(
      Object.entries(zone.hostnameAssociations).map(([id, names]) => [rootOf(id), names]),
    ),
  })
}

async function send({ t, certificates, roots }: World, operation: Operation): Promise<number> {
  const zone = `/zones/${ids.zone}`
  const uploads = `/accounts/${ids.account}/mtls_certificates`
  const idOf = (wanted: number): string =>
    Object.values(t.store.state.accounts[ids.account]?.mtlsCertificates ?? {}).find(
      (made) => made.certificates === roots[wanted],
    )?.id ?? 'gone'
  const request = async (method: string, path: string, body?: unknown): Promise<number> =>
    (await t.request(method, path, body === undefined ? {} : { body })).status
  switch (operation.kind) {
    case 'ssl':
      return await request('PATCH', `${zone}/settings/ssl`, { value: operation.value })
    case 'revoke':
      return await request('DELETE', `${zone}/client_certificates/${certificates[operation.certificate]}`)
    case 'restore':
      return await request('PATCH', `${zone}/client_certificates/${certificates[operation.certificate]}`, {
        reactivate: true,
      })
    case 'upload':
      return await request('POST', uploads, { ca: true, certificates: roots[operation.root] })
    case 'delete':
      return await request('DELETE', `${uploads}/${idOf(operation.root)}`)
    case 'associate':
      return await request('PUT', `${zone}/certificate_authorities/hostname_associations`, {
        hostnames: operation.names,
        ...(operation.root === 'm' ? {} : { mtls_certificate_id: idOf(operation.root) }),
      })
  }
}
