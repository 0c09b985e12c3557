import { useSyncExternalStore } from 'react';

/** A window in which folders have room beside the rows and the details. Below it nobody asks for them. */
const WIDE = '(width >= 69rem)';

function subscribe(onChange: () => void): () => void {
  const media = window.matchMedia(WIDE);
  media.addEventListener('change', onChange);
  return () => media.removeEventListener('change', onChange);
}

export function useIsWide(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(WIDE).matches);
}
