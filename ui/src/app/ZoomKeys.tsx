import { CommandError } from '../design/Notice';
import { messages } from '../messages';
import { useZoomKeys } from './useZoomKeys';
import styles from './ZoomKeys.module.css';

/** Makes the keys for the size of the text work, and says why when they do not. */
export function ZoomKeys() {
  const failure = useZoomKeys();
  return (
    <div className={styles.failure}>
      <CommandError command={failure} title={messages.settings.zoomFailed} />
    </div>
  );
}
