/**
 * The drills, as data: the documented order with its rollback, rotations with overlap, and the wrong orders, each with the
 * outage or the refusal that it is to end in.
 * @module
 */
import {
  active,
  associate,
  disable,
  enable,
  type Facts,
  gone,
  observe,
  open,
  originAsBefore,
  originOptional,
  originRequired,
  refusedWith,
  remove,
  shut,
  upload,
} from './steps.ts'
import { tokenOrders } from './token-orders.ts'
import type { Order, Step, Truth } from './types.ts'

const forth = (expect: Truth): Facts => ({ phase: 'forward', expect })
const back = (expect: Truth): Facts => ({ phase: 'back', expect })
const outage = (facts: Facts, predicts: string): Facts => ({
  ...facts,
  expect: { ...facts.expect, visitor: 'refused' },
  ought: facts.expect,
  predicts,
})

/** Switching protection on, in the documented order. */
export const protectionOn: readonly Step[] = [
  upload('first', forth(open)),
  active('first', forth(open)),
  originOptional(['first'], forth(open)),
  associate({ ...forth(open), presents: 'none' }),
  enable('first', forth(open)),
  observe('check', 'check that the origin sees the certificate', { ...forth(open), presents: 'first' }),
  originRequired(['first'], forth(shut)),
  observe('direct-refused', 'check that who goes to the origin directly is refused', forth(shut)),
]

/** Switching it off: the origin first. */
const off: readonly Step[] = [
  originOptional(['first'], back(open)),
  disable(null, 'first', back(open)),
  remove('first', back(open)),
  gone('first', back(open)),
]

const start = { kind: 'pulls', start: open, presents: 'none' } as const

const inUse = (facts: Facts): Step =>
  refusedWith('delete-in-use', remove('first', facts), 1433, 'the certificate is in use')

const rollbacks: readonly Order[] = [
  {
    ...start,
    name: 'right',
    title: 'Protection on in the documented order, and back by voiding the association',
    wrong: false,
    steps: [...protectionOn, ...off, originAsBefore(back(open))],
  },
  {
    ...start,
    name: 'documented',
    title: 'The same, back as documented: enabled: false does not free the certificate (1433), null does',
    wrong: false,
    steps: [
      ...protectionOn,
      originOptional(['first'], back(open)),
      disable(false, 'first', back(open)),
      inUse(back(open)),
      disable(null, 'first', back(open)),
      remove('first', back(open)),
      gone('first', back(open)),
      originAsBefore(back(open)),
    ],
  },
  {
    kind: 'pulls',
    name: 'live',
    title: 'A hostname that is protected already: protection off and on again',
    wrong: false,
    live: true,
    start: shut,
    presents: 'first',
    steps: [...off, ...protectionOn],
  },
  {
    ...start,
    name: 'origin-first',
    title: 'Wrong: the origin requires a certificate before the edge presents one',
    wrong: true,
    steps: [
      upload('first', forth(open)),
      active('first', forth(open)),
      {
        ...originRequired(
          ['first'],
          outage(forth(shut), 'visitors are locked out: the edge has nothing to present yet'),
        ),
        id: 'origin-too-early',
      },
      enable('first', forth(shut)),
      ...off,
      originAsBefore(back(open)),
    ],
  },
  {
    ...start,
    name: 'edge-first',
    title: 'Wrong: rollback of the edge before the origin',
    wrong: true,
    steps: [
      ...protectionOn,
      {
        ...disable(
          null,
          'first',
          outage(
            back(shut),
            'visitors are locked out: the origin still requires what the edge no longer presents',
          ),
        ),
        id: 'void-too-early',
      },
      originOptional(['first'], back(open)),
      remove('first', back(open)),
      gone('first', back(open)),
      originAsBefore(back(open)),
    ],
  },
  {
    ...start,
    name: 'delete-in-use',
    title: 'Wrong: the certificate is deleted while it is presented',
    wrong: true,
    steps: [...protectionOn, inUse(forth(shut)), ...off, originAsBefore(back(open))],
  },
  {
    ...start,
    name: 'delete-deploying',
    title: 'Wrong: the certificate is deleted while it is being deployed',
    wrong: true,
    steps: [
      { ...upload('first', forth(open)), quick: true },
      refusedWith('delete-deploying', remove('first', back(open)), 1434, 'the certificate is being deployed'),
      active('first', back(open)),
      remove('first', back(open)),
      gone('first', back(open)),
    ],
  },
]

const openToBoth: Truth = { ...open, 'edge-new': 'allowed' }
const asksForOld: Truth = { ...openToBoth, 'edge-new': 'refused' }
const onlyOld: Truth = { ...asksForOld, direct: 'refused' }
const bothCas: Truth = { ...onlyOld, 'edge-new': 'allowed' }
const onlyNew: Truth = { ...bothCas, edge: 'refused' }
const asksForNew: Truth = { ...onlyNew, direct: 'allowed' }

const rotationStart: readonly Step[] = [
  upload('first', forth(openToBoth)),
  active('first', forth(openToBoth)),
  originOptional(['first'], forth(asksForOld)),
  enable('first', forth(asksForOld)),
  originRequired(['first'], forth(onlyOld)),
]

const rotationEnd: readonly Step[] = [
  remove('first', forth(onlyNew)),
  gone('first', forth(onlyNew)),
  originOptional(['second'], back(asksForNew)),
  disable(null, 'second', back(asksForNew)),
  remove('second', back(asksForNew)),
  gone('second', back(asksForNew)),
  originAsBefore(back(openToBoth)),
]

const trust = (id: string, does: string, slots: readonly ('first' | 'second')[], facts: Facts): Step => ({
  ...originRequired(slots, facts),
  id,
  does,
})

const rotations: readonly Order[] = [
  {
    ...start,
    start: openToBoth,
    name: 'ca-rotation',
    title: 'A new origin-pull CA: the origin trusts both while the edge changes its certificate',
    wrong: false,
    steps: [
      ...rotationStart,
      trust('trust-both', 'origin: trust both CAs', ['first', 'second'], forth(bothCas)),
      upload('second', forth(bothCas)),
      active('second', forth(bothCas)),
      enable('second', forth(bothCas)),
      trust('trust-new', 'origin: trust the new CA only', ['second'], forth(onlyNew)),
      ...rotationEnd,
    ],
  },
  {
    ...start,
    start: openToBoth,
    name: 'ca-too-early',
    title: 'Wrong: the origin forgets the old CA before the edge has changed its certificate',
    wrong: true,
    steps: [
      ...rotationStart,
      trust(
        'trust-new-too-early',
        'origin: trust the new CA only, while the edge presents the old certificate',
        ['second'],
        outage(forth(onlyNew), 'visitors are locked out: the edge presents a certificate of the old CA'),
      ),
      upload('second', outage(forth(onlyNew), 'visitors are still locked out')),
      active('second', outage(forth(onlyNew), 'visitors are still locked out')),
      enable('second', forth(onlyNew)),
      ...rotationEnd,
    ],
  },
]

/** All of them. */
export const orders: readonly Order[] = [...rollbacks, ...rotations, ...tokenOrders]

/** The one of a name. */
export const orderNamed = (name: string): Order | undefined => orders.find((order) => order.name === name)
