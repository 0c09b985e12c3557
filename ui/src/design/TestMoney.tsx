import { useMoney } from '../lib/money';
import { messages } from '../messages';
import styles from './TestMoney.module.css';

/** Says that the money of this network is worth nothing, where that is so. */
export function TestMoney() {
  if (useMoney() !== 'test') {
    return null;
  }
  return (
    <p className={styles.note} role="note">
      {messages.money.testNote}
    </p>
  );
}
