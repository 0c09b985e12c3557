import type { FileDetails } from '../../ipc/bindings';
import { formatCount } from '../../lib/format';
import { messages } from '../../messages';
import styles from './DetailsPane.module.css';
import { chanceWords } from './model';

/** How likely a file is to be lost, with what that rests on for whoever opens it. */
export function Durability({ file }: { file: FileDetails }) {
  const { details } = messages.library;
  const words = chanceWords(file);
  if (words === null) {
    return null;
  }
  const { assumed, host_life_days: life, repair_days: repair } = file.model;
  const days = (count: number) => details.days(Math.round(count), formatCount(Math.round(count)));
  return (
    <>
      <p>{words}</p>
      <details className={styles.where}>
        <summary>{details.rests}</summary>
        <ul className={styles.assumptions}>
          <li>{(assumed ? details.lifeAssumed : details.lifeMeasured)(days(life))}</li>
          <li>{details.together}</li>
          <li>{details.repairedIn(days(repair))}</li>
          <li>{details.awayIsLost}</li>
          <li>{details.sharedWithYou}</li>
        </ul>
      </details>
    </>
  );
}
