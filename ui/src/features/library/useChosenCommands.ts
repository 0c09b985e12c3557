import type { ListedFile } from '../../ipc/bindings';
import { type ScreenCommand, useOfferedCommands } from '../../lib/screenCommands';
import { messages } from '../../messages';
import { nameOfChosen } from './model';
import type { LibraryAction } from './ChosenTools';

/** Offers in the command palette what can be done with the chosen rows and has no key of its own. */
export function useChosenCommands(
  chosen: ReadonlyMap<string, ListedFile>,
  { isTrash, isChecking }: { isTrash: boolean; isChecking: boolean },
  act: (action: LibraryAction) => void,
): void {
  const files = [...chosen.values()];
  const { everywhere, library } = messages;
  const commands: ScreenCommand[] = [];
  if (files.length > 0 && !isTrash && !isChecking) {
    commands.push({
      id: 'check',
      text: everywhere.named(library.check.now, nameOfChosen(files)),
      run: () => act('check'),
    });
  }
  if (files.length === 1 && !isTrash) {
    commands.push({
      id: 'share',
      text: everywhere.named(library.action.share, nameOfChosen(files)),
      run: () => act('share'),
    });
  }
  useOfferedCommands(commands);
}
