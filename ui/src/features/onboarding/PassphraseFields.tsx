import { Field } from '../../design/Field';
import { messages } from '../../messages';
import { passphraseProblem } from './model';

/** A new passphrase as it is typed, twice. */
export interface NewPassphrase {
  first: string;
  again: string;
  /** Whether the person has tried to use it: before that nothing is called wrong. */
  isTried: boolean;
}

export const NO_PASSPHRASE: NewPassphrase = { first: '', again: '', isTried: false };

export function isUsable({ first, again }: NewPassphrase): boolean {
  const problem = passphraseProblem(first, again);
  return problem.first === undefined && problem.second === undefined;
}

export function PassphraseFields({
  value,
  autoFocus = false,
  onChange,
}: {
  value: NewPassphrase;
  autoFocus?: boolean;
  onChange: (value: NewPassphrase) => void;
}) {
  const { onboarding } = messages;
  const problem = value.isTried ? passphraseProblem(value.first, value.again) : {};
  return (
    <>
      <Field
        label={onboarding.passphrase}
        type="password"
        value={value.first}
        error={problem.first}
        autoFocus={autoFocus}
        onChange={(first) => onChange({ ...value, first, isTried: false })}
      />
      <Field
        label={onboarding.passphraseAgain}
        type="password"
        value={value.again}
        error={problem.second}
        onChange={(again) => onChange({ ...value, again, isTried: false })}
      />
    </>
  );
}
