/**
 * Drills of a service token: its secret is rotated, with and without an overlap (research 3.4).
 * @module
 */
import type { Order, Step, Truth } from './types.ts'

const open: Truth = { old: 'allowed', new: 'allowed', none: 'allowed' }
const onlyOld: Truth = { old: 'allowed', new: 'refused', none: 'refused' }
const both: Truth = { ...onlyOld, new: 'allowed' }
const onlyNew: Truth = { ...both, old: 'refused' }

const create: Step = {
  id: 'create-token',
  phase: 'forward',
  does: 'create a service token, and a Service Auth policy for it',
  operation: { kind: 'create-token' },
  undo: ['access'],
  expect: open,
}

const protect: Step = {
  id: 'protect',
  phase: 'forward',
  does: 'put the hostname behind an application with that policy',
  operation: { kind: 'protect' },
  undo: ['access'],
  expect: onlyOld,
}

const end: readonly Step[] = [
  {
    id: 'unprotect',
    phase: 'back',
    does: 'delete the application',
    operation: { kind: 'unprotect' },
    undo: ['access'],
    expect: open,
  },
  {
    id: 'delete-token',
    phase: 'back',
    does: 'delete the policy and the service token',
    operation: { kind: 'delete-token' },
    undo: ['access'],
    expect: open,
  },
]

const rotate = (overlap: boolean): Pick<Step, 'phase' | 'operation' | 'undo'> => ({
  phase: 'forward',
  operation: { kind: 'rotate', overlap },
  undo: ['access'],
})

const start = { kind: 'service-token', start: open, presents: 'none' } as const

/** With overlap, and without. */
export const tokenOrders: readonly Order[] = [
  {
    ...start,
    name: 'token-rotation',
    title: 'A new secret for a service token: both are good while clients change over',
    wrong: false,
    steps: [
      create,
      protect,
      { ...rotate(true), id: 'rotate', does: 'rotate the secret, with an overlap', expect: both },
      {
        id: 'overlap-ends',
        phase: 'forward',
        does: 'wait until the old secret is not good any more',
        operation: { kind: 'await-overlap' },
        undo: [],
        expect: onlyNew,
      },
      ...end,
    ],
  },
  {
    ...start,
    name: 'token-no-overlap',
    title: 'Wrong: the old secret dies before clients have changed over',
    wrong: true,
    steps: [
      create,
      protect,
      {
        ...rotate(false),
        id: 'rotate-at-once',
        does: 'rotate the secret, without an overlap',
        expect: onlyNew,
        ought: both,
        predicts: 'clients with the old secret are locked out at once',
      },
      {
        id: 'clients-changed',
        phase: 'forward',
        does: 'clients have changed over',
        operation: { kind: 'observe' },
        undo: [],
        expect: onlyNew,
      },
      ...end,
    ],
  },
]
