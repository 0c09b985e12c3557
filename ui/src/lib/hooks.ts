import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

const MINUTE_MS = 60_000;

/** The value as it was when it last stayed the same for so long. */
export function useDelayed<Value>(value: Value, delayMs: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return settled;
}

/** A callback that is always the same and calls the newest: for what is drawn again only where it has changed. */
export function useSteady<Given extends unknown[]>(
  callback: (...given: Given) => void,
): (...given: Given) => void {
  const latest = useRef(callback);
  useLayoutEffect(() => {
    latest.current = callback;
  });
  return useCallback((...given: Given) => latest.current(...given), []);
}

/** Calls back in a steady beat, and once whenever the window is looked at again; no timer runs while it is hidden. */
export function useBeat(everyMs: number, callback: () => void): void {
  const latest = useRef(callback);
  useEffect(() => {
    latest.current = callback;
  });
  useEffect(() => {
    let timer: ReturnType<typeof setInterval> | undefined;
    const beat = () => latest.current();
    const follow = () => {
      clearInterval(timer);
      if (document.visibilityState === 'visible') {
        timer = setInterval(beat, everyMs);
      }
    };
    const followAndBeat = () => {
      follow();
      if (document.visibilityState === 'visible') {
        beat();
      }
    };
    follow();
    document.addEventListener('visibilitychange', followAndBeat);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', followAndBeat);
    };
  }, [everyMs]);
}

/** The time, once a minute unless asked for more often, and not at all while nobody looks. */
export function useNow(everyMs = MINUTE_MS): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useBeat(everyMs, () => setNowMs(Date.now()));
  return nowMs;
}
