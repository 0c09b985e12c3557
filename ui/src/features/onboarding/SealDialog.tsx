import { useId, useState } from 'react';

import { ConfirmDialog } from '../../design/ConfirmDialog';
import { Form } from '../../design/Form';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { messages } from '../../messages';
import styles from './Onboarding.module.css';
import { isUsable, NO_PASSPHRASE, PassphraseFields } from './PassphraseFields';

/** Asks for the passphrase of a sealed file; where it goes is asked by the shell. */
export function SealDialog({ onClose, onSaved }: { onClose: () => void; onSaved: (path: string) => void }) {
  const { seal } = messages.onboarding;
  const form = useId();
  const [passphrase, setPassphrase] = useState(NO_PASSPHRASE);
  const save = useCommand(
    client.phraseSave,
    (saved) => {
      // Dismissed: what was typed stays in its field for another try.
      if (saved !== null) {
        onSaved(saved.path);
      }
    },
    { isSecret: true },
  );
  const submit = () => {
    setPassphrase({ ...passphrase, isTried: true });
    if (isUsable(passphrase)) {
      save.runOnce({ passphrase: passphrase.first });
    }
  };
  return (
    <ConfirmDialog
      title={seal.title}
      confirm={seal.confirm}
      isBusy={save.isRunning}
      error={save.error}
      form={form}
      onClose={onClose}
    >
      <p>{seal.about}</p>
      <Form id={form} className={styles.form} onSubmit={submit}>
        <PassphraseFields value={passphrase} autoFocus onChange={setPassphrase} />
      </Form>
    </ConfirmDialog>
  );
}
