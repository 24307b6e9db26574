import { DsrError } from '../../register/errors.ts'
import { serveDashboard } from '../serveDashboard.ts'
import type { Verb } from '../verb.ts'

export const serve: Verb = {
  name: 'serve',
  summary: 'Serves the dashboard: published pages, and the restricted process behind a private socket.',
  example: 'dsr serve --port 4600',
  options: {
    port: { type: 'string', meaning: 'port of the published pages (4600)' },
    host: { type: 'string', meaning: 'address to listen on (127.0.0.1)' },
  },
  async perform({ deployment, values }) {
    const host = typeof values['host'] === 'string' ? values['host'] : '127.0.0.1'
    const port = typeof values['port'] === 'string' ? values['port'] : '4600'
    if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
      throw new DsrError('input', '--port takes a number from 1 to 65535.', 'For example: dsr serve --port 4600')
    await serveDashboard(deployment, host, Number(port))
  },
}
