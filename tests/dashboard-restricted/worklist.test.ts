import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RestrictedServer } from '../../dashboard/restrictedServer.ts'
import { deploymentAt, type Deployment } from '../../store/deployment.ts'
import { sealCase, unsealCases } from '../../store/seals.ts'
import { people } from './makeVersion.ts'
import { ask, makeDeployment, signIn, start } from './visit.ts'

let server: RestrictedServer
let cookie: string
let deployment: Deployment

beforeAll(async () => {
  deployment = deploymentAt(await makeDeployment())
  server = await start(deployment.home)
  cookie = await signIn(server.socket, 'dsr-team')
})

afterAll(() => server.stop())

const worklist = async (query = ''): Promise<string> => {
  const { status, body } = await ask(server.socket, `/worklist${query}`, { cookie })
  expect(status).toBe(200)
  return body
}

test('the most overdue come first, and the sentence counts what the list holds', async () => {
  const body = await worklist()
  expect(body).toContain('3 people: 2 overdue, 1 due within 14 days, 1 never reviewed.')
  expect(body).toContain('Showing 1 to 3 of 3 people.')
  const order = ['Cy Ostlethwick', 'Ada Quillfeather', 'Bo Windermarch'].map((name) => body.indexOf(name))
  expect([...order].sort((a, b) => a - b)).toEqual(order)
  expect(order.every((place) => place > 0)).toBe(true)
})

test('people of other teams’ places are not on it', async () => {
  expect(await worklist()).not.toContain('Harrowgrove')
  expect(await worklist('?icb=QHM')).toContain('0 people: 0 overdue')
})

test('each row says why in words', async () => {
  const body = await worklist()
  expect(body).toContain('Never reviewed since accepted on 12 January 2026; first review due 8 September 2026')
  expect(body).toContain('Review due 17 October 2026 because rated red at the review on 10 October 2026')
  expect(body).toContain('Review due 5 November 2026 because the rating was raised to amber on 22 October 2026')
  expect(body).toContain('53 days overdue')
  expect(body).toContain('Due in 5 days')
  expect(body).toContain('Consent to renew: lapsed; the grace ended on 29 June 2026')
  expect(body).toContain('1 action overdue')
  expect(body).toContain('Agencies differ on 1 fact')
})

test.each([
  ['?icb=QF7', ['Cy'], '1 person: 1 overdue, 0 due within 14 days, 1 never reviewed.'],
  ['?rating=red', ['Cy', 'Ada'], '2 people: 2 overdue'],
  ['?state=overdue', ['Cy', 'Ada'], 'Showing 1 to 2 of 2 people.'],
  ['?state=due_14', ['Bo'], 'Showing 1 to 1 of 1 person.'],
  ['?state=never', ['Cy'], 'Showing 1 to 1 of 1 person.'],
  ['?icb=&rating=&state=', ['Cy', 'Ada', 'Bo'], 'Showing 1 to 3 of 3 people.'],
  ['?page=2', [], 'Nobody to show.'],
])('%s shows %j', async (query, names, sentence) => {
  const body = await worklist(query)
  expect(
    Object.values(people)
      .map((person) => person.given)
      .filter((name) => body.includes(`>${name} `))
      .sort(),
  ).toEqual([...names].sort())
  expect(body).toContain(sentence)
})

test.each(['?name=Ada', '?icb=QOQ&icb=QF7', '?rating=purple', '?page=0', '?page=x', '?__proto__=1', "?icb=Q'--"])(
  'the filter %s is refused',
  async (query) => {
    expect((await ask(server.socket, `/worklist${query}`, { cookie })).status).toBe(400)
  },
)

test('addresses hold references, never a name or a number', async () => {
  const links = [...(await worklist()).matchAll(/href="([^"]*)"/g)].map(([, href]) => href)
  expect(links).toContain(`/cases/${people.ada.ref}`)
  expect(links.join(' ')).not.toMatch(/Quillfeather|999|2009/)
})

test('a sealed case is on no page from the next request on, and looks like one that does not exist', async () => {
  const page = `/cases/${people.ada.ref}`
  expect((await ask(server.socket, page, { cookie })).status).toBe(200)
  await sealCase(deployment, people.ada.ref, 0)
  const sealed = await ask(server.socket, page, { cookie })
  const unknown = await ask(server.socket, '/cases/nobodyknows2', { cookie })
  expect([sealed.status, sealed.body]).toEqual([404, unknown.body])
  expect(await worklist()).toContain('2 people: 1 overdue, 1 due within 14 days, 1 never reviewed.')
  expect(await worklist()).not.toContain('Quillfeather')
  await unsealCases(deployment, [people.ada.ref])
  expect((await ask(server.socket, page, { cookie })).status).toBe(200)
})
