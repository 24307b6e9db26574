import type { TableView } from '../../figureView.ts'
import { labelOf } from '../labels.ts'
import { count, dateText, daysBetween, number, text } from '../words.ts'
import type { QualityRows } from './readQuality.ts'

export interface QualityView {
  readonly summary: string
  readonly feeds: TableView
  readonly quarantine: TableView | null
  readonly exclusions: TableView | null
  readonly disagreements: TableView | null
  readonly themeReadings: TableView | null
  readonly placeless: string | null
}

export function buildQuality(rows: QualityRows): QualityView {
  const total = (column: string): number => rows.feeds.reduce((sum, row) => sum + number(row[column]), 0)
  return {
    summary: `${count(total('rows_read'), 'row', 'rows')} read from ${count(rows.feeds.length, 'agency', 'agencies')}: ${plain(total('rows_accepted'))} accepted, ${plain(total('rows_quarantined'))} in quarantine, ${plain(total('rows_duplicate'))} duplicate.`,
    feeds: {
      caption: 'Agencies, the oldest data first',
      columns: [
        { text: 'Agency', numeric: false },
        { text: 'Kind', numeric: false },
        { text: 'Data of', numeric: false },
        { text: 'Age in days', numeric: true },
        { text: 'Rows read', numeric: true },
        { text: 'Accepted', numeric: true },
        { text: 'In quarantine', numeric: true },
        { text: 'Duplicate', numeric: true },
      ],
      rows: rows.feeds.map((row) => [
        text(row['agency_name']),
        labelOf('agencies', row['agency_kind']),
        dateText(row['delivered_on']) || 'Not stated',
        row['delivered_on'] ? plain(daysBetween(text(row['delivered_on']), rows.asOf)) : '',
        plain(number(row['rows_read'])),
        plain(number(row['rows_accepted'])),
        plain(number(row['rows_quarantined'])),
        plain(number(row['rows_duplicate'])),
      ]),
    },
    quarantine: tableOf(
      'Rows in quarantine, by what is wrong with them',
      ['What is wrong', 'Agency', 'Rows'],
      rows.quarantine.map((row) => [
        labelOf('check_codes', row['code']),
        text(row['agency_name']),
        plain(number(row['row_count'])),
      ]),
    ),
    exclusions: tableOf(
      'People who are not on the register for want of a lawful basis',
      ['Reason', 'People'],
      rows.exclusions.map((row) => [labelOf('consent_bases', row['reason']), plain(number(row['people']))]),
    ),
    disagreements: tableOf(
      'Facts on which agencies differ',
      ['Fact', 'People'],
      rows.disagreements.map((row) => [text(row['field']).replaceAll('_', ' '), plain(number(row['people']))]),
    ),
    themeReadings: tableOf(
      'Themes as agencies code them and as they are found in the same notes: issues',
      ['Theme', 'Both', 'Only coded by the agency', 'Only found in the note'],
      rows.themeReadings.map((row) => [
        labelOf('themes', row['theme_code']),
        plain(number(row['both'])),
        plain(number(row['only_recorded'])),
        plain(number(row['only_found'])),
      ]),
      3,
    ),
    placeless:
      rows.placeless === 0
        ? null
        : `${count(rows.placeless, 'person is', 'people are')} on no team’s worklist, because no agency says which ICB is responsible.`,
  }
}

/** The last columns hold numbers. */
function tableOf(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  numbers = 1,
): TableView | null {
  if (rows.length === 0) return null
  return {
    caption,
    columns: columns.map((name, index) => ({ text: name, numeric: index >= columns.length - numbers })),
    rows,
  }
}

function plain(value: number): string {
  return value.toLocaleString('en-GB')
}
