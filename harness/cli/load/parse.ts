/**
 * Reads values of options.
 * @module
 */
import { InvalidArgumentError } from 'commander'
import { checkPath } from '../../../load/safety/url.ts'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `90s`, `5m`, `500ms` in milliseconds. */
export function time(text: string): number {
  const [, value, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const ms = Number(value) * (units[unit] ?? Number.NaN)
  if (!(ms > 0)) throw new InvalidArgumentError('A time is needed, such as 90s or 5m.')
  return ms
}

/** A path of the target: `/…`. */
export function path(text: string): string {
  try {
    return checkPath(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : String(error))
  }
}

/** A list separated by commas, each of these words. */
export const listOf =
  <T extends string>(words: readonly T[]) =>
  (text: string): T[] =>
    text.split(',').map((word) => {
      const found = words.find((one) => one === word.trim())
      if (found === undefined) throw new InvalidArgumentError(`“${word}” is none of ${words.join(', ')}.`)
      return found
    })

/** Any words separated by commas. */
export const words = (text: string): string[] => text.split(',').map((word) => word.trim())

/** Whole numbers from 1 up, separated by commas. */
export const rates = (text: string): number[] =>
  text.split(',').map((part) => {
    const value = Number(part)
    if (!Number.isInteger(value) || value < 1)
      throw new InvalidArgumentError('Whole numbers from 1 up are needed, separated by commas.')
    return value
  })

/** A number within bounds. */
export const within =
  (from: number, to: number) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= from && value <= to))
      throw new InvalidArgumentError(`A number from ${from} to ${to} is needed.`)
    return value
  }

/** A whole number within bounds. */
export const whole =
  (from: number, to: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < from || value > to)
      throw new InvalidArgumentError(`A whole number from ${from} to ${to} is needed.`)
    return value
  }

/** `name=number` pairs separated by commas, after those of the same option before. A name given twice is refused. */
export function pairs(text: string, before: readonly [string, number][] = []): [string, number][] {
  const all = [...before]
  for (const part of text.split(',')) {
    const [, name = '', value = ''] = /^([\w-]+)=(\d+(?:\.\d+)?)$/.exec(part.trim()) ?? []
    if (name === '') throw new InvalidArgumentError('Pairs are needed, such as expired=200,none=50.')
    if (all.some(([given]) => given === name))
      throw new InvalidArgumentError(`${name} is given twice: which of the two is meant?`)
    all.push([name, Number(value)])
  }
  return all
}

/** The same with numbers as names. */
export const numberPairs = (text: string): [number, number][] =>
  pairs(text).map(([name, value]) => {
    const number = Number(name)
    if (!(Number.isInteger(number) && number >= 1))
      throw new InvalidArgumentError('Pairs of cores and rates are needed, such as 1=900,2=1700,4=3100.')
    return [number, value]
  })
