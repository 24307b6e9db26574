import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import { DsrError } from '../../register/errors.ts'
import { suggest } from '../../register/nearest.ts'
import type { Deployment } from '../../store/deployment.ts'
import { projectNamePattern, projectSchema, type Project } from './project.ts'

const where = 'docs/external-extracts.md describes each line.'

/**
 * Reads `projects/<name>.yml`; columns are checked by planExtract.
 * @throws DsrError `input` that says all that does not fit
 */
export function readProject(deployment: Deployment, name: string): Project {
  const file = join(deployment.projects, `${name}.yml`)
  if (!projectNamePattern.test(name) || !existsSync(file)) {
    const known = existsSync(deployment.projects)
      ? readdirSync(deployment.projects)
          .filter((entry) => entry.endsWith('.yml'))
          .map((entry) => basename(entry, '.yml'))
      : []
    throw new DsrError(
      'input',
      `There is no project of that name${suggest(name, known)}.`,
      `A project is a file projects/NAME.yml of the deployment, its name 3 to 40 small letters, digits and _. ${where}`,
    )
  }
  const result = projectSchema.safeParse(parseYaml(file))
  if (result.success) return { ...result.data, name }
  const lines = result.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => `unknown line ${key}${suggest(key, Object.keys(projectSchema.shape))}`).join('; ')
      : `${issue.path.join('.') || 'the file'}: ${issue.message}`,
  )
  throw new DsrError('input', `${file}: ${lines.join('\n')}`, where)
}

function parseYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    const line = error.linePos?.[0].line
    throw new DsrError('input', `${file}${line === undefined ? '' : `, line ${line}`}: this is not YAML.`, where)
  }
}
