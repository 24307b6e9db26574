/**
 * Name of the session cookie. Browsers keep `__Host-` cookies only with Secure, and over plain http on loopback, where
 * the development sign-in runs, some drop Secure ones; so the prefix is for https and the bare name for loopback.
 */
export function cookieName(isHttps: boolean): string {
  return isHttps ? '__Host-dsr.sid' : 'dsr.sid'
}

/** The session id of a Cookie header, or null. A cookie sent twice is nobody's: which one is ours cannot be told. */
export function readCookie(header: string | undefined, isHttps: boolean): string | null {
  const prefix = `${cookieName(isHttps)}=`
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix))
  const [only] = found
  const id = found.length === 1 && only !== undefined ? only.slice(prefix.length) : ''
  return /^[\w-]{43}$/.test(id) ? id : null
}

/** Value of Set-Cookie for a new session. It has no expiry: the browser drops it when it closes, the server before that. */
export function setCookie(id: string, isHttps: boolean): string {
  return `${cookieName(isHttps)}=${id}; Path=/; HttpOnly; SameSite=Strict${isHttps ? '; Secure' : ''}`
}

export function clearCookie(isHttps: boolean): string {
  return `${setCookie('', isHttps)}; Max-Age=0`
}
