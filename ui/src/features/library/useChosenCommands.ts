import type { ListedFile } from '../../ipc/bindings';
import { useOfferedCommands } from '../../lib/screenCommands';
import { messages } from '../../messages';
import type { ChosenTool, LibraryAction } from './chosenTools';
import { nameOfChosen } from './model';

/** Offers in the command palette whatever can be done with the chosen rows now. */
export function useChosenCommands(
  chosen: readonly ListedFile[],
  tools: readonly ChosenTool[],
  act: (action: LibraryAction) => void,
): void {
  useOfferedCommands(
    tools
      .filter(({ isDisabled }) => !isDisabled)
      .map(({ action, text }) => ({
        id: `chosen-${action}`,
        text: messages.everywhere.named(text, nameOfChosen(chosen)),
        run: () => act(action),
      })),
  );
}
