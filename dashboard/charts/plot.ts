// Plot reads the window's pixel ratio once, while it loads, to put lines on whole pixels as it does in a browser. The three
// imports run in this order.
import './pretendWindow.ts'
import * as Plot from '@observablehq/plot'
import './forgetWindow.ts'

export { Plot }
