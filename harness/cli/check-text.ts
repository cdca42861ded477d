/**
 * Everything people are told about a check, once: `harness explain` and the pages of `docs/checks` both show this. Pure.
 * @module
 */
import type { Check } from '../../fixtures/catalogue.ts'

/** A section: what it is called, and its text in the catalogue's plain form (code is indented by two spaces). */
export interface Section {
  title: string
  text: string
}

/** Short facts about a check, in the order in which they are shown. */
export const factsOf = (check: Check): [name: string, value: string][] => [
  ['severity', check.severity],
  ['kind', check.kind],
  ['profile', check.profile],
  ['needs', check.needs.join(', ') || 'nothing'],
]

/** The sections of a check. */
export const sectionsOf = (check: Check): Section[] => [
  { title: 'Why it matters', text: check.why },
  { title: 'What is sent', text: check.sends },
  { title: 'What must be seen', text: check.expects },
  { title: 'How to fix it', text: check.remediation },
  { title: 'Grounds', text: check.grounds.join('\n') },
  {
    title: 'See it fail',
    text: check.killedBy
      .map((fault) => `  harness verify --lab --fault ${fault} --only ${check.id}`)
      .join('\n'),
  },
]
