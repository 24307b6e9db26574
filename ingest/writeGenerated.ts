import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../register/projectRoot.ts'
import { checks } from './checks.ts'
import { contractJsonSchema } from './contract.ts'

/** Files that follow from the contract's shape and the table of checks, with their content. A test says when one is stale. */
export function generatedFiles(): readonly { readonly path: string; readonly content: string }[] {
  const quoted = (text: string): string => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const rows = checks.map((check) =>
    [check.code, check.sentence.replace(/\.$/, ''), check.severity].map(quoted).join(','),
  )
  return [
    { path: join(projectRoot, 'ingest/contract.schema.json'), content: contractJsonSchema() },
    {
      path: join(projectRoot, 'register/codes/check_codes.csv'),
      content: `${['code,label,severity', ...rows].join('\n')}\n`,
    },
  ]
}

/** Rewrites them. */
export function writeGenerated(): void {
  for (const { path, content } of generatedFiles()) writeFileSync(path, content)
}
