import { useLayoutEffect, useRef } from 'react';

import { keepScroll, scrollOf } from './libraryPlaces';

/** For what scrolls rows: it is where they were left, as soon as it is known how many there are. */
export function useKeptScroll(viewKey: string, isKnown: boolean) {
  const scroller = useRef<HTMLDivElement>(null);
  const shown = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (scroller.current === null || (isKnown && shown.current === viewKey)) {
      return;
    }
    shown.current = isKnown ? viewKey : null;
    scroller.current.scrollTop = isKnown ? scrollOf(viewKey) : 0;
  }, [viewKey, isKnown]);
  const onScroll = () => {
    // Rows that are not there yet are scrolled by nobody.
    if (scroller.current !== null && shown.current === viewKey) {
      keepScroll(viewKey, scroller.current.scrollTop);
    }
  };
  return { scroller, onScroll };
}
