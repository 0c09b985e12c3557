// Commands, fields and events of the seam that the shell's registry does not list yet. What stands on them is not
// offered before the registry does (`isServed`); then the bindings carry the same shapes and this file goes.

import type {
  Ask,
  ChosenNetwork,
  ImportPreview,
  RestoreRequest,
  Selection,
  TransfersReport,
} from './bindings';

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

export type Theme = 'system' | 'light' | 'dark';

export interface Settings {
  close_to_tray: boolean;
  autostart: boolean;
  notifications: boolean;
  theme: Theme;
}

/** Where the keys of an identity that exists come from. */
export type RestoreSource = { phrase: string } | { sealed: { selection: string; passphrase: string } };

/** The transfers, with the end of a pause that has one. */
export type PausableReport = TransfersReport & { paused_until?: string };

export interface PendingEvents {
  navigate: { to: string };
  'activity-changed': null;
  'close-asked': null;
  opened: null;
}

export const pendingCommandsOver = (ask: Ask) => ({
  transferReveal: (request: { id: number }) => ask<void>('transfer_reveal', request),
  transfersPauseFor: (request: { minutes: number }) => ask<void>('transfers_pause_for', request),
  activity: () => ask<ActivityReport>('activity'),
  activityResolve: (request: { id: number }) => ask<void>('activity_resolve', request),
  activityClear: () => ask<void>('activity_clear'),
  settings: () => ask<Settings>('settings'),
  settingsSet: (request: Settings) => ask<Settings>('settings_set', request),
  closeDecided: (request: { keep_running: boolean }) => ask<void>('close_decided', request),
  quit: () => ask<void>('quit'),
  phraseCopy: () => ask<{ clears_in_s: number }>('phrase_copy'),
  phrasePrint: () => ask<void>('phrase_print'),
  phraseSave: (request: { passphrase: string }) => ask<{ path: string } | null>('phrase_save', request),
  onboardingChooseSealed: () => ask<Pick<Selection, 'selection'> | null>('onboarding_choose_sealed'),
  opened: () => ask<ImportPreview | null>('opened'),
});

/**
 * The request of `onboarding_restore`. A shell that serves no sealed files takes the words alone, under their old
 * name.
 */
export function restoreRequest(
  source: RestoreSource,
  network: ChosenNetwork,
  passphrase: string | null,
  takesSource: boolean,
): RestoreRequest {
  const request = { network, ...(passphrase === null ? {} : { passphrase }) };
  const asked = takesSource || !('phrase' in source) ? { ...request, source } : { ...request, ...source };
  return asked as unknown as RestoreRequest;
}
