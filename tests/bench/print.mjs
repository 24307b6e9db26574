// Prints rows per second of each step from the manifest of the version just built.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const [home] = process.argv.slice(2)
const version = readFileSync(join(home, 'store/current'), 'utf8').trim()
const { steps } = JSON.parse(readFileSync(join(home, 'store/versions', version, 'manifest.json'), 'utf8'))
const rows = steps.ingest.result.rowsRead
process.stdout.write(`${'step'.padEnd(18)}${'seconds'.padStart(10)}${'rows/s'.padStart(12)}   (${rows} rows read)\n`)
for (const [name, { seconds }] of Object.entries(steps)) {
  process.stdout.write(
    `${name.padEnd(18)}${seconds.toFixed(1).padStart(10)}${Math.round(rows / seconds)
      .toString()
      .padStart(12)}\n`,
  )
}
