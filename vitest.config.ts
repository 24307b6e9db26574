import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

process.env['TZ'] = 'Europe/London'

/** Whatever the tests make goes here; tests/removeTestFolder.ts takes it away when they end. */
const folder = (process.env['DSR_TEST_FOLDER'] ??= mkdtempSync(join(tmpdir(), 'dsr-tests-')))
process.env['TMPDIR'] = folder
// PostgreSQL's server runs as another user and has its files in there.
chmodSync(folder, 0o711)

/** The long ones first: one that begins last would run alone to the end, with the other processor idle. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => /\/tests\/(pipeline|browser)\//.test(moduleId)
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: 'tests/removeTestFolder.ts',
    // Generous: what hangs is rare, and a loaded machine must not fail a test that is right.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    sequence: { sequencer: LongFirst },
  },
})
