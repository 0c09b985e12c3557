import type { ErrorCode } from '../ipc/bindings';

/**
 * What is safe and what to do, where the code of an error tells; the message itself says what happened. These stand
 * under commands that failed, of which nothing waits: only the queue of transfers tries again by itself, and says so.
 */
const next: Record<ErrorCode, string> = {
  invalid_request: 'Nothing was changed. Check what you typed or chose, then try again.',
  not_found: 'Nothing was changed. It may have been renamed or removed meanwhile; look at the list again.',
  damaged:
    'Nothing was overwritten. Other parts may still bring it back: try again when more hosts can be reached.',
  not_enough_hosts: 'What was stored before stays stored. Try again when more hosts can be reached.',
  not_enough_space: 'Nothing was lost. Store less, or wait until hosts offer more room.',
  not_enough_funds: 'Nothing was paid. Add funds, then try again.',
  no_node: 'What is stored stays stored. Close Layr and start it again.',
  network_unreachable: 'Nothing was lost. Try again when the network is back.',
  locked: 'Nothing was sent. Unlock your keys, then try again.',
  wrong_key: 'Nothing was changed. Check what you typed and try again.',
  // The message says that nothing was changed, and what to use instead.
  other_owner:
    'Compare the owner with the one that you noted, or that Settings on your other computer shows.',
  interrupted: 'Nothing is lost. Start it again.',
  home_in_use: 'Nothing is wrong with your files. Close the other Layr, then try again.',
  identity_exists: 'The identity that is here was left as it is. Restart Layr to use it.',
  no_identity: 'Nothing was changed. Create an identity or restore one first.',
  database_unusable:
    'What is stored on hosts is not touched. Free some space or check the disk, then start Layr again.',
  invalid_manifest: 'Nothing was imported. Ask for the file again.',
  disk_full: 'Nothing was overwritten. Free some space on this computer, then try again.',
  local_file: 'Nothing else was touched. Check the file or folder, then try again.',
  conflict: 'Nothing was overwritten. Put right what is in the way, then try again.',
  internal: 'This is a defect of Layr. What is stored stays stored. If it happens again, start Layr anew.',
  keyring_unavailable: 'Nothing was written. Unlock the keyring of this computer, or use a passphrase.',
};

export const everywhere = {
  appName: 'Layr',
  cancel: 'Cancel',
  close: 'Close',
  retry: 'Try again',
  working: 'Working…',
  loading: 'Loading…',
  loadFailed: 'This could not be loaded.',
  outOfDate: 'What you see may be out of date.',
  defect: 'Something went wrong inside Layr.',
  actionFailed: 'That did not work.',
  errorNext: next,
  errorCode: 'Code',
  more: (text: string) => `and ${text} more`,
  named: (action: string, name: string) => `${action}: ${name}`,
  costUnknown: 'Not known',
} as const;
