import type { RequestHandler } from 'express'
import type { Zone } from './routes.ts'

/** Nothing inline and nothing from another host: charts carry no style, pages need no script (security.md WB-01, WB-07). */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "object-src 'none'",
].join('; ')

/**
 * On every answer, errors too. What the restricted zone answers is never kept by a browser or a proxy; published pages
 * name who has signed in, so only the browser may keep them (security.md ID-04).
 */
export function securityHeaders(zone: Zone): RequestHandler {
  const headers: Readonly<Record<string, string>> = {
    'Content-Security-Policy': contentSecurityPolicy,
    'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'Cache-Control': zone === 'open' ? 'private, no-cache' : 'no-store',
  }
  return (_request, response, next) => {
    response.set(headers)
    next()
  }
}
