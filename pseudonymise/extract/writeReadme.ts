import type { ExtractColumn, ExtractReport } from './makeExtract.ts'
import type { Project } from './project.ts'

/** What a recipient must know: whose data, for what, on which terms, and what was done to it. Without a day of writing. */
export function writeReadme(project: Project, report: ExtractReport): string {
  const { people, leftOut, minGroup } = report
  const parts = [
    `# ${project.title}`,
    `For ${project.recipient}, for this purpose only: ${project.purpose}`,
    `Agreement ${project.agreement}, until ${project.valid_until}. Data of ${report.asOf}, version ${report.version}.`,
    '## Terms of use',
    project.licence.trim(),
    [
      '- These are personal data: keep them as such. Do not try to find out who anyone is, and do not join them with other data about people.',
      '- Identifying anyone again without the controller’s consent is an offence (Data Protection Act 2018, section 171).',
      '- Destroy this extract when you are sent a newer one, or when the agreement ends: people who have withdrawn are not in the newer one.',
    ].join('\n'),
    '## What was done',
    [
      `- ${count(people.inExtract)} people are in it. ${count(people.optedOut)} of ${count(people.onRegister)} were left out because they opted out of uses beyond care${
        project.opt_out_not_recorded === 'leave_out'
          ? `, and ${count(people.optOutNotRecorded)} because it is not recorded whether they did`
          : `; of ${count(people.optOutNotRecorded)} it is not recorded whether they did, and they were kept`
      }.`,
      '- Pseudonyms are this project’s own. They join its tables, and nothing else.',
      `- At least ${minGroup} people share each combination of the columns marked *known outside*, in \`people\` and together with any one row of another table. ${report.rung} of ${report.rungs} steps of the ladder were needed.`,
      `- Left out because too few people share their combination: ${count(leftOut.people)} people${Object.entries(
        leftOut.rows,
      )
        .map(([table, rows]) => `, ${count(rows)} rows of ${table}`)
        .join('')}.`,
      '- Several rows of one person taken together are not held to this limit.',
    ].join('\n'),
    ...(Object.keys(project.not_known_outside).length > 0
      ? [
          'Days that were judged not to be known outside:',
          Object.entries(project.not_known_outside)
            .map(([column, reason]) => `- \`${column}\`: ${reason}`)
            .join('\n'),
        ]
      : []),
    '## Files',
    ...report.files.map(({ name, rows, sha256 }) => `- \`${name}\`: ${count(rows)} rows, SHA-256 \`${sha256}\``),
    '## Columns',
    ...report.columns.map(columnLine),
    '',
  ]
  return parts.join('\n\n').replaceAll(/\n\n(?=- `)/g, '\n')
}

function columnLine({ table, column, heading, coarser, rows, isKnownOutside }: ExtractColumn): string {
  const how =
    coarser === null
      ? 'as in the register'
      : coarser === 'dropped'
        ? 'dropped'
        : `made coarser (${coarser}) in ${count(rows)} rows`
  return `- \`${table}.${heading ?? column}\`: ${how}${isKnownOutside && heading !== null ? ', known outside' : ''}`
}

function count(number: number): string {
  return number.toLocaleString('en-GB')
}
