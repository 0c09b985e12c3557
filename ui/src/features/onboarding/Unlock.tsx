import { useState } from 'react';

import { Button } from '../../design/Button';
import { Field } from '../../design/Field';
import { Form } from '../../design/Form';
import { ErrorNotice } from '../../design/Notice';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { plainSentence } from '../../lib/format';
import { messages } from '../../messages';
import styles from './Onboarding.module.css';

/** The passphrase of keys that are sealed. A wrong one stays typed, so that one letter can be put right. */
export function Unlock({ reason }: { reason: string }) {
  const { unlock, passphrase: label } = messages.onboarding;
  const [passphrase, setPassphrase] = useState('');
  const open = useCommand(client.unlock, () => setPassphrase(''), { isSecret: true });
  return (
    <Form
      className={styles.panel}
      label={unlock.title}
      onSubmit={() => {
        if (passphrase !== '' && !open.isRunning) {
          open.run({ passphrase });
        }
      }}
    >
      <h2 className={styles.heading}>{unlock.title}</h2>
      <p className={styles.quiet}>{plainSentence(reason)}</p>
      <p>{unlock.about}</p>
      <Field label={label} type="password" value={passphrase} onChange={setPassphrase} autoFocus />
      {open.error !== null && <ErrorNotice error={open.error} />}
      <div className={styles.row}>
        <Button type="submit" look="primary" isDisabled={open.isRunning || passphrase === ''}>
          {open.isRunning ? messages.everywhere.working : unlock.confirm}
        </Button>
      </div>
    </Form>
  );
}
