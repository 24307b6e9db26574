import { chmodSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findCase } from '../../dashboard/identified/case/findCase.ts'
import { readCase } from '../../dashboard/identified/case/readCase.ts'
import { openVersions } from '../../dashboard/identified/openVersions.ts'
import type { RestrictedServer } from '../../dashboard/restrictedServer.ts'
import { openAudit } from '../../store/audit.ts'
import { deploymentAt } from '../../store/deployment.ts'
import { auditRefOf, people, unknownRef } from './makeVersion.ts'
import { ask, keys, makeDeployment, signIn, start, type Answer } from './visit.ts'

let home: string
let server: RestrictedServer

beforeAll(async () => {
  home = await makeDeployment()
  server = await start(home)
})

afterAll(() => server.stop())

test('the case page shows the whole list of the register description', async () => {
  const cookie = await signIn(server.socket, 'dsr-team')
  const { status, body } = await ask(server.socket, `/cases/${people.ada.ref}`, { cookie })
  expect(status).toBe(200)
  for (const shown of [
    'Ada Quillfeather',
    '1 December 2009 (16 years)',
    'Quillfeather House, 1 Larch Rise',
    '999 000 0018',
    'Bronagh Tealby',
    'href="tel:01632960202"',
    'href="mailto:bronagh.tealby@example.nhs.uk"',
    'Stopped eating with others',
    'Swimming with her brother',
    'A short break each month',
    'Refer to intensive support',
    '30 days overdue',
    'Own consent, 18 or over',
    'Review due 17 October 2026 because rated red at the review on 10 October 2026',
    'Northmoor Council (made up)',
    'Made-up people',
  ]) {
    expect(body).toContain(shown)
  }
})

test('communication needs and adjustments come before everything else', async () => {
  const { body } = await caseOf('ada')
  const order = [
    'Makaton and photographs',
    'Quiet room',
    '999 000 0018',
    'Stopped eating',
    'Swimming with',
    'Sensory diet',
    'A short break',
    'Refer to intensive',
    'Book the short break',
  ]
  const places = order.map((words) => body.indexOf(words))
  expect(places.every((place) => place > 0)).toBe(true)
  expect([...places].sort((a, b) => a - b)).toEqual(places)
})

test('ratings and reviews are drawn and stand in a table', async () => {
  const { body } = await caseOf('ada')
  expect(body).toMatch(
    /<svg[^>]* role="img"[^>]*aria-label="To 31 October 2026: rated red since 1 October 2026; 1 review, the last on 10 October 2026/,
  )
  expect(body).toContain('Everything that happened, as a table')
})

test('an address that one agency calls sensitive is shown to nobody', async () => {
  const { body } = await caseOf('bo')
  expect(body).toContain('Not shown: an agency marked the address as sensitive')
  for (const hidden of ['Windermarch House', 'Larch Rise', 'ZZ99 3VZ', '01632 960101', 'Hidden Cottage']) {
    expect(body).not.toContain(hidden)
  }
  expect(body).toContain('Bobbie')
})

test('a sensitive address does not even leave the register', async () => {
  const options = { deployment: deploymentAt(home), storeKey: keys.store, asOf: '2026-10-31', onFailure: () => {} }
  const versions = await openVersions(options)
  const rows = await versions.read(async (data) => {
    const found = await findCase(data, people.bo.ref)
    return found && readCase(data, found)
  })
  versions.close()
  expect(rows?.person['family_name']).toBe('Windermarch')
  expect(JSON.stringify(rows)).not.toMatch(/Windermarch House|Larch Rise|ZZ99|01632 960101|Hidden Cottage/)
})

test('what an agency wrote is text, never markup', async () => {
  const { body } = await caseOf('bo')
  expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(body).not.toContain('<script>alert')
})

test('consent that has lapsed is said at the top', async () => {
  expect((await caseOf('bo')).body).toContain('Consent to renew: lapsed.')
})

test('what nobody has said is listed', async () => {
  const { body } = await caseOf('bo')
  expect(body.slice(body.indexOf('What we do not know'))).toContain('How the person communicates, and what helps')
})

test('the page title and the headers name nobody, and nothing may be kept', async () => {
  const { body, headers } = await caseOf('ada')
  expect(/<title>(.*)<\/title>/s.exec(body)?.[1]).not.toMatch(/Ada|Quillfeather/)
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['etag']).toBeUndefined()
})

