import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CertificateFacts } from '../../pki/describe.ts'
import { constraintViolation } from './name-constraints.ts'

const withNames = (...dns: string[]): CertificateFacts =>
  ({ san: { dns, email: [], uri: [], ip: [], other: [] } }) as unknown as CertificateFacts
const permitted = (...names: string[]) => ({ permitted: names, excluded: [] })
const excluded = (...names: string[]) => ({ permitted: [], excluded: names })

for (const [what, constraints, names, expected] of [
  ['the name itself', permitted('DNS:a.test'), ['a.test'], undefined],
  ['a subdomain', permitted('DNS:a.test'), ['x.a.test'], undefined],
  ['case', permitted('DNS:a.test'), ['X.A.TEST'], undefined],
  ['one of several', permitted('DNS:b.test', 'DNS:a.test'), ['x.a.test'], undefined],
  ['a name that only ends alike', permitted('DNS:a.test'), ['xa.test'], 'permitted subtree violation'],
  ['one name outside', permitted('DNS:a.test'), ['x.a.test', 'c.test'], 'permitted subtree violation'],
  ['a leading dot wants a subdomain', permitted('DNS:.a.test'), ['a.test'], 'permitted subtree violation'],
  ['excluded', excluded('DNS:a.test'), ['x.a.test'], 'excluded subtree violation'],
  ['excluded, by a wildcard', excluded('DNS:a.test'), ['*.a.test'], 'excluded subtree violation'],
  ['not excluded', excluded('DNS:a.test'), ['b.test'], undefined],
  ['no names at all', permitted('DNS:a.test'), [], undefined],
  [
    'a kind that cannot be checked',
    permitted('email:a.test'),
    ['a.test'],
    'unsupported name constraint type',
  ],
] as const) {
  test(`name constraints: ${what}`, () => {
    assert.equal(constraintViolation(constraints, withNames(...names)), expected)
  })
}
