import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { projectRoot } from '../register/projectRoot.ts'
import type { Route } from './routes.ts'

interface Asset {
  readonly path: string
  readonly type: string
  readonly body: Buffer
}

/** Where the package keeps its compiled styles and its templates. */
export const nhsukFolder = join(
  dirname(createRequire(import.meta.url).resolve('nhsuk-frontend/package.json')),
  'dist/nhsuk',
)

/** The icons that the style sheet asks for. The logo and the icons that show it are left out: they are not ours to use. */
const icons = ['arrow-down', 'arrow-up', 'arrow-up-down', 'cross'].map((name) => `nhsuk-icon-${name}.svg`)

let made: { readonly stylesheet: Asset; readonly all: readonly Asset[] } | null = null

/** Everything under /assets, read once. The style sheet's name holds its digest, so a browser may keep it for ever. */
function assets(): { readonly stylesheet: Asset; readonly all: readonly Asset[] } {
  if (made) return made
  const css = stylesheetText()
  const digest = createHash('sha256').update(css).digest('hex').slice(0, 12)
  const stylesheet = { path: `/assets/dsr-${digest}.css`, type: 'text/css; charset=utf-8', body: Buffer.from(css) }
  const images = icons.map((name) => ({
    path: `/assets/images/${name}`,
    type: 'image/svg+xml; charset=utf-8',
    body: readFileSync(join(nhsukFolder, 'assets/images', name)),
  }))
  const icon = {
    path: '/assets/icon.svg',
    type: 'image/svg+xml; charset=utf-8',
    body: readFileSync(join(projectRoot, 'dashboard/assets/icon.svg')),
  }
  made = { stylesheet, all: [stylesheet, ...images, icon] }
  return made
}

/** NHS.UK's styles without the font faces, which would ask another host for Frutiger, then our own. */
function stylesheetText(): string {
  const theirs = readFileSync(join(nhsukFolder, 'nhsuk-frontend.min.css'), 'utf8')
  const own = readFileSync(join(projectRoot, 'dashboard/assets/dsr.css'), 'utf8')
  const plain = theirs.replace(/@font-face\s*\{[^}]*\}/g, '').replace(/\/\*# sourceMappingURL=.*?\*\//g, '')
  return `${plain}\n${own}`
}

/** Address of the style sheet: the same in both processes, served by the open one. */
export function stylesheetPath(): string {
  return assets().stylesheet.path
}

/** One exact route for each asset: no folder is served, so none can be walked (security.md WB-06). */
export function assetRoutes(): readonly Route[] {
  return assets().all.map(({ path, type, body }) => {
    const packed = gzipSync(body, { level: 9 })
    return {
      method: 'get',
      path,
      permission: 'public',
      handle: (request, response) => {
        const isPacked = request.acceptsEncodings('gzip') === 'gzip'
        response.set({
          'Content-Type': type,
          'Cache-Control': 'public, max-age=31536000, immutable',
          Vary: 'Accept-Encoding',
        })
        if (isPacked) response.set('Content-Encoding', 'gzip')
        response.send(isPacked ? packed : body)
      },
    } satisfies Route
  })
}
