Object.defineProperty(globalThis, 'window', { value: { devicePixelRatio: 1 }, configurable: true })

export {}
