import { useState } from 'react';

import { Button } from '../../design/Button';
import { Form } from '../../design/Form';
import { CommandError, ErrorNotice } from '../../design/Notice';
import type { RestoreSource, UiError } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { plainSentence } from '../../lib/format';
import { messages } from '../../messages';
import { NO_SOURCE, restoreSource, type TypedSource } from './model';
import styles from './Onboarding.module.css';
import { NO_PASSPHRASE } from './PassphraseFields';
import { RestoreFields } from './RestoreFields';
import { SealingFields, useSealing } from './Sealing';

interface Asked {
  source: RestoreSource;
  sealedWith: string | null;
}

/** The keys of a home that has everything else: its words bring them back, and nothing else changes. */
export function KeysGone({
  reason,
  mayReturn,
}: {
  reason: string;
  /** They may be there again without the words: a keyring only does not run. */
  mayReturn: boolean;
}) {
  const { keysGone: text } = messages.onboarding;
  const [typed, setTyped] = useState(NO_SOURCE);
  const [passphrase, setPassphrase] = useState(NO_PASSPHRASE);
  const restore = useCommand(
    ({ source: from, sealedWith }: Asked) =>
      client.keysRestore({ source: from, ...(sealedWith === null ? {} : { passphrase: sealedWith }) }),
    () => {
      setTyped(NO_SOURCE);
      setPassphrase(NO_PASSPHRASE);
    },
    { isSecret: true },
  );
  const source = restoreSource(typed);
  const sealing = useSealing([passphrase, setPassphrase], restore.error, (sealedWith) => {
    if (source !== null) {
      restore.runOnce({ source, sealedWith });
    }
  });
  const isBlocked = source === null || restore.isRunning;
  const { otherError } = sealing;
  const areThere = otherError?.code === 'identity_exists';
  const check = useCommand(() => client.retryStart());
  return (
    <Form className={styles.panel} label={text.title} onSubmit={sealing.submit}>
      <h2 className={styles.heading}>{text.title}</h2>
      <p className={styles.quiet}>{plainSentence(reason)}</p>
      <p>{text.safe}</p>
      <RestoreFields value={typed} note={text.note} onChange={setTyped} />
      <SealingFields sealing={sealing} isDisabled={isBlocked} />
      {otherError !== null && (
        <ErrorNotice
          error={otherError}
          title={refusal(otherError, typed.kind)}
          next={{ identity_exists: text.thereNext }}
        />
      )}
      <CommandError command={check} />
      <div className={styles.row}>
        {(areThere || mayReturn) && (
          <Button
            look={areThere ? 'primary' : 'plain'}
            isDisabled={check.isRunning}
            onPress={() => check.runOnce()}
          >
            {check.isRunning ? messages.status.problem.checking : messages.status.problem.again}
          </Button>
        )}
        <Button type="submit" look={areThere ? 'plain' : 'primary'} isDisabled={isBlocked}>
          {restore.isRunning ? messages.everywhere.working : text.confirm}
        </Button>
      </div>
    </Form>
  );
}

/** What went wrong, as far as the code tells: a file with a wrong passphrase may well hold the right words. */
function refusal({ code }: UiError, kind: TypedSource['kind']): string {
  const { otherOwner, wrongWords, wrongFile, failed, there } = messages.onboarding.keysGone;
  if (code === 'identity_exists') {
    return there;
  }
  if (code === 'other_owner') {
    return otherOwner;
  }
  if (code === 'wrong_key') {
    return kind === 'sealed' ? wrongFile : wrongWords;
  }
  return failed;
}
