import { useState } from 'react';

import { chosenActions } from './chosenActions';
import { chosenTools } from './chosenTools';
import type { LibraryScreenProps } from './LibraryScreen';
import { useCheck } from './useCheck';
import { useChosenCommands } from './useChosenCommands';
import { useLibraryActions } from './useLibraryActions';
import { useLibraryView } from './useLibraryView';
import { useRepair } from './useRepair';
import { useFocusAfterDialog, useForgottenRows, useRowsFocus } from './useRowsFocus';
import { useTable } from './useTable';

/** What the library shows and what is chosen in it, with every way from there. */
export function useLibrary(props: LibraryScreenProps) {
  const { dir, at, isTrash, onState, onOpenDir } = props;
  const [check, repair] = [useCheck(), useRepair()];
  const [isDetailsShown, setDetailsShown] = useState(true);
  const listed = useLibraryView(props);
  const table = useTable(listed.view, at);
  const { frame, focusRows } = useRowsFocus();
  const actions = useLibraryActions();
  const isAsked = actions.dialog !== null || check.isPlanned || repair.isPlanned;
  useFocusAfterDialog(isAsked, focusRows);
  useForgottenRows(actions.gone, table.forget, focusRows);

  const openDir = (opened: string) => {
    listed.showAllOf(opened);
    onOpenDir(opened);
  };
  /** Of a folder above, with the keyboard on the way back down. */
  const openUp = (above: string) => onOpenDir(above, dir.slice(above.length + 1).split('/')[0]);
  const openRow = (index: number) => {
    const file = table.rows.rowAt(index);
    if (file?.kind === 'directory' && !isTrash) {
      openDir(file.name);
    } else if (file !== undefined) {
      setDetailsShown(true);
    }
  };
  const chosen = [...table.chosen.values()];
  const act = chosenActions({
    chosen,
    isTrash,
    actions,
    onOpen: ({ name }) => {
      openDir(name);
      // The button goes with what it was pressed among.
      focusRows();
    },
    check,
    repair,
  });
  const [isChecking, isRepairing] = [check.running !== null, repair.running !== null];
  const tools = chosenTools({ chosen, isTrash, isBusy: actions.isBusy, isChecking, isRepairing });
  useChosenCommands(chosen, tools, act);
  return {
    ...listed,
    table,
    actions,
    chosen,
    act,
    tools,
    isChecking,
    isRepairing,
    frame,
    focusRows,
    openRow,
    openAbove: (above: string) => {
      openUp(above);
      focusRows();
    },
    openTreeFolder: (folder: string) => folder !== dir && openDir(folder),
    openParent: () => dir !== '' && openUp(dir.slice(0, dir.lastIndexOf('/'))),
    clearSearch: () => {
      listed.setSearch('');
      focusRows();
    },
    clearState: () => {
      onState(undefined);
      focusRows();
    },
    isDetailsShown,
    toggleDetails: () => setDetailsShown((isShown) => !isShown),
  };
}

export type Library = ReturnType<typeof useLibrary>;
