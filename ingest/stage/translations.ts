import type { DuckDBConnection } from '@duckdb/node-api'
import { run } from '../statement.ts'

/** Collects the code translations of a contract; SQL joins them by number, so that no word of theirs is in its text. */
export class Translations {
  readonly #rows: { readonly map: number; readonly said: string; readonly code: string | null }[] = []
  #maps = 0

  add(entries: Iterable<readonly [string, string | null]>): number {
    this.#maps++
    for (const [said, code] of entries) this.#rows.push({ map: this.#maps, said: said.trim(), code })
    return this.#maps
  }

  async write(connection: DuckDBConnection): Promise<void> {
    await run(
      connection,
      'write code translations',
      `create or replace temp table translations as
      select entry.map as map, entry.said as said, entry.code as code
      from (select unnest(from_json($rows, '[{"map": "integer", "said": "varchar", "code": "varchar"}]')) as entry)`,
      { rows: JSON.stringify(this.#rows) },
    )
    for (let map = 1; map <= this.#maps; map++) {
      await run(
        connection,
        'keep a translation for lists',
        `set variable map_${map} = (select map_from_entries(list(row(said, code))) from translations where map = ${map})`,
      )
    }
  }
}
