import type { DuckDBConnection } from '@duckdb/node-api'
import type { ConsentRule } from '../../register/settings.ts'
import { run } from '../statement.ts'

/** Puts the setting `consent_rules` into the temporary table `consent_rules`, for `ruledDecisionSql`. */
export async function writeConsentRules(connection: DuckDBConnection, rules: readonly ConsentRule[]): Promise<void> {
  await run(
    connection,
    'write consent rules',
    `create or replace temp table consent_rules as
    select unnest(
        from_json($rules, '[{"basis": "varchar", "from_age": "integer", "to_age": "integer", "place": "varchar", "allowed": "boolean", "outlasts": "boolean", "valid_from": "date", "valid_to": "date"}]'),
        recursive := true
    )`,
    { rules: JSON.stringify(rules) },
  )
}

/**
 * Judges decisions by age: the rows of `from` (key, basis, decided_on, date_of_birth, place) with `fits` (the basis fits the
 * age on the day of the decision) and `ends_on` (the birthday that takes its ground away, or null). A rule of the
 * person's own place comes before one for any; of two that hold, the one that began later. Where the day or the birth
 * date is not known nothing can be judged: it fits, and never ends.
 */
export function ruledDecisionSql(from: string): string {
  const birthday = (age: string): string => `decisions.date_of_birth + to_years(${age})`
  return `
    select decisions.key, coalesce(rules.allowed, decisions.decided_on is null or decisions.date_of_birth is null) as fits, rules.ends_on
    from ${from} as decisions
    left join lateral (
        select
            rules.allowed,
            case when rules.allowed and not rules.outlasts then cast(${birthday('rules.to_age')} as date) end as ends_on
        from consent_rules as rules
        where rules.basis = decisions.basis
            and rules.place in ('any', decisions.place)
            and decisions.decided_on >= ${birthday('rules.from_age')}
            and (rules.to_age is null or decisions.decided_on < ${birthday('rules.to_age')})
            and decisions.decided_on between rules.valid_from and coalesce(rules.valid_to, date '9999-12-31')
        order by rules.place <> 'any' desc, rules.valid_from desc
        limit 1
    ) as rules on true`
}
