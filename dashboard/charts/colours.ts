/**
 * Colours of the charts (NHS identity). Each that carries meaning has a contrast of 3 to 1 or more with white; a test
 * proves it. NHS amber is too pale for that, so lines in amber are darker.
 */
export const ratingColours: Readonly<Record<string, string>> = {
  red: '#d5281b',
  amber: '#b25900',
  green: '#007f3b',
  blue: '#005eb8',
  all: '#212b32',
}

/** Shapes beside the colours: nobody has to tell red from green. */
export const ratingShapes = {
  red: 'square',
  amber: 'triangle',
  green: 'circle',
  blue: 'diamond',
  all: 'circle',
} as const

export const ink = '#212b32'
export const quietInk = '#4c6272'
export const highlight = '#005eb8'
/** For what stays in the background; nothing has to be read from it alone. */
export const background = '#aeb7bd'
/** Fills of a grid from few to many; dark text can be read on each. */
export const steps = ['#eef4fa', '#cfe1f2', '#a9cbe8', '#84b4dd'] as const
