// Seconds and peak memory of ingest for the extracts that makeScale.py wrote: node ingest.mjs FOLDER AGENCIES [rerun]
// With `rerun`, one agency's file changes afterwards and ingest runs again. Prints JSON.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ingest } from '../../../dist/ingest/ingest.js'
import { settingsSchema } from '../../../dist/register/settings.js'
import { deploymentAt } from '../../../dist/store/deployment.js'
import { makeKeys, readKey } from '../../../dist/store/keys.js'

const [folder, agencies, rerun] = process.argv.slice(2)
const deployment = deploymentAt(`${folder}/home`)
rmSync(deployment.home, { recursive: true, force: true })
mkdirSync(deployment.sources, { recursive: true })
for (let agency = 0; agency < Number(agencies); agency++) {
  const number = String(agency).padStart(2, '0')
  for (const name of ['people', 'reviews']) {
    const contract = readFileSync(fileURLToPath(new URL(`${name}.yml`, import.meta.url)), 'utf8')
    const feed = contract.replaceAll(/\b(people|reviews)_00\b/g, `$1_${number}`)
    writeFileSync(`${deployment.sources}/${name}_${number}.yml`, feed)
    mkdirSync(`${deployment.extracts}/${name}_${number}`, { recursive: true })
    copyFileSync(`${folder}/${name}-${number}.csv`, `${deployment.extracts}/${name}_${number}/2026-10-30.csv`)
  }
}
makeKeys(deployment)
const settings = settingsSchema.parse({ icbs: ['QOQ'], extracts_after_landing: 'delete' })
const first = await once()
let again = null
if (rerun) {
  const people = readFileSync(`${folder}/people-00.csv`, 'utf8')
  writeFileSync(`${deployment.extracts}/people_00/2026-10-31.csv`, people.replace(',Amber,', ',Green,'))
  again = await once()
}
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024)
process.stdout.write(`${JSON.stringify({ seconds: first, again, megabytes })}\n`)

async function once() {
  const versionFolder = `${deployment.versions}/bench.building`
  rmSync(versionFolder, { recursive: true, force: true })
  const started = performance.now()
  const keys = { store: readKey(deployment, 'store') }
  await ingest({ deployment, settings, asOf: '2026-11-01', keys, versionFolder, report: () => undefined })
  return Math.round((performance.now() - started) / 10) / 100
}
