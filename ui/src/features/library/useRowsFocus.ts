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

/** Once a dialog is closed whose button has gone with the selection: the rows have the focus. */
export function useFocusAfterDialog(isOpen: boolean, focusRows: () => void): void {
  const wasOpen = useRef(false);
  useEffect(() => {
    if (isOpen || !wasOpen.current) {
      wasOpen.current = isOpen;
      return undefined;
    }
    wasOpen.current = false;
    // In the first frame the dialog gives the focus back to what opened it, if that is still there.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        if (document.activeElement === document.body) {
          focusRows();
        }
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [isOpen, focusRows]);
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
