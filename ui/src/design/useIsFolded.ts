import { useSyncExternalStore } from 'react';

/** A window in which buttons that may do so show their icon only: as in the style sheet of the button. */
const FOLDED = '(width < 48rem)';

function subscribe(onChange: () => void): () => void {
  const media = window.matchMedia(FOLDED);
  media.addEventListener('change', onChange);
  return () => media.removeEventListener('change', onChange);
}

export function useIsFolded(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(FOLDED).matches);
}
