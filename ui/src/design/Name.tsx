import { plainName, shortName } from '../lib/format';
import styles from './Name.module.css';

/** The longest name a tooltip carries; the details pane has all of it. */
const TOOLTIP_CHARACTERS = 1000;

/** A name from outside on one line: as text, with what reorders text made visible, cut off where it does not fit. */
export function Name({ text }: { text: string }) {
  return (
    <bdi className={styles.name} title={plainName(text.slice(0, TOOLTIP_CHARACTERS))}>
      {shortName(text)}
    </bdi>
  );
}
