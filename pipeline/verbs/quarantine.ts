import { writeCorrections } from '../../ingest/corrections/writeCorrections.ts'
import { listQuarantine } from '../../ingest/quarantine.ts'
import { readKey } from '../../store/keys.ts'
import { jsonOption, print, printJson, type Verb } from '../verb.ts'

export const quarantine: Verb = {
  name: 'quarantine',
  summary: 'Lists the rows that were held back or flagged: where, why and what to do. Never a value.',
  example: 'dsr quarantine --json',
  options: {
    write: { type: 'string', meaning: 'write files into this folder that the agencies can put right and send back' },
    ...jsonOption,
  },
  async perform({ deployment, values }) {
    const keys = { store: readKey(deployment, 'store') }
    const folder = values['write']
    if (typeof folder === 'string') {
      const written = await writeCorrections(deployment, keys, folder)
      if (values['json'] === true) return printJson(written)
      if (written.length === 0) print('No row is held back.')
      for (const { file, records } of written) print(`${file}: ${records} records to put right`)
      return
    }
    const rows = await listQuarantine(deployment, keys)
    if (values['json'] === true) return printJson(rows)
    if (rows.length === 0) print('No row is held back.')
    for (const { feed, file, sheet, row, column, code, severity, sentence, remedy, heldOverFrom } of rows) {
      const where = [file, sheet && `sheet ${sheet}`, `row ${row}`, column && `column ${column}`]
        .filter(Boolean)
        .join(', ')
      print(`${feed}: ${where}: ${code} (${severity})\n  ${sentence} ${remedy}`)
      if (heldOverFrom !== '') print(`  What was known on ${heldOverFrom} stays in force until this is put right.`)
    }
  },
}
