/**
 * Filters of lists.
 * @module
 */

/** A parameter of a query; undefined when it is absent, empty or given twice. */
export function parameter(query: unknown, name: string): string | undefined {
  const value = (query as Record<string, unknown> | null | undefined)?.[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * Whether something passes `name` and `search` of a query: the first must be equal, the second contained in one of the
 * texts, in any case.
 */
export function passes(query: unknown, name: string, texts: readonly string[]): boolean {
  const wanted = parameter(query, 'name')
  const search = parameter(query, 'search')?.toLowerCase()
  return (
    (wanted === undefined || wanted === name) &&
    (search === undefined || texts.some((text) => text.toLowerCase().includes(search)))
  )
}
