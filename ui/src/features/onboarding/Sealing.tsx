import { useState } from 'react';

import { Button } from '../../design/Button';
import type { UiError } from '../../ipc/bindings';
import { plainSentence } from '../../lib/format';
import { messages } from '../../messages';
import styles from './Onboarding.module.css';
import { isUsable, type NewPassphrase, PassphraseFields } from './PassphraseFields';

/**
 * How keys that are written are kept: in the keyring, or, where the last attempt found that it cannot be used, sealed
 * with a passphrase. `write` makes the attempt, with a passphrase or null.
 */
export function useSealing(
  [passphrase, setPassphrase]: [NewPassphrase, (passphrase: NewPassphrase) => void],
  lastError: UiError | null,
  write: (passphrase: string | null) => void,
) {
  // Why a passphrase is asked for; null while the keyring may do.
  const [keyringProblem, setKeyringProblem] = useState<string | null>(null);
  const isOfKeyring = lastError?.code === 'keyring_unavailable';
  if (isOfKeyring && lastError.message !== keyringProblem) {
    setKeyringProblem(lastError.message);
  }
  return {
    keyringProblem,
    /** What went wrong besides the keyring. */
    otherError: isOfKeyring ? null : lastError,
    passphrase,
    setPassphrase,
    submit: () => {
      if (keyringProblem === null) {
        write(null);
        return;
      }
      setPassphrase({ ...passphrase, isTried: true });
      if (isUsable(passphrase)) {
        write(passphrase.first);
      }
    },
    tryKeyring: () => write(null),
  };
}

/** Nothing while the keyring may do; then why it does not, and the passphrase in its place. */
export function SealingFields({
  sealing,
  isDisabled,
}: {
  sealing: ReturnType<typeof useSealing>;
  isDisabled: boolean;
}) {
  const { onboarding } = messages;
  const { keyringProblem, passphrase, setPassphrase, tryKeyring } = sealing;
  if (keyringProblem === null) {
    return null;
  }
  return (
    <div className={styles.form} role="group" aria-label={onboarding.noKeyring}>
      <h3 className={styles.label}>{onboarding.noKeyring}</h3>
      <p role="alert">{plainSentence(keyringProblem)}</p>
      <p className={styles.quiet}>{onboarding.noKeyringAbout}</p>
      <div className={styles.row}>
        <Button isDisabled={isDisabled} onPress={tryKeyring}>
          {onboarding.keyringAgain}
        </Button>
      </div>
      <PassphraseFields value={passphrase} onChange={setPassphrase} />
    </div>
  );
}
