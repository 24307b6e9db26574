import { listQuarantine } from '../../ingest/quarantine.ts'
import { readKey } from '../../store/keys.ts'
import { jsonOption, print, printJson, type Verb } from '../verb.ts'

export const quarantine: Verb = {
  name: 'quarantine',
  summary: 'Lists the rows that were held back or flagged: where, why and what to do. Never a value.',
  example: 'dsr quarantine --json',
  options: jsonOption,
  async perform({ deployment, values }) {
    const rows = await listQuarantine(deployment, { store: readKey(deployment, 'store') })
    if (values['json'] === true) return printJson(rows)
    if (rows.length === 0) print('No row is held back.')
    for (const { feed, file, sheet, row, column, code, severity, sentence, remedy } of rows) {
      const where = [file, sheet && `sheet ${sheet}`, `row ${row}`, column && `column ${column}`]
        .filter(Boolean)
        .join(', ')
      print(`${feed}: ${where}: ${code} (${severity})\n  ${sentence} ${remedy}`)
    }
  },
}
