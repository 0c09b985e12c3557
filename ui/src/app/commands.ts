import { offeredForAll, pauseSpans } from '../features/transfers/model';
import { client } from '../ipc/client';
import type { TransfersReport } from '../ipc/bindings';
import { shortcutText } from '../lib/keyboard';
import { messages } from '../messages';
import { SCREENS } from './screens';

/** One entry of the command palette. */
export interface Command {
  id: string;
  text: string;
  keys?: string;
  run: () => void;
}

/** What commands of the window do beyond asking the shell. */
export interface CommandDoors {
  go: (to: string) => void;
  upload: (what: 'files' | 'folder') => void;
  import: () => void;
  importCopied: () => void;
  exportAll: () => void;
  /** Gives a command to the shell, and shows it when that fails. */
  give: (id: string, command: () => Promise<void>) => void;
  help: () => void;
}

/** Every command of the window that would do something now, with the keys that work now. */
export function commandsOf(
  transfers: TransfersReport | null,
  doors: CommandDoors,
  { isSingleKeyOn, canLock }: { isSingleKeyOn: boolean; canLock: boolean },
): Command[] {
  const { shell, library } = messages;
  return [
    {
      id: 'upload-files',
      text: library.uploadFiles,
      keys: shortcutText('O'),
      run: () => doors.upload('files'),
    },
    { id: 'upload-folder', text: library.uploadFolder, run: () => doors.upload('folder') },
    { id: 'import', text: shell.palette.import, run: doors.import },
    { id: 'import-copied', text: library.importCopied, run: doors.importCopied },
    { id: 'export-all', text: library.exportAll.command, run: doors.exportAll },
    ...SCREENS.map(({ name, to }, index) => ({
      id: name,
      text: shell.palette.go(shell.screens[name]),
      keys: shortcutText(String(index + 1)),
      run: () => doors.go(to),
    })),
    { id: 'trash', text: shell.palette.trash, run: () => doors.go('/library?trash=true') },
    ...transferCommands(transfers, doors),
    { id: 'phrase', text: shell.palette.phrase, run: () => doors.go('/phrase') },
    {
      id: 'help',
      text: shell.shortcuts.open,
      keys: isSingleKeyOn ? '?' : shortcutText('/'),
      run: doors.help,
    },
    ...(canLock
      ? [{ id: 'lock', text: messages.settings.lock, run: () => doors.give('lock', () => client.lock()) }]
      : []),
    { id: 'quit', text: messages.settings.quit, run: () => doors.give('quit', () => client.quit()) },
  ];
}

function transferCommands(report: TransfersReport | null, { give }: CommandDoors): Command[] {
  const { palette } = messages.shell;
  if (report === null) {
    return [];
  }
  const offered = offeredForAll(report);
  const commands: Command[] = [];
  if (offered.resume) {
    commands.push({
      id: 'resume',
      text: palette.resume,
      run: () => give('resume', () => client.transferResume({})),
    });
  }
  if (offered.pause) {
    commands.push(
      ...pauseSpans().map(({ id, text, pause }) => ({
        id: `pause-${id}`,
        text: palette.pause(text),
        run: () => give(`pause-${id}`, pause),
      })),
    );
  }
  if (offered.retry) {
    commands.push({
      id: 'retry',
      text: palette.retry,
      run: () => give('retry', () => client.transferRetry({})),
    });
  }
  if (offered.clear) {
    commands.push({
      id: 'clear',
      text: palette.clear,
      run: () => give('clear', () => client.transfersClear()),
    });
  }
  return commands;
}
