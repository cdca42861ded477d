/**
 * Colours, light and dark. A test holds every text colour to WCAG 2.2 AA contrast (4.5 : 1) on every ground it is used on.
 * @module
 */

/** Names of the colours; each is a custom property of the same name. */
export type Colour =
  | 'page'
  | 'card'
  | 'sunk'
  | 'line'
  | 'text'
  | 'muted'
  | 'link'
  | `${Tone}`
  | `${Tone}-soft`
  | `${Tone}-bar`

/** Classes of verdicts. */
export type Tone = 'good' | 'bad' | 'warn' | 'unsure' | 'quiet'

/** The tones. */
export const tones: readonly Tone[] = ['good', 'bad', 'warn', 'unsure', 'quiet']

/** A set of colours. `x` is for text, `x-soft` for the ground below it, `x-bar` for areas. */
export type Palette = Readonly<Record<Colour, string>>

/** For light surroundings and for print. */
export const light: Palette = {
  page: '#f7f8fa',
  card: '#ffffff',
  sunk: '#f2f4f7',
  line: '#dfe3e9',
  text: '#1c2430',
  muted: '#586274',
  link: '#1f5fae',
  good: '#17693c',
  'good-soft': '#e6f4ec',
  'good-bar': '#3c9b67',
  bad: '#a8231c',
  'bad-soft': '#fbeae8',
  'bad-bar': '#cf3f36',
  warn: '#7c5200',
  'warn-soft': '#fcf2dc',
  'warn-bar': '#d89a1e',
  unsure: '#5a3f9e',
  'unsure-soft': '#efebfa',
  'unsure-bar': '#8a6fd1',
  quiet: '#525c6b',
  'quiet-soft': '#eceff3',
  'quiet-bar': '#b6bfcb',
}

/** For dark surroundings. */
export const dark: Palette = {
  page: '#12161c',
  card: '#1a2029',
  sunk: '#141920',
  line: '#2d3643',
  text: '#e4e9f0',
  muted: '#9ba7b8',
  link: '#8abaf5',
  good: '#6fd39c',
  'good-soft': '#15301f',
  'good-bar': '#3f9d6a',
  bad: '#ff9a92',
  'bad-soft': '#3b1a19',
  'bad-bar': '#d9554c',
  warn: '#eec06a',
  'warn-soft': '#352810',
  'warn-bar': '#c48d25',
  unsure: '#c3b2ff',
  'unsure-soft': '#272044',
  'unsure-bar': '#8670cf',
  quiet: '#aab5c4',
  'quiet-soft': '#252d38',
  'quiet-bar': '#566274',
}
