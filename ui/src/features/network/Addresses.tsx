import { plainName } from '../../lib/format';
import { messages } from '../../messages';
import styles from './NetworkScreen.module.css';

/** Where somebody can be reached, each on a line that can be copied. */
export function Addresses({ addresses }: { addresses: readonly string[] }) {
  if (addresses.length === 0) {
    return messages.network.noAddress;
  }
  return (
    <ul className={styles.addresses}>
      {addresses.map((address) => (
        <li key={address}>
          <code>{plainName(address)}</code>
        </li>
      ))}
    </ul>
  );
}
