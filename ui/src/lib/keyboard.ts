/** How a shortcut with the command key reads on this computer: `Ctrl K`, or `⌘ K` on a Mac. */
export function shortcutText(key: string, platform = navigator.platform): string {
  return `${platform.startsWith('Mac') ? '⌘' : 'Ctrl'} ${key}`;
}
