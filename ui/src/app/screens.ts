import {
  Activity,
  ArrowUpDown,
  FolderLock,
  HardDrive,
  type LucideIcon,
  Network,
  Settings,
} from 'lucide-react';

import { type client, isServed } from '../ipc/client';
import type { messages } from '../messages';

export type ScreenName = keyof typeof messages.shell.screens;

type Command = keyof typeof client;

const ALL: readonly { name: ScreenName; to: `/${ScreenName}`; icon: LucideIcon; needs: Command }[] = [
  { name: 'library', to: '/library', icon: FolderLock, needs: 'libraryPage' },
  { name: 'transfers', to: '/transfers', icon: ArrowUpDown, needs: 'transfers' },
  { name: 'hosting', to: '/hosting', icon: HardDrive, needs: 'hosting' },
  { name: 'network', to: '/network', icon: Network, needs: 'networkHosts' },
  { name: 'activity', to: '/activity', icon: Activity, needs: 'activity' },
  { name: 'settings', to: '/settings', icon: Settings, needs: 'settings' },
];

/** The screens in the order of the navigation; their place is also their shortcut. */
export const SCREENS = ALL.filter((screen) => isServed(screen.needs));

/** Places of the window that are no screen of the navigation. */
const OTHER_PLACES = new Set(['/phrase']);

/** Whether an address from outside names a place of this window. */
export function isKnownPlace(place: string): boolean {
  const path = place.split('?')[0];
  return OTHER_PLACES.has(place) || SCREENS.some((screen) => screen.to === path);
}
