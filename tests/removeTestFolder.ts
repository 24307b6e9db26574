import { rmSync } from 'node:fs'

/** Runs once, after every test: removes the folder that vitest.config.ts made. */
export function teardown(): void {
  const folder = process.env['DSR_TEST_FOLDER']
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
