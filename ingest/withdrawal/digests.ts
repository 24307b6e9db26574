import type { DuckDBConnection } from '@duckdb/node-api'
import { bindHmacKey, forgetHmacKey, hmacSql } from '../../store/hmac.ts'
import { deriveKey } from '../../store/keys.ts'

const name = 'tombstone'

/** Makes the key of the tombstones ready on this connection for the time of `work`. */
export async function withDigestKey<Result>(
  connection: DuckDBConnection,
  storeKey: Buffer,
  work: () => Promise<Result>,
): Promise<Result> {
  await bindHmacKey(connection, name, deriveKey(storeKey, 'tombstones'))
  try {
    return await work()
  } finally {
    await forgetHmacKey(connection, name)
  }
}

/** SQL of a keyed digest; the label keeps digests of different things apart. Null for null. */
function digestSql(label: string, sql: string): string {
  return hmacSql(name, `'dsr/tombstone/v1/${label}|' || ${sql}`)
}

export function personDigestSql(sql: string): string {
  return digestSql('person', sql)
}

export function numberDigestSql(sql: string): string {
  return digestSql('number', sql)
}

/** Names as they are compared: without capitals, accents and marks; null where none is left. */
export function foldedSql(sql: string): string {
  return `nullif(regexp_replace(lower(strip_accents(${sql})), '[^a-z]', '', 'g'), '')`
}

/**
 * SQL of the digests by which a withdrawn person is known again, from columns feed, local_id, nhs_number, family_name,
 * given_name, date_of_birth and postcode.
 */
export function identityDigestsSql(feedSql: string): string {
  const names = `${foldedSql('family_name')} || ' ' || ${foldedSql('given_name')}`
  const born = `strftime(date_of_birth, '%Y-%m-%d')`
  return [
    `${numberDigestSql('nhs_number')} as number_digest`,
    `${digestSql('local', `${feedSql} || chr(31) || local_id`)} as local_digest`,
    `${digestSql('names', names)} as names_digest`,
    `${digestSql('born', born)} as born_digest`,
    `${digestSql('likeness', `${names} || chr(31) || ${born} || chr(31) || replace(postcode, ' ', '')`)} as likeness_digest`,
  ].join(',\n')
}

/** The digests that one word could be: of a record that cannot be read, its words are all that is known. */
export function wordDigestsSql(feedSql: string, wordSql: string): string {
  return `${numberDigestSql(wordSql)} as number_digest, ${digestSql('local', `${feedSql} || chr(31) || ${wordSql}`)} as local_digest`
}

/**
 * SQL condition: a record (`said`) is of the person of a tombstone. The NHS number decides; where one of the two lacks it,
 * the agency's own number does, unless birth date and names both say that it has been given to somebody else; last, the
 * same names, birth date and postcode.
 */
export const isSamePersonSql = `(
    said.number_digest = tombstones.number_digest
    or (
        (said.number_digest is null or tombstones.number_digest is null)
        and (
            said.likeness_digest = tombstones.likeness_digest
            or (
                said.local_digest = tombstones.local_digest
                and not coalesce(said.born_digest <> tombstones.born_digest and said.names_digest <> tombstones.names_digest, false)
            )
        )
    )
)`
