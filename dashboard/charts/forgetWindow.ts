// Other libraries ask for a window to learn whether they run in a browser.
Reflect.deleteProperty(globalThis, 'window')

export {}
