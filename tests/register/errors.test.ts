import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DsrError, describeFailure } from '../../register/errors.ts'

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return null
}

describe('what a person reads when a command fails', () => {
  it('an expected failure is its message and its remedy', () => {
    const error = new DsrError('locked', 'Another run is working.', 'Wait.')
    expect(describeFailure(error)).toEqual({ exitCode: 3, text: 'Another run is working.\nWait.' })
  })

  it.each([
    ['EACCES', 'this user may not do that here'],
    ['ENOSPC', 'the disk is full'],
    ['EROFS', 'the disk can only be read'],
  ])('%s is the operator’s to mend, not our bug', (code, words) => {
    const error = Object.assign(new Error(`${code}: refused`), { code, syscall: 'mkdir', path: '/srv/dsr' })
    const { exitCode, text } = describeFailure(error)
    expect([exitCode, text]).toEqual([1, expect.stringContaining(`/srv/dsr: ${words}`)])
  })

  it('a file where a folder should be is such a failure in truth', () => {
    const error = thrownBy(() => readFileSync(`${import.meta.filename}/inside`))
    expect(describeFailure(error).exitCode).toBe(1)
  })

  it('anything else is our bug, told without its message', () => {
    const { exitCode, text } = describeFailure(new TypeError('9990000000 is not a function'))
    expect(exitCode).toBe(2)
    expect(text).toContain('TypeError')
    expect(text).not.toContain('9990000000')
  })
})
