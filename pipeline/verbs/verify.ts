import { existsSync } from 'node:fs'
import { DsrError } from '../../register/errors.ts'
import { verifyAudit, type AuditVerdict } from '../../store/audit.ts'
import { readKey } from '../../store/keys.ts'
import { jsonOption, print, printJson, type Verb } from '../verb.ts'

export const verify: Verb = {
  name: 'verify',
  summary: 'Checks that no entry of the audit was changed or taken out.',
  example: 'dsr verify',
  options: jsonOption,
  async perform({ deployment, values }) {
    if (!existsSync(deployment.auditDatabase)) {
      throw new DsrError(
        'input',
        'There is no audit yet: nobody has signed in.',
        'Run dsr serve first, or restore the audit from a backup.',
      )
    }
    const verdict = await verifyAudit(deployment.auditDatabase, readKey(deployment, 'audit'))
    if (values['json'] === true) printJson(verdict)
    else if (verdict.kind === 'ok')
      print(`The audit is whole: ${verdict.entries} entries, each linked to the one before.`)
    if (verdict.kind !== 'ok')
      throw new DsrError(
        verdict.kind === 'wrongKey' ? 'keyWrong' : 'corrupt',
        words(verdict),
        'Keep the file as it is and tell the IG lead.',
      )
  },
}

function words(verdict: Exclude<AuditVerdict, { kind: 'ok' }>): string {
  switch (verdict.kind) {
    case 'changed':
      return `Entry ${verdict.at} of the audit was changed after it was written.`
    case 'gap':
      return `Entry ${verdict.at} of the audit is missing.`
    case 'wrongKey':
      return 'The audit key does not fit this audit.'
  }
}
