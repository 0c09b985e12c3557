import type { AnyRouter } from '@tanstack/react-router';
import { useEffect } from 'react';

/**
 * Frames after which everybody who moves the focus has done so: in the first React Aria gives it back to what opened a
 * sheet, in the second the library takes it to its rows.
 */
const SETTLING_FRAMES = 3;

function afterSettling(callback: () => void): () => void {
  let left = SETTLING_FRAMES;
  let frame = 0;
  const next = () => {
    if (left === 0) {
      callback();
      return;
    }
    left -= 1;
    frame = requestAnimationFrame(next);
  };
  next();
  return () => cancelAnimationFrame(frame);
}

const openSheet = () =>
  [...document.querySelectorAll<HTMLElement>('[role="dialog"], [role="alertdialog"]')].at(-1);

/** The name of the screen, from where Tab leads to what the screen holds. */
function focusScreen(): void {
  const screen = document.querySelector<HTMLElement>('main h1') ?? document.querySelector('main');
  if (screen !== null) {
    // It takes the focus, but is no stop of Tab.
    screen.tabIndex = -1;
    screen.focus();
  }
}

const isLost = () => document.activeElement === null || document.activeElement === document.body;

/**
 * Keeps the focus in the window when what had it goes: whoever uses keys or a screen reader would stand at the very
 * beginning otherwise, and hear nothing. A button that was only out of use for a while gets it back.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: HTMLElement | null = null;
    let wasDisabled = false;
    let stopWaiting = () => undefined as void;
    // A press on nothing at all lets the focus go on purpose.
    const remember = () => {
      const { activeElement } = document;
      last = activeElement instanceof HTMLElement && !isLost() ? activeElement : null;
      wasDisabled = false;
    };
    const follow = () => {
      if (last?.isConnected === true) {
        const isDisabled = last.matches(':disabled');
        if (wasDisabled && !isDisabled && isLost()) {
          last.focus();
        }
        wasDisabled = isDisabled;
      } else if (last !== null && isLost()) {
        last = null;
        stopWaiting();
        stopWaiting = afterSettling(() => {
          if (isLost()) {
            const sheet = openSheet();
            if (sheet === undefined) {
              focusScreen();
            } else {
              sheet.focus();
            }
          }
        });
      }
    };
    const changes = new MutationObserver(follow);
    const what = { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] };
    changes.observe(document.body, what);
    document.addEventListener('focusin', remember);
    document.addEventListener('pointerup', remember, true);
    return () => {
      stopWaiting();
      changes.disconnect();
      document.removeEventListener('focusin', remember);
      document.removeEventListener('pointerup', remember, true);
    };
  }, []);
}

/**
 * Goes to a place of the window and tells so by moving the focus to its name: for a way that no press within the window
 * has led, as a key, the palette, the tray or a notification. A sheet that is open keeps the focus.
 */
export function goTo(router: AnyRouter, place: string): void {
  const stop = router.subscribe('onRendered', ({ hrefChanged }) => {
    stop();
    if (hrefChanged) {
      afterSettling(() => {
        if (openSheet() === undefined) {
          focusScreen();
        }
      });
    }
  });
  router.history.push(place);
}
