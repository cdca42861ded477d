import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planRepairs, type Repair, type TouchedState } from './repairs.ts'

const off = { mode: 'off', trust: '' } as const
const required = { mode: 'required', trust: 'CA' } as const
const open: TouchedState = { association: null, certificates: { first: null }, origin: off }
const live: TouchedState = {
  association: { certId: 'c', enabled: true },
  certificates: { first: { id: 'c', status: 'active' } },
  origin: required,
}

function inWord(repair: Repair): string {
  switch (repair.kind) {
    case 'origin':
      return `origin ${repair.terms.mode}`
    case 'associate':
      return `associate ${repair.certId} ${repair.enabled}`
    case 'wait':
      return `wait while ${repair.status}`
    case 'wait-association':
      return `wait for the association while ${repair.status}`
    case 'upload':
      return `upload ${repair.slot}`
    case 'delete':
      return `delete ${repair.id}`
    case 'delete-access':
      return `delete ${repair.what} ${repair.id}`
  }
}

const cases: readonly [what: string, before: TouchedState, now: TouchedState, repairs: string[]][] = [
  ['nothing has changed', open, open, []],
  ['nothing has changed on a protected hostname', live, live, []],
  [
    'the origin stops insisting before the edge is touched, and is put back last',
    open,
    live,
    ['origin optional', 'associate c null', 'delete c', 'origin off'],
  ],
  [
    'what is being deployed is waited for',
    open,
    { ...open, certificates: { first: { id: 'c', status: 'pending_deployment' } } },
    ['wait while pending_deployment', 'delete c'],
  ],
  [
    'what is on its way out is left alone',
    open,
    { ...open, certificates: { first: { id: 'c', status: 'pending_deletion' } } },
    [],
  ],
  [
    'only the origin differs: no detour',
    live,
    { ...live, origin: { mode: 'optional', trust: 'CA' } },
    ['origin required'],
  ],
  [
    'a protected hostname gets its certificate back before the origin insists again',
    live,
    { association: null, certificates: { first: null }, origin: { mode: 'optional', trust: 'CA' } },
    ['upload first', 'associate c true', 'origin required'],
  ],
  [
    'a certificate that is being deleted comes back when it is gone',
    live,
    { ...live, association: null, certificates: { first: { id: 'c', status: 'pending_deletion' } } },
    ['origin optional', 'wait while pending_deletion', 'upload first', 'associate c true', 'origin required'],
  ],
  [
    'a certificate that came back under another id is the one to associate',
    live,
    { ...live, association: null, certificates: { first: { id: 'd', status: 'active' } } },
    ['origin optional', 'associate d true', 'origin required'],
  ],
  [
    'the origin does not insist until the association is deployed',
    live,
    {
      ...live,
      association: { certId: 'c', enabled: true, status: 'pending_deployment' },
      origin: { mode: 'optional', trust: 'CA' },
    },
    ['wait for the association while pending_deployment', 'origin required'],
  ],
  [
    'objects of Access: the application first',
    { access: { application: null, policy: null, token: null } },
    { access: { application: 'a', policy: 'p', token: 't' } },
    ['delete application a', 'delete policy p', 'delete token t'],
  ],
]

for (const [what, before, now, repairs] of cases)
  test(what, () => assert.deepEqual(planRepairs(before, now).map(inWord), repairs))
