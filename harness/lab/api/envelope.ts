/**
 * The envelope every answer of API v4 comes in.
 * @module
 */

import type { CodeAndMessage } from './errors.ts'

/** An answer. */
export interface Envelope<Result> {
  success: boolean
  errors: (CodeAndMessage & { error_chain?: readonly CodeAndMessage[] })[]
  messages: CodeAndMessage[]
  result: Result
  result_info?: ResultInfo
}

/** Where a page stands in its list. */
export interface ResultInfo {
  page: number
  per_page: number
  count: number
  total_count: number
  total_pages: number
}

/** A success. */
export const success = <Result>(result: Result): Envelope<Result> => ({
  success: true,
  errors: [],
  messages: [],
  result,
})

/** A failure. `chain`: what is behind it, as the real API tells it of request headers. */
export const failure = (
  code: number,
  message: string,
  chain: readonly CodeAndMessage[] = [],
): Envelope<null> => ({
  success: false,
  errors: [{ code, message, ...(chain.length === 0 ? {} : { error_chain: chain }) }],
  messages: [],
  result: null,
})

/** Sizes of a page where the query names none or an impossible one. */
export interface PageLimits {
  default: number
  max: number
}

/**
 * One page of a list, in the order given. Pages after the last are empty: the official SDK asks until it gets one.
 * @param query the request's query: `page` from 1, `per_page`.
 */
export function page<Item>(
  items: readonly Item[],
  query: unknown,
  limits: PageLimits = { default: 20, max: 1000 },
): Envelope<Item[]> {
  const { page: asked, per_page: size } = (query ?? {}) as Record<string, unknown>
  const number = wholeNumber(asked) ?? 1
  const perPage = Math.min(wholeNumber(size) ?? limits.default, limits.max)
  const result = items.slice((number - 1) * perPage, number * perPage)
  return {
    ...success(result),
    result_info: {
      page: number,
      per_page: perPage,
      count: result.length,
      total_count: items.length,
      total_pages: Math.ceil(items.length / perPage),
    },
  }
}

function wholeNumber(text: unknown): number | undefined {
  return typeof text === 'string' && /^[1-9]\d{0,6}$/.test(text) ? Number(text) : undefined
}
