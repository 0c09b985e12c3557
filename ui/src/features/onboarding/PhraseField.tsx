import { Label, Text, TextArea, TextField } from 'react-aria-components';

import { formatCount } from '../../lib/format';
import { messages } from '../../messages';
import styles from './Onboarding.module.css';

/** The words of an identity that exists, typed or pasted. */
export function PhraseField({
  value,
  count,
  onChange,
}: {
  value: string;
  count: number;
  onChange: (value: string) => void;
}) {
  const { onboarding } = messages;
  return (
    <>
      <TextField
        className={styles.field ?? ''}
        value={value}
        onChange={onChange}
        autoComplete="off"
        spellCheck="false"
      >
        <Label className={styles.label ?? ''}>{onboarding.phrase}</Label>
        <TextArea className={styles.area ?? ''} rows={4} autoCapitalize="none" />
        <Text slot="description" className={styles.quiet ?? ''}>
          {onboarding.phraseAbout} {onboarding.phraseCount(formatCount(count))}
        </Text>
      </TextField>
      <p className={styles.quiet}>{onboarding.restoreNote}</p>
    </>
  );
}
