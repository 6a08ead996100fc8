/** Names that can stand in a URL path as they are: none of the reserved characters of RFC 3986, section 2.2. */
export function isUrlSafe(name: string): boolean {
  return !/[:/?#[\]@!$&'()*+,;=]/.test(name);
}