test('the look is in the audit, by reference, before the page leaves', async () => {
  const answer = await caseOf('ada')
  expect(answer.status).toBe(200)
  const [entry] = latest(1)
  expect(entry).toMatchObject({
    who: 'development|dsr-team',
    role: 'dsr_team',
    action: 'case',
    outcome: 'allowed',
    subject: auditRefOf('ada'),
    dataVersion: 'version-1',
  })
  expect(JSON.stringify(entry)).not.toMatch(/Ada|Quillfeather|9990000018/)
})

test('a case of another place gets the answer of a case that does not exist', async () => {
  const cookie = await signIn(server.socket, 'dsr-team')
  const elsewhere = await ask(server.socket, `/cases/${people.di.ref}`, { cookie })
  const nowhere = await ask(server.socket, `/cases/${unknownRef}`, { cookie })
  expectSame(elsewhere, nowhere)
  const [unknown, other] = latest(2)
  expect(other).toMatchObject({ action: 'case', outcome: 'denied', subject: auditRefOf('di') })
  expect(unknown).toMatchObject({ action: 'case', outcome: 'denied', subject: null })
})

test('the team of that other place opens it, and not the first one’s', async () => {
  const cookie = await signIn(server.socket, 'dsr-team-2')
  expect((await ask(server.socket, `/cases/${people.di.ref}`, { cookie })).status).toBe(200)
  expect((await ask(server.socket, `/cases/${people.ada.ref}`, { cookie })).status).toBe(404)
})

test.each(['commissioner', 'tc-lead', 'analyst', 'ig-lead', 'admin'])(
  'for the %s a case is a page that does not exist',
  async (user) => {
    const cookie = await signIn(server.socket, user)
    const real = await ask(server.socket, `/cases/${people.ada.ref}`, { cookie })
    const nowhere = await ask(server.socket, `/cases/${unknownRef}`, { cookie })
    const noPage = await ask(server.socket, '/cases', { cookie })
    expectSame(real, nowhere)
    expect(noPage.body).toBe(real.body.replaceAll(`/cases/${people.ada.ref}`, '/cases'))
    expect(latest(1)[0]).toMatchObject({ who: `development|${user}`, action: 'case', outcome: 'denied' })
  },
)

test('without a session every case leads to the sign-in, whether it exists or not', async () => {
  const real = await ask(server.socket, `/cases/${people.ada.ref}`)
  const nowhere = await ask(server.socket, `/cases/${unknownRef}`)
  expect([real.status, nowhere.status]).toEqual([303, 303])
  expect(real.headers['location']).toBe(`/sign-in?next=/cases/${people.ada.ref}`)
  expect(real.body.replaceAll(people.ada.ref, unknownRef)).toBe(nowhere.body)
})

test('with the audit read-only there is no page', async () => {
  const cookie = await signIn(server.socket, 'dsr-team')
  const commissioner = await signIn(server.socket, 'commissioner')
  const path = deploymentAt(home).auditDatabase
  chmodSync(path, 0o400)
  try {
    const refused = await ask(server.socket, `/cases/${people.ada.ref}`, { cookie })
    expect(refused.status).toBe(503)
    expect(refused.body).not.toMatch(/Ada|Quillfeather|Makaton/)
    expect((await ask(server.socket, '/worklist', { cookie })).status).toBe(503)
    expect((await ask(server.socket, `/cases/${people.ada.ref}`, { cookie: commissioner })).status).toBe(503)
  } finally {
    chmodSync(path, 0o600)
  }
  expect((await ask(server.socket, `/cases/${people.ada.ref}`, { cookie })).status).toBe(200)
})

async function caseOf(name: keyof typeof people): Promise<Answer> {
  const cookie = await signIn(server.socket, 'dsr-team')
  return ask(server.socket, `/cases/${people[name].ref}`, { cookie })
}

/** Every byte and every header but the clock. */
function expectSame(one: Answer, other: Answer): void {
  expect([one.status, other.status]).toEqual([404, 404])
  expect(one.body).toBe(other.body)
  expect({ ...one.headers, date: '' }).toEqual({ ...other.headers, date: '' })
}

function latest(entries: number) {
  const audit = openAudit(deploymentAt(home).auditDatabase, keys.audit)
  try {
    return audit.latest(entries)
  } finally {
    audit.close()
  }
}
