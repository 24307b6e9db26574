import type { ReleaseDescription } from '../../../register/release.ts'
import type { TableView } from '../../figureView.ts'
import { formatNumber } from '../../words/formatCells.ts'
import { dayName } from '../../words/formatDates.ts'

export interface MethodView {
  readonly release: readonly { readonly term: string; readonly text: string }[]
  readonly rule: string
  readonly marks: TableView
  readonly cubes: readonly {
    readonly title: string
    readonly definition: string
    readonly breakdowns: string
    readonly cells: string
    readonly files: readonly { readonly href: string; readonly text: string }[]
  }[]
  readonly measures: readonly { readonly name: string; readonly definition: string }[]
  readonly coder: TableView
  readonly cuts: TableView
  readonly limits: readonly string[]
}

/** How the figures of a release are made, told by the release itself. */
export function methodView(release: ReleaseDescription): MethodView {
  const agency = (code: string): string => release.labels['agencies']?.[code] ?? code
  const places = release.icbs.map((code) => release.labels['places']?.[code] ?? code)
  return {
    release: [
      { term: 'Release', text: release.id },
      { term: 'Data to', text: dayName(release.asOf) },
      { term: 'Places', text: places.join('; ') },
      { term: 'Disclosure rule', text: release.rule.name },
    ],
    rule: release.rule.words,
    marks: {
      caption: 'What stands in place of a number',
      columns: [
        { text: 'Mark', numeric: false },
        { text: 'Meaning', numeric: false },
      ],
      rows: [
        ['[c]', 'Confidential: 0 to 4 people. It looks the same for 0 and for 4, everywhere.'],
        ['[x]', 'Not available: nothing was returned, or it is too early to say.'],
        ['[z]', 'Not applicable: there cannot be such a number.'],
      ],
    },
    cubes: release.cubes.map((cube) => ({
      title: cube.title,
      definition: cube.definition,
      breakdowns: cube.dimensions
        .filter(({ column }) => column !== 'place_kind')
        .map(({ column }) => column.replace(/_code$/, '').replaceAll('_', ' '))
        .join(', '),
      cells: formatNumber(cube.rows),
      files: ['csv', 'arrow'].map((kind) => ({
        href: `/files/${cube.name}.${kind}`,
        text: `${cube.title} (${kind === 'csv' ? 'CSV' : 'Arrow'})`,
      })),
    })),
    measures: release.measures,
    coder: coderTable(release),
    cuts: {
      caption: 'How far each agency’s data go',
      columns: [
        { text: 'Feed', numeric: false },
        { text: 'Kind of agency', numeric: false },
        { text: 'Data to', numeric: false },
      ],
      rows: release.feeds.map(({ feed, agencyKind, deliveredOn }) => [
        feed,
        agency(agencyKind),
        deliveredOn === null ? 'Not stated' : dayName(deliveredOn),
      ]),
    },
    limits: [
      'Only people with a lawful basis to be on the register are counted; refusals and withdrawals are in no figure.',
      'A change of fewer than 10 people between two published numbers can come from rounding alone, so it is called “about the same”.',
      'Shares are worked out from the published numbers, not from the exact ones.',
      'What an agency does not record cannot be counted: an unmet need without an action, or a theme that nobody names.',
      'Themes found in notes come from a list of phrases, which misses some and mistakes others: see how well it does above.',
      'A register that grows may mean better finding, not more risk; one that shrinks may mean people lost from sight.',
      'Months are as they are known now. A late or corrected entry changes them in a later release.',
    ],
  }
}

/** How far a theme that was found in notes can be trusted, theme by theme. */
function coderTable({ coder, labels }: ReleaseDescription): TableView {
  const share = (value: number | null): string => (value === null ? 'Never given' : `${Math.round(100 * value)}%`)
  return {
    caption: 'Themes found in notes, on notes that people have labelled',
    columns: [
      { text: 'Theme', numeric: false },
      { text: 'Notes that have it', numeric: true },
      { text: 'Right when given', numeric: true },
      { text: 'Found when there', numeric: true },
    ],
    rows: coder
      .filter(({ code }) => code === 'themes' || code.startsWith('T'))
      .map(({ code, notes, precision, recall }) => [
        code === 'themes' ? 'All themes' : (labels['themes']?.[code] ?? code),
        formatNumber(notes),
        share(precision),
        share(recall),
      ]),
  }
}
