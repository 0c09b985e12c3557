import { useState } from 'react';

import { chosenActions } from './chosenActions';
import type { LibraryScreenProps } from './LibraryScreen';
import { useCheck } from './useCheck';
import { useChosenCommands } from './useChosenCommands';
import { useLibraryActions } from './useLibraryActions';
import { useLibraryView } from './useLibraryView';
import { useFocusAfterDialog, useRowsFocus } from './useRowsFocus';
import { useTable } from './useTable';

/** What the library shows and what is chosen in it, with every way from there. */
export function useLibrary(props: LibraryScreenProps) {
  const { dir, isTrash, onState, onOpenDir } = props;
  const check = useCheck();
  const [isDetailsShown, setDetailsShown] = useState(true);
  const listed = useLibraryView(props);
  const table = useTable(listed.view);
  const { frame, focusRows } = useRowsFocus();
  const actions = useLibraryActions(() => {
    table.reset();
    // The button that was pressed is gone with the selection.
    focusRows();
  });
  useFocusAfterDialog(actions.dialog !== null, focusRows);

  const openDir = (opened: string) => {
    listed.setSearch('');
    onOpenDir(opened);
  };
  /** For a button that goes with what it was pressed among. */
  const openDirFromButton = (opened: string) => {
    openDir(opened);
    focusRows();
  };
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
    onOpen: ({ name }) => openDirFromButton(name),
    onCheck: check.start,
  });
  const isChecking = check.running !== null;
  useChosenCommands(table.chosen, { isTrash, isChecking }, act);
  return {
    ...listed,
    table,
    actions,
    chosen,
    act,
    isChecking,
    frame,
    focusRows,
    openRow,
    openDirFromButton,
    openParent: () => dir !== '' && openDir(dir.slice(0, dir.lastIndexOf('/'))),
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
