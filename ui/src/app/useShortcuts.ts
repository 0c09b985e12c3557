import { useEffect, useRef } from 'react';

import { latinKey } from '../lib/keyboard';
import { zoomKey } from './useZoomKeys';

export interface Shortcuts {
  palette: () => void;
  help: () => void;
  upload: () => void;
  find: () => void;
  screen: (index: number) => void;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, [contenteditable]') !== null;
}

/** What a key asks for; null where it is none of the window's. */
function shortcutOf(
  event: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target'>,
  shortcuts: Shortcuts,
  isSingleKeyOn: boolean,
): (() => void) | null {
  if (event.altKey) {
    return null;
  }
  if (event.ctrlKey || event.metaKey) {
    // As it is written: on many keyboards it takes Shift and the key of a digit.
    if (event.key === '/') {
      return shortcuts.help;
    }
    // The same of the text size: on some keyboards `-` and `+` stand where others have a digit.
    if (zoomKey(event.key) !== undefined) {
      return null;
    }
    const key = latinKey(event);
    const digit = /^[1-9]$/u.test(key) ? Number(key) : 0;
    if (digit > 0) {
      return () => shortcuts.screen(digit - 1);
    }
    const byKey: Record<string, () => void> = {
      k: shortcuts.palette,
      o: shortcuts.upload,
      f: shortcuts.find,
    };
    return byKey[key] ?? null;
  }
  return isSingleKeyOn && event.key === '?' && !isTyping(event.target) ? shortcuts.help : null;
}

/**
 * The shortcuts of the whole window. A sheet that is open keeps its keys to itself. A character alone is one only where
 * the person left that on: speech input writes characters that nobody means as commands (WCAG 2.2, 2.1.4).
 */
export function useShortcuts(shortcuts: Shortcuts, isSingleKeyOn: boolean): void {
  const latest = useRef({ shortcuts, isSingleKeyOn });
  useEffect(() => {
    latest.current = { shortcuts, isSingleKeyOn };
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const action = shortcutOf(event, latest.current.shortcuts, latest.current.isSingleKeyOn);
      if (action === null) {
        return;
      }
      // The web view has its own Ctrl+O and Ctrl+K.
      event.preventDefault();
      // Holding a key asks once.
      const isTaken =
        event.repeat || document.querySelector('[role="dialog"], [role="alertdialog"]') !== null;
      if (!isTaken) {
        action();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
