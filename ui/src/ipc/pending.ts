// Commands, fields and events of the seam that the shell's registry does not list yet. What stands on them is not
// offered before the registry does (`isServed`); then the bindings carry the same shapes and this file goes.

import type { Ask } from './bindings';

export interface ActivityEntry {
  id: number;
  at: string;
  level: 'info' | 'warning' | 'action';
  title: string;
  text: string;
  resolved: boolean;
  /** The place of the page where this can be seen to, such as `/transfers`. */
  opens?: string;
}

export interface Worker {
  name: string;
  about: string;
  state: 'working' | 'resting' | 'failed';
  since?: string;
  last_error?: string;
}

export interface ActivityReport {
  entries: ActivityEntry[];
  workers: Worker[];
}

export interface PendingEvents {
  'activity-changed': null;
}

export const pendingCommandsOver = (ask: Ask) => ({
  transferReveal: (request: { id: number }) => ask<void>('transfer_reveal', request),
  activity: () => ask<ActivityReport>('activity'),
  activityResolve: (request: { id: number }) => ask<void>('activity_resolve', request),
  activityClear: () => ask<void>('activity_clear'),
});
