import styles from './Select.module.css';

export interface SelectProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; text: string }[];
  /** Elsewhere what is chosen explains itself. */
  isLabelShown?: boolean;
  isDisabled?: boolean;
  onChange: (value: Value) => void;
}

/** One of a few where there is no room for all of them: the control of the system. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { label, value, options, isLabelShown = false, isDisabled = false, onChange } = props;
  const select = (
    <select
      className={styles.select}
      aria-label={label}
      value={value}
      disabled={isDisabled}
      onChange={(event) => {
        const chosen = options.find((option) => option.value === event.target.value);
        if (chosen !== undefined) {
          onChange(chosen.value);
        }
      }}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.text}
        </option>
      ))}
    </select>
  );
  return isLabelShown ? (
    <div className={styles.labelled}>
      {/* The control has it as its name. */}
      <span aria-hidden="true">{label}</span>
      {select}
    </div>
  ) : (
    select
  );
}
