import { useEffect, useRef } from 'react';

import { useSettings, useSettingsChange } from '../features/settings/useSettings';
import { zoomAfter, type ZoomKey } from '../features/settings/zoom';
import type { FailedCommand } from '../ipc/useCommand';

// `=` is the key of `+` without Shift, `_` that of `-` with it.
const ZOOM_KEYS: Record<string, ZoomKey> = {
  '+': 'larger',
  '=': 'larger',
  '-': 'smaller',
  _: 'smaller',
  '0': 'usual',
};

/** What a written character means for the size of the text; undefined where it means nothing. */
export function zoomKey(key: string): ZoomKey | undefined {
  return ZOOM_KEYS[key];
}

/** The keys for the size of the text. They work everywhere, also in a sheet: there it may be too small as well. */
export function useZoomKeys(): FailedCommand {
  const settings = useSettings().data;
  const save = useSettingsChange();
  const press = (key: ZoomKey) => {
    // One after the other: a key that is held down must not overtake the answer it builds on.
    if (settings === undefined || save.isRunning) {
      return;
    }
    const zoom = zoomAfter(settings.zoom_percent, key);
    if (zoom !== settings.zoom_percent) {
      save.run({ zoom_percent: zoom });
    }
  };
  const latest = useRef(press);
  useEffect(() => {
    latest.current = press;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const key = zoomKey(event.key);
      if (key !== undefined && (event.ctrlKey || event.metaKey) && !event.altKey) {
        event.preventDefault();
        latest.current(key);
      }
    };
    // Before a sheet or a field takes the key for itself.
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, []);
  return save;
}
