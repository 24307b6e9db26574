import { argv, exit, stderr, stdout } from 'node:process'
import { projectRoot } from '../projectRoot.ts'
import { readDictionary } from '../readDictionary.ts'
import { checkGenerated, writeGenerated } from './checkGenerated.ts'
import { generatedFiles } from './generatedFiles.ts'

/** `generate` writes the files that follow from the dictionary; `generate --check` names those that differ. */
function main(flags: readonly string[]): number {
  const files = generatedFiles(readDictionary())
  if (flags.includes('--check')) {
    const differences = checkGenerated(files, projectRoot)
    for (const { path, what } of differences) stderr.write(`${path} is ${what}.\n`)
    if (differences.length > 0) stderr.write('Run make generate and commit the result.\n')
    return differences.length === 0 ? 0 : 1
  }
  const written = writeGenerated(files, projectRoot)
  for (const { path, what } of written) stdout.write(`${what === 'left over' ? 'removed' : 'wrote'} ${path}\n`)
  stdout.write(`${files.size} generated files are current.\n`)
  return 0
}

exit(main(argv.slice(2)))
