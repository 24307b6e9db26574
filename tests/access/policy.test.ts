import { expect, test } from 'vitest'
import { mayOpenCase, placesInList } from '../../dashboard/access/casePolicy.ts'
import { readCookie, setCookie } from '../../dashboard/access/cookie.ts'
import { isLoopbackName, refuseDevelopmentSignIn } from '../../dashboard/access/developmentSignIn.ts'
import { may, permissions, roles, type Role, type Visitor } from '../../dashboard/access/permissions.ts'
import { isReturnPath, returnPath, signInAddress } from '../../dashboard/access/returnPath.ts'
import { isSameOrigin } from '../../dashboard/access/sameOrigin.ts'

const visitor = (role: Role, places: readonly string[] = ['QOQ']): Visitor => ({ userId: 'u', name: 'n', role, places })

test('each role may do what it is for, and nothing else', () => {
  const table = Object.fromEntries(
    roles.map((role) => [role, permissions.filter((permission) => may(visitor(role), permission))]),
  )
  expect(table).toEqual({
    dsr_team: ['published', 'exact', 'worklist', 'case', 'quality'],
    tc_lead: ['published', 'exact', 'quality'],
    commissioner: ['published'],
    analyst: ['published', 'quality'],
    ig_lead: ['published', 'quality', 'audit'],
    admin: ['published', 'users'],
  })
})

test('somebody who has not signed in sees published figures only', () => {
  expect(permissions.filter((permission) => may(null, permission))).toEqual(['published'])
})

test('only the DSR team of the person’s place opens a case', () => {
  expect(mayOpenCase(visitor('dsr_team'), 'QOQ')).toBe(true)
  expect(mayOpenCase(visitor('dsr_team'), 'QF7')).toBe(false)
  expect(mayOpenCase(visitor('dsr_team'), null)).toBe(false)
  expect(mayOpenCase(visitor('dsr_team', []), 'QOQ')).toBe(false)
  expect(mayOpenCase(null, 'QOQ')).toBe(false)
  for (const role of roles.filter((other) => other !== 'dsr_team'))
    expect(mayOpenCase(visitor(role), 'QOQ')).toBe(false)
})

test('a list is narrowed to the visitor’s places, and to nothing without any', () => {
  expect(placesInList(visitor('dsr_team', ['QOQ', 'QF7']), null)).toEqual(['QOQ', 'QF7'])
  expect(placesInList(visitor('dsr_team', ['QOQ', 'QF7']), 'QF7')).toEqual(['QF7'])
  expect(placesInList(visitor('dsr_team', ['QOQ', 'QF7']), 'QHM')).toEqual([])
  expect(placesInList(null, 'QOQ')).toEqual([])
})

test.each([
  ['production', '127.0.0.1', false],
  [undefined, '0.0.0.0', false],
  [undefined, '192.0.2.7', false],
  [undefined, '', false],
  ['production', '0.0.0.0', false],
  [undefined, '127.0.0.1', true],
])('development sign-in refuses to start with NODE_ENV %s on %s, https %s', (environment, host, isHttps) => {
  expect(() => refuseDevelopmentSignIn(environment, host, isHttps)).toThrow('development sign-in is refused')
})

test.each([
  ['127.0.0.1:4600', true],
  ['localhost', true],
  ['[::1]:4600', true],
  ['evil.test:4600', false],
  ['127.0.0.1.evil.test', false],
  ['evil.test@127.0.0.1.evil.test', false],
  ['', false],
  [undefined, false],
])('the host name %s is of this machine: %s', (host, expected) => {
  expect(isLoopbackName(host)).toBe(expected)
})

test('development sign-in starts on this machine alone', () => {
  expect(() => refuseDevelopmentSignIn(undefined, '127.0.0.1', false)).not.toThrow()
  expect(() => refuseDevelopmentSignIn('development', '::1', false)).not.toThrow()
})

test.each([
  '//evil.test',
  '/\\evil.test',
  'https://evil.test',
  '/worklist\r\nX: y',
  '/worklist?state=overdue',
  '/%2Fevil',
  '/cases/../audit',
  '',
  7,
  ['/worklist'],
])('the sign-in does not lead to %j', (asked) => {
  expect(isReturnPath(asked)).toBe(false)
  expect(returnPath(asked, 'dsr_team')).toBe('/worklist')
})

test('the sign-in leads back to the page that was asked for', () => {
  expect(signInAddress('/exact/gaps')).toBe('/sign-in?next=/exact/gaps')
  expect(returnPath('/cases/abcabcabcabc', 'dsr_team')).toBe('/cases/abcabcabcabc')
})

test.each([
  ['our own form', { host: 'a.test', origin: 'http://a.test', 'sec-fetch-site': 'same-origin' }, true],
  ['our own form under no-referrer', { host: 'a.test', origin: 'null', 'sec-fetch-site': 'same-origin' }, true],
  ['an old browser’s own form', { host: 'a.test', origin: 'https://a.test' }, true],
  ['a stranger’s form', { host: 'a.test', origin: 'http://b.test', 'sec-fetch-site': 'cross-site' }, false],
  ['a neighbour’s form', { host: 'a.test', origin: 'http://b.a.test', 'sec-fetch-site': 'same-site' }, false],
  ['a stranger’s form in an old browser', { host: 'a.test', origin: 'http://b.test' }, false],
  ['a sandboxed form in an old browser', { host: 'a.test', origin: 'null' }, false],
  ['a form that says nothing', { host: 'a.test' }, false],
])('%s is judged rightly', (_name, headers, expected) => {
  expect(isSameOrigin(headers)).toBe(expected)
})

test('the cookie is for this host alone, and over https only there', () => {
  const id = 'x'.repeat(43)
  expect(setCookie(id, true)).toBe(`__Host-dsr.sid=${id}; Path=/; HttpOnly; SameSite=Strict; Secure`)
  expect(setCookie(id, false)).toBe(`dsr.sid=${id}; Path=/; HttpOnly; SameSite=Strict`)
  expect(readCookie(`a=b; dsr.sid=${id}`, false)).toBe(id)
  expect(readCookie(`dsr.sid=${id}`, true)).toBeNull()
  expect(readCookie(`dsr.sid=${id}; dsr.sid=${'y'.repeat(43)}`, false)).toBeNull()
  expect(readCookie('dsr.sid=short', false)).toBeNull()
})
