// Commands, fields and events of the seam that the shell's registry does not list yet. What stands on them is not
// offered before the registry does (`isServed`); then the bindings carry the same shapes and this file goes.

import type { Ask, ChosenNetwork, ImportPreview, RestoreRequest, Selection } from './bindings';

/** Where the keys of an identity that exists come from. */
export type RestoreSource = { phrase: string } | { sealed: { selection: string; passphrase: string } };

export interface PendingEvents {
  opened: null;
}

export const pendingCommandsOver = (ask: Ask) => ({
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
