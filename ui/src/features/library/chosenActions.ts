import type { ListedFile } from '../../ipc/bindings';
import type { LibraryAction } from './chosenTools';
import { mayLackParts } from './repairWords';
import type { Check } from './useCheck';
import type { LibraryActions } from './useLibraryActions';
import type { Repair } from './useRepair';

export interface ChosenActionsOptions {
  chosen: readonly ListedFile[];
  isTrash: boolean;
  actions: LibraryActions;
  onOpen: (directory: ListedFile) => void;
  check: Pick<Check, 'start' | 'plan'>;
  repair: Pick<Repair, 'plan'>;
}

/** What every action does with the chosen rows; nothing where it has no meaning for them. */
export function chosenActions({ chosen, isTrash, actions, onOpen, check, repair }: ChosenActionsOptions) {
  const single = chosen.length === 1 ? chosen[0] : undefined;
  const byAction: Record<LibraryAction, () => void> = {
    open: () => single !== undefined && onOpen(single),
    download: () => actions.download.run(chosen),
    rename: () => single !== undefined && !isTrash && actions.open({ kind: 'rename', file: single }),
    export: () => single !== undefined && actions.open({ kind: 'export', file: single }),
    remove: () => chosen.length > 0 && !isTrash && actions.open({ kind: 'remove', files: chosen }),
    restore: () => actions.restore.run(chosen),
    check: () => check.start(chosen),
    thorough: () => check.plan(chosen),
    repair: () => repair.plan(chosen.filter(mayLackParts)),
    share: () => single !== undefined && !actions.isBusy && actions.share.run(single),
  };
  return (action: LibraryAction) => byAction[action]();
}
