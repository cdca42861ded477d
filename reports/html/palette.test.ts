import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Colour, dark, light, type Palette, tones } from './palette.ts'

/** Relative luminance (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

const grounds: Colour[] = ['page', 'card', 'sunk']
const pairs: [text: Colour, ground: Colour][] = [
  ...(['text', 'muted', 'link'] as const).flatMap((text) =>
    grounds.map((ground): [Colour, Colour] => [text, ground]),
  ),
  ...tones.flatMap((tone): [Colour, Colour][] => [
    [tone, `${tone}-soft`],
    ['text', `${tone}-soft`],
  ]),
]

const check = (name: string, palette: Palette): void => {
  for (const [text, ground] of pairs) {
    test(`${name}: ${text} is readable on ${ground}`, () => {
      const ratio = contrast(palette[text], palette[ground])
      assert.ok(ratio >= 4.5, `${ratio.toFixed(2)} : 1`)
    })
  }
}

check('light', light)
check('dark', dark)

test('the measure itself is right', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21)
  assert.ok(contrast('#777777', '#ffffff') < 4.5 && contrast('#767676', '#ffffff') >= 4.5)
})
