import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { samples } from './deployment.ts'

/** A person's row is named feed#local number. */
type Row = string

interface Counts {
  readonly red: number
  readonly amber: number
  readonly green: number
  readonly blue: number
  readonly total: number
}

interface Overdue {
  readonly rows: readonly Row[]
  readonly rating: string
  readonly due: string
  readonly days: number
  readonly never_reviewed: boolean
  readonly because: string
}

/** What a careful reader finds in the sample extracts (tests/fixtures/extracts/README.md says how it was made). */
export interface Expected {
  readonly files: readonly {
    readonly feed: string
    readonly sheet: string
    readonly read: number
    readonly accepted: number
    readonly quarantined: number
    readonly duplicates: number
  }[]
  readonly quarantined: readonly {
    readonly feed: string
    readonly sheet: string
    readonly line: number
    readonly code: string
    readonly column: string
  }[]
  readonly duplicates: readonly { readonly feed: string; readonly line: number }[]
  readonly excluded: readonly { readonly row: Row; readonly code: string }[]
  readonly consent_to_renew: readonly Row[]
  readonly links: {
    readonly must_link: readonly (readonly Row[])[]
    readonly must_not_link: readonly (readonly Row[])[]
    readonly ask: readonly (readonly Row[])[]
  }
  readonly people: readonly {
    readonly rows: readonly Row[]
    readonly status: string
    readonly reason: string | null
    readonly consent: string | null
    readonly rating: string | null
    readonly rating_from: string | null
    readonly last_review: string | null
    readonly strategies: readonly string[] | null
    readonly themes: readonly string[] | null
    readonly professionals: readonly string[] | null
  }[]
  readonly disagreements: readonly {
    readonly person: string
    readonly field: string
    readonly values: Readonly<Record<Row, string | readonly [string, string]>>
    readonly use?: string
  }[]
  readonly counts_by_rating: { readonly before_decisions: Counts; readonly after_decisions: Counts }
  readonly overdue: { readonly before_decisions: readonly Overdue[]; readonly after_decisions: readonly Overdue[] }
  readonly themes_recorded_people: Readonly<Record<string, number>>
  /** Row, service, state, asked on, reason, owner, due on. */
  readonly actions: readonly (readonly [Row, string, string, string, string | null, string, string])[]
  readonly service_gaps: readonly {
    readonly rows: readonly Row[]
    readonly service: string
    readonly since: string
    readonly days: number
  }[]
  readonly service_gap_people: Readonly<
    Record<
      string,
      { readonly people: number; readonly reasons: Readonly<Record<string, number>>; readonly median_days: number }
    >
  >
  readonly ctrs: readonly {
    readonly rows: readonly Row[]
    readonly kind: string
    readonly planned: string
    readonly held: string | null
    readonly outcome: string | null
  }[]
  readonly admissions: readonly {
    readonly rows: readonly Row[]
    readonly admitted: string
    readonly discharged: string | null
    readonly security: string
    readonly mha: string
    readonly on_dsr_before: boolean
  }[]
}

export function readExpected(): Expected {
  return JSON.parse(readFileSync(join(samples, 'expected.json'), 'utf8')) as Expected
}
