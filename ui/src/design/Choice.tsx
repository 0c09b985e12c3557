import { Label, Radio, RadioGroup, Switch as AriaSwitch } from 'react-aria-components';

import styles from './Choice.module.css';

export interface Option<Value extends string> {
  value: Value;
  title: string;
  about?: string;
}

/** One of a few, all of them visible with what they mean. */
export function Choice<Value extends string>({
  label,
  value,
  options,
  isRow = false,
  isDisabled = false,
  onChange,
}: {
  label: string;
  value: Value | null;
  options: readonly Option<Value>[];
  /** Side by side, for short ones without explanations. */
  isRow?: boolean;
  isDisabled?: boolean;
  onChange: (value: Value) => void;
}) {
  return (
    <RadioGroup
      className={styles.group ?? ''}
      data-row={isRow || undefined}
      value={value}
      isDisabled={isDisabled}
      onChange={(chosen) => {
        const option = options.find((candidate) => candidate.value === chosen);
        if (option !== undefined) {
          onChange(option.value);
        }
      }}
    >
      <Label className={styles.label ?? ''}>{label}</Label>
      {options.map((option) => (
        <Radio key={option.value} value={option.value} className={styles.option ?? ''}>
          <span className={styles.dot} aria-hidden="true" />
          <span className={styles.words}>
            <span className={styles.title}>{option.title}</span>
            {option.about !== undefined && <span className={styles.about}>{option.about}</span>}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}

export function Switch({
  label,
  about,
  isSelected,
  isDisabled = false,
  onChange,
}: {
  label: string;
  about?: string;
  isSelected: boolean;
  isDisabled?: boolean;
  onChange: (isSelected: boolean) => void;
}) {
  return (
    <AriaSwitch
      className={styles.switch ?? ''}
      isSelected={isSelected}
      isDisabled={isDisabled}
      onChange={onChange}
    >
      <span className={styles.track} aria-hidden="true" />
      <span className={styles.words}>
        <span className={styles.title}>{label}</span>
        {about !== undefined && <span className={styles.about}>{about}</span>}
      </span>
    </AriaSwitch>
  );
}
