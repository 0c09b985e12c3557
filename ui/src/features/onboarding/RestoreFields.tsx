import type { Dispatch, SetStateAction } from 'react';

import { Button } from '../../design/Button';
import { Choice } from '../../design/Choice';
import { Field } from '../../design/Field';
import { CommandError } from '../../design/Notice';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { messages } from '../../messages';
import type { TypedSource } from './model';
import styles from './Onboarding.module.css';
import { PhraseField } from './PhraseField';

type ChangeSource = Dispatch<SetStateAction<TypedSource>>;

/** Where the keys of an identity that exists come from: the words, or a file sealed with a passphrase. */
export function RestoreFields({
  value,
  note,
  onChange,
}: {
  value: TypedSource;
  /** What the words bring back, and what they do not. */
  note: string;
  onChange: ChangeSource;
}) {
  const { onboarding } = messages;
  return (
    <>
      <Choice
        label={onboarding.source}
        value={value.kind}
        isRow
        options={[
          { value: 'phrase', title: onboarding.sourcePhrase },
          { value: 'sealed', title: onboarding.sourceSealed },
        ]}
        onChange={(kind) => onChange({ ...value, kind })}
      />
      {value.kind === 'phrase' ? (
        <PhraseField value={value.phrase} onChange={(phrase) => onChange({ ...value, phrase })} />
      ) : (
        <Sealed value={value} onChange={onChange} />
      )}
      <p className={styles.quiet}>{note}</p>
    </>
  );
}

function Sealed({ value, onChange }: { value: TypedSource; onChange: ChangeSource }) {
  const { onboarding } = messages;
  const choose = useCommand(client.onboardingChooseSealed, (chosen) => {
    if (chosen !== null) {
      // Words may have been typed beside the open dialog.
      onChange((now) => ({ ...now, selection: chosen.selection }));
    }
  });
  return (
    <>
      <div className={styles.row}>
        <Button isDisabled={choose.isRunning} onPress={() => choose.run()}>
          {onboarding.chooseSealed}
        </Button>
        <span role="status">
          {value.selection === null ? onboarding.sealedNeeded : onboarding.sealedChosen}
        </span>
      </div>
      <CommandError command={choose} />
      <Field
        label={onboarding.sealedPassphrase}
        type="password"
        value={value.passphrase}
        onChange={(passphrase) => onChange({ ...value, passphrase })}
      />
    </>
  );
}
