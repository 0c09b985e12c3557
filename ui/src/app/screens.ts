import {
  Activity,
  ArrowUpDown,
  FolderLock,
  HardDrive,
  Handshake,
  type LucideIcon,
  Network,
  Settings,
  Wallet,
} from 'lucide-react';

import type { messages } from '../messages';

export type ScreenName = keyof typeof messages.shell.screens;

/** The screens in the order of the navigation; their place is also their shortcut. */
export const SCREENS: readonly { name: ScreenName; to: `/${ScreenName}`; icon: LucideIcon }[] = [
  { name: 'library', to: '/library', icon: FolderLock },
  { name: 'transfers', to: '/transfers', icon: ArrowUpDown },
  { name: 'agreements', to: '/agreements', icon: Handshake },
  { name: 'hosting', to: '/hosting', icon: HardDrive },
  { name: 'network', to: '/network', icon: Network },
  { name: 'wallet', to: '/wallet', icon: Wallet },
  { name: 'activity', to: '/activity', icon: Activity },
  { name: 'settings', to: '/settings', icon: Settings },
];

/** Places of the window that are no screen of the navigation. */
const OTHER_PLACES = new Set(['/phrase']);

/** Whether an address from outside names a place of this window. */
export function isKnownPlace(place: string): boolean {
  const path = place.split('?')[0];
  return OTHER_PLACES.has(place) || SCREENS.some((screen) => screen.to === path);
}
