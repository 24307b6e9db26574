import type { Response } from 'express'
import { expect, test } from 'vitest'
import type { Restricted } from '../../dashboard/access/restricted.ts'
import { exactFigures } from '../../dashboard/identified/exact/exactFigures.ts'
import type { VersionData } from '../../dashboard/identified/openVersions.ts'

test('figures that were being read when a new version came are not shown as those of the new one', async () => {
  let finishOld = (): void => {}
  const isOldRead = new Promise<void>((resolve) => (finishOld = resolve))
  const version = (id: string, read: Promise<void>): VersionData => ({
    id,
    asOf: '2026-11-01',
    rows: () => read.then(() => []),
  })
  let data = version('old', isOldRead)
  const restricted = {
    versions: { read: (work: (from: VersionData) => Promise<unknown>) => work(data) },
    audit: { append: () => {} },
  } as unknown as Restricted
  const visitor = { userId: 'u', name: 'n', role: 'tc_lead', places: ['QOQ'] }
  const response = { locals: { session: { visitor, hash: 'h' } } } as unknown as Response
  const { current } = exactFigures(restricted, ['QOQ', 'QF7'])
  const ask = async (): Promise<string | undefined> => (await current({} as never, response))?.id

  const old = ask()
  data = version('new', Promise.resolve())
  expect(await ask()).toBe('new')
  finishOld()
  expect(await old).toBe('old')
  expect(await ask()).toBe('new')
})
