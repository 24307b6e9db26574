import type { Request, Response } from 'express'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

interface KeptPage {
  readonly plain: Buffer
  readonly packed: Buffer
  readonly etag: string
}

export interface PageToShow {
  /** What the page is drawn from: another one empties the store. */
  readonly of: object
  /** Path and checked filters, in one fixed order. */
  readonly key: string
  readonly template: string
  readonly model: () => object
}

export type ShowPage = (request: Request, response: Response, page: PageToShow) => void

/**
 * Shows published pages, drawn once for all who have not signed in: a release never changes, and drawing is nearly the
 * whole cost of a page. Somebody who has signed in sees their own navigation, so their pages are drawn anew and never kept.
 */
export function keepPages(limit = 300): ShowPage {
  let of: object | null = null
  const kept = new Map<string, KeptPage>()
  return (request, response, page) => {
    if (response.locals['visitor'] !== null) return response.render(page.template, page.model())
    if (of !== page.of) kept.clear()
    of = page.of
    const found = kept.get(page.key)
    if (found) return send(request, response, found)
    response.render(page.template, page.model(), (error: Error | null, html: string) => {
      if (error) return request.next?.(error)
      const drawn = pack(html)
      if (of === page.of && kept.size < limit) kept.set(page.key, drawn)
      send(request, response, drawn)
    })
  }
}

function pack(html: string): KeptPage {
  const plain = Buffer.from(html)
  const digest = createHash('sha256').update(plain).digest('hex').slice(0, 32)
  return { plain, packed: gzipSync(plain, { level: 6 }), etag: `W/"${digest}"` }
}

function send(request: Request, response: Response, page: KeptPage): void {
  const isPacked = request.acceptsEncodings('gzip') === 'gzip'
  response.set({ 'Content-Type': 'text/html; charset=utf-8', ETag: page.etag, Vary: 'Accept-Encoding, Cookie' })
  if (isPacked) response.set('Content-Encoding', 'gzip')
  response.send(isPacked ? page.packed : page.plain)
}
