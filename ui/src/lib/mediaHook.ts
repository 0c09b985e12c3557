import { useSyncExternalStore } from 'react';

/** A hook that follows whether this condition of style sheets holds for the window. */
export function mediaHook(condition: string): () => boolean {
  const subscribe = (onChange: () => void) => {
    const media = window.matchMedia(condition);
    media.addEventListener('change', onChange);
    return () => media.removeEventListener('change', onChange);
  };
  const holds = () => window.matchMedia(condition).matches;
  return function useMedia() {
    return useSyncExternalStore(subscribe, holds);
  };
}
