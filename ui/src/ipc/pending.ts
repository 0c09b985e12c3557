// Commands and events of the seam that the shell's registry does not list yet. What stands on them is not offered
// before the registry does (`isServed`); then the bindings carry the same shapes and this file goes.

import type { Ask } from './bindings';

export interface ActivityEntry {
  id: number;
  at: string;
  level: 'info' | 'warning' | 'action';
  title: string;
  text: string;
  resolved: boolean;
}

export interface ActivityReport {
  entries: ActivityEntry[];
}

export type Theme = 'system' | 'light' | 'dark';

export interface Settings {
  close_to_tray: boolean;
  autostart: boolean;
  notifications: boolean;
  theme: Theme;
}

export interface PendingEvents {
  navigate: { to: string };
  'activity-changed': null;
}

export const pendingCommandsOver = (ask: Ask) => ({
  transferReveal: (request: { id: number }) => ask<void>('transfer_reveal', request),
  activity: () => ask<ActivityReport>('activity'),
  activityResolve: (request: { id: number }) => ask<void>('activity_resolve', request),
  settings: () => ask<Settings>('settings'),
  settingsSet: (request: Settings) => ask<Settings>('settings_set', request),
});
