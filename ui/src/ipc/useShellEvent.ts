import { useEffect, useRef } from 'react';

import { onShellEvent, type ShellEvents } from './events';

/**
 * Calls back on every event of that name while the component is there. It listens once, whatever the callback:
 * between the end of one listening and the begin of the next an event would be lost.
 */
export function useShellEvent<Name extends keyof ShellEvents>(
  name: Name,
  callback: (payload: ShellEvents[Name]) => void,
): void {
  const latest = useRef(callback);
  useEffect(() => {
    latest.current = callback;
  });
  useEffect(() => onShellEvent(name, (payload) => latest.current(payload)), [name]);
}
