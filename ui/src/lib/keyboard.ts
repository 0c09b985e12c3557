/** How a shortcut with the command key reads on this computer: `Ctrl K`, or `⌘ K` on a Mac. */
export function shortcutText(key: string, platform = navigator.platform): string {
  return `${platform.startsWith('Mac') ? '⌘' : 'Ctrl'} ${key}`;
}

/**
 * The letter or digit that a key means in a shortcut: what it writes, or what stands in its place on a Latin keyboard
 * where it writes another script, or a digit only with Shift.
 */
export function latinKey({ key, code }: Pick<KeyboardEvent, 'key' | 'code'>): string {
  const written = key.toLowerCase();
  if (/^[a-z0-9]$/u.test(written)) {
    return written;
  }
  return /^(?:Key([A-Z])|Digit(\d))$/u.exec(code)?.[0].slice(-1).toLowerCase() ?? written;
}
