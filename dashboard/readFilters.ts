/** A filter of a page: its name in the address, its label, and the values it may have; the first is the default. */
export interface Filter {
  readonly name: string
  readonly label: string
  readonly options: readonly { readonly value: string; readonly text: string }[]
}

export type FilterValues = Readonly<Record<string, string>>

export type ReadFilters =
  | { readonly kind: 'ok'; readonly values: FilterValues }
  /** What the address may hold, in words; nothing of what it did hold. */
  | { readonly kind: 'problem'; readonly words: readonly string[] }

/**
 * Checks the query of an address against the filters of its page: each at most once, with one of its own values, and
 * nothing else (security.md WB-03).
 */
export function readFilters(query: unknown, filters: readonly Filter[]): ReadFilters {
  const given = new Map<string, unknown>(Object.entries(typeof query === 'object' && query !== null ? query : {}))
  const values: Record<string, string> = {}
  const words: string[] = []
  for (const { name, label, options } of filters) {
    const value = given.has(name) ? given.get(name) : options[0]?.value
    given.delete(name)
    const known = options.find((option) => option.value === value)
    if (known) values[name] = known.value
    else words.push(`${label} (${name}) can be one of: ${options.map((option) => option.value).join(', ')}.`)
  }
  if (given.size > 0) {
    const names = filters.map(({ name }) => name)
    words.unshift(
      names.length === 0 ? 'This page has no filters.' : `The only filters of this page are: ${names.join(', ')}.`,
    )
  }
  return words.length > 0 ? { kind: 'problem', words } : { kind: 'ok', values }
}

export interface FiltersView {
  readonly action: string
  readonly fields: readonly {
    readonly name: string
    readonly label: string
    readonly options: readonly { readonly value: string; readonly text: string; readonly isChosen: boolean }[]
  }[]
}

/** The form that shows the filters as they stand. */
export function viewFilters(action: string, filters: readonly Filter[], values: FilterValues): FiltersView {
  return {
    action,
    fields: filters.map(({ name, label, options }) => ({
      name,
      label,
      options: options.map((option) => ({ ...option, isChosen: option.value === values[name] })),
    })),
  }
}
