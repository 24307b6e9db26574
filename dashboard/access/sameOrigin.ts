import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a form came from one of our own pages (security.md SE-06). Our pages say `Referrer-Policy: no-referrer`, and
 * browsers then send `Origin: null` with their own forms; Sec-Fetch-Site tells those from a stranger's.
 */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  const origin = headers.origin
  if (site !== undefined)
    return site === 'same-origin' && (!origin || origin === 'null' || hostOf(origin) === headers.host)
  return origin !== undefined && headers.host !== undefined && hostOf(origin) === headers.host
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}
