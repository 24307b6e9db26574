// Prints rows per second of each step: seconds from what the run said, rows from the manifest of the version it built.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const [home, log] = process.argv.slice(2)
const version = readFileSync(join(home, 'store/current'), 'utf8').trim()
const { steps } = JSON.parse(readFileSync(join(home, 'store/versions', version, 'manifest.json'), 'utf8'))
const tallies = steps.ingest.result.landed.flatMap((delivery) => delivery.tallies)
const rows = tallies.reduce((sum, tally) => sum + tally.read, 0)
process.stdout.write(`${'step'.padEnd(18)}${'seconds'.padStart(10)}${'rows/s'.padStart(12)}   (${rows} rows read)\n`)
for (const [, name, seconds] of readFileSync(log, 'utf8').matchAll(/^(\S+) +done in ([\d.]+) s$/gm)) {
  const rate = Math.round(rows / Number(seconds))
  process.stdout.write(`${name.padEnd(18)}${seconds.padStart(10)}${String(rate).padStart(12)}\n`)
}
