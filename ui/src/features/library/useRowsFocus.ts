import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from 'react';

/** Where the focus stays while the rows are exchanged: on the table, and on its frame while there is no table. */
export function useRowsFocus() {
  const frame = useRef<HTMLDivElement>(null);
  const focusRows = useCallback(() => {
    const table = frame.current?.querySelector<HTMLElement>('[role="grid"]') ?? frame.current;
    table?.focus();
  }, []);
  return { frame, focusRows };
}

/** Gives the rows the focus where it is lost, once everybody else has moved it. */
function whenLost(focusRows: () => void): () => void {
  // In the first frame a dialog gives the focus back to what opened it, if that is still there.
  let frame = requestAnimationFrame(() => {
    frame = requestAnimationFrame(() => {
      if (document.activeElement === document.body) {
        focusRows();
      }
    });
  });
  return () => cancelAnimationFrame(frame);
}

/** Once a dialog is closed whose button has gone with the selection: the rows have the focus. */
export function useFocusAfterDialog(isOpen: boolean, focusRows: () => void): void {
  const wasOpen = useRef(false);
  useEffect(() => {
    if (isOpen || !wasOpen.current) {
      wasOpen.current = isOpen;
      return undefined;
    }
    wasOpen.current = false;
    return whenLost(focusRows);
  }, [isOpen, focusRows]);
}

/** What has gone from the rows is no longer chosen. What was chosen meanwhile stays, and the focus where it is. */
export function useForgottenRows(
  gone: readonly string[],
  forget: (ids: readonly string[]) => void,
  focusRows: () => void,
): void {
  const seen = useRef(gone);
  useEffect(() => {
    if (seen.current === gone) {
      return undefined;
    }
    seen.current = gone;
    forget(gone);
    // The button that was pressed goes with the selection.
    return whenLost(focusRows);
  }, [gone, forget, focusRows]);
}

/** For the table in that frame: takes the focus over from it, and gives it back instead of losing it. */
export function useFocusFromFrame(
  table: RefObject<HTMLElement | null>,
  frame: RefObject<HTMLElement | null>,
): void {
  useLayoutEffect(() => {
    const [own, around] = [table.current, frame.current];
    if (around !== null && around === document.activeElement) {
      own?.focus();
    }
    return () => {
      if (own?.contains(document.activeElement) === true) {
        around?.focus();
      }
    };
  }, [table, frame]);
}
