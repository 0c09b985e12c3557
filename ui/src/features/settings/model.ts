/** What a terminal takes to ask the node of this home; quoted, so that it can be pasted whatever the path. */
export function commandFor(home: string): string {
  const quoted = /^[\w@%+=:,./-]+$/u.test(home) ? home : `'${home.replaceAll("'", `'\\''`)}'`;
  return `layr --home ${quoted} status`;
}
