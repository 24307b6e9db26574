// Plays a motivated intruder against a deployment of made-up people and prints what could be done:
//   node tests/intruder/run.mjs DEPLOYMENT
// Ends with 1 if anything could be done with published output. The answers come from the register and are for judging only.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deploymentAt, versionFiles } from '../../dist/store/deployment.js'
import { readKey } from '../../dist/store/keys.js'
import { openDuckDB } from '../../dist/store/openDuckDB.js'
import { currentRelease, currentVersion } from '../../dist/store/versions.js'
import { alone, closeBounds, homogeneous, linkStories, provenChanges, singledOut } from './attacks.mjs'
import { readRelease } from './published.mjs'

const deployment = deploymentAt(process.argv[2] ?? '')
if (!JSON.parse(readFileSync(join(currentRelease(deployment), 'release.json'), 'utf8')).madeUp)
  throw new Error('This is for deployments of made-up people only.')

const { register, warehouse } = versionFiles(currentVersion(deployment))
const database = await openDuckDB({
  attach: [
    { path: register, alias: 'register', key: readKey(deployment, 'store'), readOnly: true },
    { path: warehouse, alias: 'warehouse', readOnly: true },
  ],
})
const ask = async (sql) => (await database.connection.runAndReadAll(sql)).getRowObjects()

/** The made-up local newspaper: what a neighbour or a court reporter would know, without a name. */
async function writeNewspaper(path) {
  const known = await ask(`
    select made.pseudonym as person, people.sex_code as sex, lived.residence_utla_gss as council,
      people.responsible_icb_ods as icb, strftime(admissions.admitted, '%Y-%m') as month, crossed.age_band as age
    from register.main.admissions as admissions
    join register.main.people as people using (person_id)
    join register.main.pseudonyms as made using (person_id)
    join warehouse.register.people as lived using (pseudonym)
    join warehouse.register.admissions as crossed on crossed.row_id = admissions.row_id
    where admissions.admitted is not null
    order by hash(made.pseudonym || admissions.admitted) limit 40`)
  // Some papers write about people whom no register knows.
  const unknown = known.slice(0, 5).map((story) => ({ ...story, person: '', month: '1999-01' }))
  const lines = [...known, ...unknown].map(({ sex, age, council, icb, month, person }, index) =>
    [index + 1, sex, age, council ?? '', icb ?? '', month, person].join(','),
  )
  writeFileSync(path, `story,sex,age,council,icb,month,truth\n${lines.join('\n')}\n`)
}

const keyOf = ({ sex, age, council, month }) => [sex, age, council ?? '', month].join('|')

function readNewspaper(path) {
  const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n')
  return lines.map((line) => {
    const [story, sex, age, council, icb, month, truth] = line.split(',')
    return { story, icb, month, key: keyOf({ sex, age, council, month }), person: truth || null }
  })
}

const folder = mkdtempSync(join(tmpdir(), 'dsr-intruder-'))
const print = (attack, on, tries, could, right) =>
  console.log(
    `${attack.padEnd(46)}${on.padEnd(16)}${String(tries).padStart(8)}${String(could).padStart(8)}${right.padStart(14)}`,
  )
try {
  const newspaper = join(folder, 'newspaper.csv')
  await writeNewspaper(newspaper)
  const stories = readNewspaper(newspaper)

  const people = (
    await ask(`select pseudonym as person, age_band as age, sex_code as sex, residence_utla_gss as council
      from warehouse.register.people`)
  ).map((row) => ({ ...row, key: [row.age, row.sex, row.council].join('|') }))
  const admissions = (
    await ask(`select admissions.pseudonym as person, admissions.age_band as age, people.sex_code as sex,
        people.residence_utla_gss as council, strftime(admissions.admitted, '%Y-%m') as month,
        coalesce(admissions.mha_code, 'none') as secret
      from warehouse.register.admissions as admissions join warehouse.register.people as people using (pseudonym)`)
  ).map((row) => ({ ...row, key: keyOf(row) }))
  const linked = linkStories(stories, admissions)

  console.log(
    `${'attack'.padEnd(46)}${'on'.padEnd(16)}${'tries'.padStart(8)}${'could'.padStart(8)}${'rightly'.padStart(14)}`,
  )
  const single = alone(people)
  print('singling out by age band, sex, council', 'pseudonymised', people.length, single, String(single))
  print('newspaper story linked to one record', 'pseudonymised', linked.stories, linked.one, String(linked.right))
  print('section told as all who fit share it', 'pseudonymised', linked.stories, linked.told, String(linked.toldRight))

  const { bounds, sums, steps, members } = readRelease(currentRelease(deployment))
  const close = closeBounds(bounds, sums)
  const small = singledOut(close)
  const changes = provenChanges(close, steps)
  const same = homogeneous(close, sums)
  const proven = new Set(small)
  const storyCells = stories.filter(({ icb, month }) =>
    [...members].some(([name, cell]) => proven.has(name) && cell.place === icb && cell.month === month),
  )
  const nothing = 'nothing'
  const tell = (count) => (count === 0 ? nothing : String(count))
  print('a group of one to four by subtraction', 'published', bounds.size, small.length, tell(small.length))
  print('one to four who came or went in a month', 'published', steps.length, changes.length, tell(changes.length))
  print(
    'newspaper story linked to such a group',
    'published',
    stories.length,
    storyCells.length,
    tell(storyCells.length),
  )
  print('everyone of a group has the attribute', 'published', sums.length, same.length, tell(same.length))
  for (const cell of [...small, ...changes.map((step) => step.join(' to ')), ...same].slice(0, 20))
    console.log(`  ${cell}`)
  if (small.length + changes.length + storyCells.length + same.length > 0) process.exitCode = 1
} finally {
  database.close()
  rmSync(folder, { recursive: true, force: true })
}
