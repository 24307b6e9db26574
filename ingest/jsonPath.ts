/** The keys of a dotted path. A dot parts them where a letter or digit follows: `Our no.` is one key. */
export function keysOf(path: string): readonly string[] {
  return path.split(/\.(?=\S)/)
}

/** A dotted path as DuckDB's JSON functions take it. */
export function jsonPath(path: string): string {
  return `$${keysOf(path)
    .map((key) => `."${key.replaceAll('"', '')}"`)
    .join('')}`
}
