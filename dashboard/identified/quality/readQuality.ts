import type { Row, VersionData } from '../openVersions.ts'

export interface QualityRows {
  readonly asOf: string
  readonly feeds: readonly Row[]
  readonly quarantine: readonly Row[]
  readonly exclusions: readonly Row[]
  readonly disagreements: readonly Row[]
  /** By theme: issues in which the agency's code and what was found in the note agree, or only one of them has it. */
  readonly themeReadings: readonly Row[]
  /** People on the register whom no worklist shows, because no responsible ICB is recorded. */
  readonly placeless: number
}

const feeds = `
    select
        feed, agency_name, agency_kind, basis, delivered_on, rows_read::integer as rows_read, rows_accepted::integer as rows_accepted,
        rows_quarantined::integer as rows_quarantined, rows_duplicate::integer as rows_duplicate
    from register.main.feeds
    order by delivered_on nulls first, feed`

const quarantine = `
    select quarantine_counts.feed, feeds.agency_name, quarantine_counts.code, quarantine_counts.rows::integer as row_count
    from register.main.quarantine_counts as quarantine_counts
    left join register.main.feeds as feeds on feeds.feed = quarantine_counts.feed
    order by row_count desc, quarantine_counts.feed, quarantine_counts.code`

const exclusions = 'select reason, people::integer as people from register.main.exclusions order by reason'

const disagreements = `
    select field, count(distinct person_id)::integer as people
    from register.main.disagreements
    group by field
    order by people desc, field`

const themeReadings = `
    select
        theme_code,
        (count(*) filter (where is_recorded and is_found))::integer as both,
        (count(*) filter (where is_recorded and not is_found))::integer as only_recorded,
        (count(*) filter (where is_found and not is_recorded))::integer as only_found
    from warehouse.marts.quality_theme_readings
    group by theme_code
    order by only_recorded + only_found desc, theme_code`

const placeless = `
    select count(*)::integer as people
    from warehouse.marts.mart_worklist
    where responsible_icb_ods is null`

/** How the run went and how fresh each agency is: counts only. */
export async function readQuality(data: VersionData): Promise<QualityRows> {
  const [row] = await data.rows(placeless)
  return {
    asOf: data.asOf,
    feeds: await data.rows(feeds),
    quarantine: await data.rows(quarantine),
    exclusions: await data.rows(exclusions),
    disagreements: await data.rows(disagreements),
    themeReadings: await data.rows(themeReadings),
    placeless: Number(row?.['people'] ?? 0),
  }
}
