import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../../register/projectRoot.ts'
import { deploymentAt, type Deployment } from '../../store/deployment.ts'
import { dsr, makeDemoDeployment } from './dsr.ts'

/** What somebody reads who sets up a register for the first time. */

function emptyDeployment(): Deployment {
  const deployment = deploymentAt(mkdtempSync(join(tmpdir(), 'dsr-new-')))
  expect(dsr(deployment, 'init', '--icbs', 'QOQ').code).toBe(0)
  return deployment
}

describe('before the first run', () => {
  test.each(['init', 'demo', 'import-reference', 'check', 'run', 'status', 'quarantine', 'verify', 'serve'])(
    'dsr %s --help explains the verb and names the folder it works on',
    (verb) => {
      const ended = dsr(deploymentAt(tmpdir()), verb, '--help')
      expect([ended.code, ended.out]).toEqual([0, expect.stringMatching(/--home.*DSR_HOME.*Example: dsr /s)])
    },
  )

  test('an ICB that does not exist is refused before anything is made', () => {
    const deployment = deploymentAt(join(mkdtempSync(join(tmpdir(), 'dsr-new-')), 'dep'))
    const ended = dsr(deployment, 'init', '--icbs', 'QOQ,QXX')
    expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('no ICB has the ODS code QXX')])
    expect(dsr(deployment, 'status').err).toContain('is not a deployment')
    expect(dsr(deployment, 'init', '--icbs', 'qoq, qf7').code).toBe(0)
  })

  test('settings that are not YAML name the line', () => {
    const deployment = emptyDeployment()
    writeFileSync(deployment.settingsFile, 'icbs: [QOQ\nas_of: today\n')
    const ended = dsr(deployment, 'status')
    expect([ended.code, ended.err]).toEqual([1, expect.stringMatching(/dsr\.yml, line \d: this is not YAML/)])
  })

  test('a file where the folder should be', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'dsr-new-')), 'file')
    writeFileSync(file, '')
    const ended = dsr(deploymentAt(file), 'init', '--icbs', 'QOQ')
    expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('a file stands where a folder is needed')])
  })

  test.each(['abc', '80000'])('port %s is refused by the name of its option', (port) => {
    const ended = dsr(emptyDeployment(), 'serve', '--port', port)
    expect([ended.code, ended.err]).toEqual([1, expect.stringContaining('--port takes a number')])
  })
})

describe('a file without a contract', () => {
  const file = join(projectRoot, 'tests/fixtures/extracts/adult_social_care.csv')

  test('dsr init --from makes the deployment and a contract that dsr check can use at once', () => {
    const deployment = deploymentAt(join(mkdtempSync(join(tmpdir(), 'dsr-new-')), 'dep'))
    const ended = dsr(
      deployment,
      'init',
      '--icbs',
      'QOQ',
      '--from',
      file,
      '--agency',
      'Council (made up)',
      '--kind',
      'A02',
    )
    expect([ended.code, ended.err]).toEqual([0, ''])
    expect(ended.out).toMatch(/Drafted \S+adult_social_care\.yml: \d+ fields filled/)
    expect(ended.out).toMatch(/\d+ lines are marked # \? and want your eye:\n +\d+ {2}/)
    const checked = dsr(deployment, 'check')
    expect(checked.code).toBe(0)
    expect(checked.out).toMatch(/adult_social_care\.csv\n {2}32 read = \d+ accepted/)
    expect(checked.out).toMatch(/first in row \d+\)/)
    expect(checked.out).toMatch(/sources\/adult_social_care\.yml: \d+ lines are still marked # \? by the draft/)
  })

  test('a second feed is added, and the same one is not drafted twice', () => {
    const deployment = emptyDeployment()
    expect(dsr(deployment, 'init', '--from', file, '--feed', 'council').code).toBe(0)
    expect(dsr(deployment, 'init', '--from', file, '--feed', 'council').err).toContain(
      'sources/council.yml is there already',
    )
    expect(dsr(deployment, 'init', '--from', file, '--icbs', 'QOQ').err).toContain('Leave --icbs out')
  })

  test.each([
    [['--from', 'nowhere.csv'], /There is no file .*nowhere\.csv\.\nName the extract with --from/],
    [
      ['--from', file, '--kind', 'council'],
      /council is no kind of agency\.\nGive one of these with --kind:\n {2}A01 Integrated care board/,
    ],
    [['--from', file, '--feed', 'Hull Council'], /A feed cannot be called Hull Council\.\nGive lower-case letters/],
    [['--feed', 'council'], /--feed goes with --from\.\nName the file/],
  ])('mistakes are told in words, and nothing is made: %s', (options, expected) => {
    const deployment = deploymentAt(join(mkdtempSync(join(tmpdir(), 'dsr-new-')), 'dep'))
    const ended = dsr(deployment, 'init', '--icbs', 'QOQ', ...options)
    expect([ended.code, ended.err]).toEqual([1, expect.stringMatching(expected)])
    expect(existsSync(deployment.home)).toBe(false)
  })
})

describe('deliveries', () => {
  let deployment: Deployment

  beforeAll(() => {
    deployment = makeDemoDeployment(50)
  })

  test('a file that no contract takes is named by check, in words and in JSON', () => {
    const from = join(deployment.extracts, 'provider')
    const to = join(deployment.extracts, 'provider_new')
    renameSync(from, to)
    mkdirSync(from)
    const ended = dsr(deployment, 'check')
    expect(ended.code).toBe(1)
    expect(ended.out).toMatch(/^extracts\/provider_new\/\S+\n {2}No contract takes this file/m)
    expect(JSON.parse(dsr(deployment, 'check', '--json').out)).toContainEqual(
      expect.objectContaining({ feed: '', file: expect.stringMatching(/^extracts\/provider_new\//) }),
    )
  })

  test('a run says so too, and Ctrl-C ends it with what is served and what to do', async () => {
    const program = join(projectRoot, 'dist/pipeline/dsr.js')
    const child = spawn(process.execPath, [program, 'run', '--home', deployment.home])
    let out = ''
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (/pseudonymise +started/.test(out)) child.kill('SIGINT')
    })
    const code = await new Promise((resolve) => child.once('exit', resolve))
    expect([code, err]).toEqual([130, expect.stringContaining('What was served is served still')])
    expect(out).toMatch(/not taken +extracts\/provider_new\//)
  })
})
