import type { Express } from 'express'
import { dirname, join } from 'node:path'
import nunjucks from 'nunjucks'
import { projectRoot } from '../register/projectRoot.ts'
import { nhsukFolder, stylesheetPath } from './assets.ts'

/** Templates are named from the dashboard's folder (`pages/reviews/page.njk`); NHS.UK's macros are `nhsuk/components/…`. */
export const templateFolders: readonly string[] = [join(projectRoot, 'dashboard'), dirname(nhsukFolder)]

/** Autoescape is on; the one `| safe` is for chart SVG of our own making, in views/macros/figure.njk (security.md WB-02). */
export function useTemplates(app: Express): nunjucks.Environment {
  const environment = nunjucks.configure([...templateFolders], { autoescape: true, express: app, watch: false })
  environment.addGlobal('stylesheet', stylesheetPath())
  return environment
}
