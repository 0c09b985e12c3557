import type { Transfer } from '../../ipc/bindings';
import { shortName } from '../../lib/format';
import { messages } from '../../messages';
import { addressOf, uncover } from '../library/libraryPlaces';
import styles from './TransfersScreen.module.css';

/** The way from an upload that is done to where it lies. Nothing is given to the shell: it is a link of the window. */
export function ShowInLibrary({ transfer }: { transfer: Transfer }) {
  const { transfers, everywhere } = messages;
  const place = placeOf(transfer);
  return (
    place !== null && (
      <a
        className={styles.link}
        href={`#${place}`}
        onClick={() => uncover(place)}
        aria-label={everywhere.named(transfers.showInLibrary, shortName(transfer.name))}
      >
        {transfers.showInLibrary}
      </a>
    )
  );
}

/** The folder in the library, at the one thing that was stored where it is one; null where none is known. */
function placeOf({ kind, state, folder, name }: Transfer): string | null {
  if (kind !== 'upload' || state !== 'done' || folder === undefined) {
    return null;
  }
  return addressOf(folder === '/' ? '' : folder, name);
}
