import { FieldError, Input, Label, Text, TextField } from 'react-aria-components';

import styles from './Field.module.css';

export interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  about?: string;
  /** Why the value cannot be used; absent while it can. */
  error?: string | undefined;
  type?: 'text' | 'password' | 'search';
  autoFocus?: boolean;
  isDisabled?: boolean;
  isLabelHidden?: boolean;
  placeholder?: string;
}

export function Field(props: FieldProps) {
  const { label, about, error, type = 'text', isLabelHidden = false, placeholder, ...rest } = props;
  return (
    <TextField
      {...rest}
      className={styles.field ?? ''}
      type={type}
      isInvalid={error !== undefined}
      autoComplete="off"
      spellCheck="false"
      {...(isLabelHidden ? { 'aria-label': label } : {})}
    >
      {!isLabelHidden && <Label className={styles.label ?? ''}>{label}</Label>}
      <Input className={styles.input ?? ''} {...(placeholder === undefined ? {} : { placeholder })} />
      {about !== undefined && (
        <Text slot="description" className={styles.about ?? ''}>
          {about}
        </Text>
      )}
      <FieldError className={styles.error ?? ''}>{error}</FieldError>
    </TextField>
  );
}
