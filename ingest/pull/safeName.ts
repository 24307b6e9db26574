/**
 * A name of ours for a file that somebody else named: a plain name in one folder, never a path, without characters that
 * hide or turn text around (security.md IN-05). Manifests keep their ending, so that they still stand beside their file.
 */
export function safeName(name: string): string {
  const last = name.normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const plain = last.replaceAll(/[^\p{L}\p{N} ._()+,=@-]/gu, '_').replace(/^[. ]+/, '')
  const ending = /\.[A-Za-z0-9]{1,10}(\.manifest\.json)?$/.exec(plain)?.[0] ?? ''
  // Letters of up to four bytes each, in a name that may have 255.
  const stem = Array.from(plain.slice(0, plain.length - ending.length))
    .slice(0, 50)
    .join('')
  return `${stem || 'file'}${ending}`
}
