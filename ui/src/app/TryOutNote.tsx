import { useIsTryOut } from '../lib/tryOut';
import { messages } from '../messages';
import styles from './TryOutNote.module.css';

/** Stays for as long as the network is the try-out one: whoever forgets it may delete an original. */
export function TryOutNote() {
  if (!useIsTryOut()) {
    return null;
  }
  return (
    <p className={styles.note} role="note">
      {messages.shell.tryOut}
    </p>
  );
}
