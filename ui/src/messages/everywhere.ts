import type { ErrorCode } from '../ipc/bindings';

/** What is safe and what to do, where the code of an error tells; the message itself says what happened. */
const next: Partial<Record<ErrorCode, string>> = {
  not_found: 'It may have been renamed or removed meanwhile. Look at the list again.',
  not_enough_hosts: 'What was stored stays stored. Layr tries again when more hosts can be reached.',
  not_enough_space: 'Nothing was lost. Store less, or wait until hosts offer more room.',
  not_enough_funds: 'Nothing was paid. Add funds, then try again.',
  no_node: 'The node of this window does not run. Close Layr and start it again.',
  network_unreachable: 'Nothing was lost. Layr tries again when the network is back.',
  locked: 'Nothing was sent. Unlock your keys, then try again.',
  wrong_key: 'Nothing was changed. Check what you typed and try again.',
  other_owner: 'Nothing was changed. Use the 24 words of the owner whose files are here, or another home.',
  interrupted: 'Nothing is lost. Starting it again continues where it stopped.',
  disk_full: 'Nothing was overwritten. Free some space on this computer, then try again.',
  local_file: 'Nothing else was touched. Check the file or folder, then try again.',
  conflict: 'Nothing was overwritten. Choose another name, then try again.',
  invalid_manifest: 'Nothing was imported. Ask for the file again.',
  internal: 'This is a defect of Layr. Nothing was changed by the page; start Layr again if it repeats.',
};

export const everywhere = {
  appName: 'Layr',
  cancel: 'Cancel',
  close: 'Close',
  retry: 'Try again',
  working: 'Working…',
  loading: 'Loading…',
  loadFailed: 'This could not be loaded.',
  actionFailed: 'That did not work.',
  errorNext: next,
  errorCode: 'Code',
  perMonth: (xlm: string) => (Number(xlm) === 0 ? 'Free' : `${xlm} XLM a month`),
  costUnknown: 'Not known',
  health: (alive: number, needed: number, total: number) =>
    `${alive} of ${total} parts stored, any ${needed === 1 ? 'one brings' : `${needed} bring`} it back`,
  yes: 'Yes',
  no: 'No',
} as const;
