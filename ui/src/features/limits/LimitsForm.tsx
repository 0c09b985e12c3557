import { useState } from 'react';

import { Button } from '../../design/Button';
import { Field } from '../../design/Field';
import { Form } from '../../design/Form';
import { plainSentence } from '../../lib/format';
import { messages } from '../../messages';
import styles from './LimitsForm.module.css';
import { isOther, type LineForm, type Problems, type Read, type RefusedSchedule, refilled } from './model';

/** What whoever shows the form knows of the command that saves it. */
export interface Saving<Settings> {
  isRunning: boolean;
  isSaved: boolean;
  /** The times that the node did not take when they were last asked for. */
  refused: RefusedSchedule | null;
  onSave: (settings: Settings) => void;
  /** What was saved is of the past: something else is typed. */
  onForget: () => void;
}

export interface LimitsFormProps<Name extends string, Settings> extends Saving<Settings> {
  /** As the node's answer fills it. */
  filled: Record<Name, string>;
  /** In front of the times, in the order in which they stand. */
  fields: readonly { name: Name; label: string; about?: string }[];
  read: (form: Record<Name, string>) => Read<Name, Settings>;
  submit: (form: Record<Name, string>) => string;
  /** Other cards of the screen have a primary button as well. */
  isOneOfMany?: boolean;
}

/** Fields of numbers, then the times in which the limits among them hold. */
export function LimitsForm<Name extends string, Settings extends object>({
  filled,
  fields,
  read,
  submit,
  isRunning,
  isSaved,
  refused,
  isOneOfMany = false,
  onSave,
  onForget,
}: LimitsFormProps<Name | keyof LineForm, Settings>) {
  const text = messages.limits;
  const [form, setForm] = useState(filled);
  const [isUnchanged, setUnchanged] = useState(false);
  const [problems, setProblems] = useState<Problems<Name | keyof LineForm>>({});
  const [filledBefore, setFilledBefore] = useState(filled);
  // What the node has anew fills the fields that were left as they were filled, and leaves alone what is being typed.
  if (isOther(filled, filledBefore)) {
    setFilledBefore(filled);
    setForm(refilled(form, filledBefore, filled));
    setProblems({});
    setUnchanged(false);
  }
  // What was saved is shown as the node has it, and is no edit any longer: `1,5` is 1.5, and a limit of 0 is none.
  const [asked, setAsked] = useState(filled);
  const [wasSaved, setWasSaved] = useState(isSaved);
  if (isSaved !== wasSaved) {
    setWasSaved(isSaved);
    if (isSaved) {
      setForm(refilled(form, asked, filled));
    }
  }
  const set = (field: Name | keyof LineForm) => (value: string) => {
    setForm({ ...form, [field]: value });
    if (isSaved) {
      onForget();
    }
    setProblems({});
    setUnchanged(false);
  };
  const save = () => {
    if (isRunning) {
      return;
    }
    const answer = read(form);
    if ('problems' in answer) {
      setProblems(answer.problems);
    } else if (Object.keys(answer.settings).length === 0) {
      setUnchanged(true);
    } else {
      setAsked(form);
      onSave(answer.settings);
    }
  };
  // Other times than the refused ones may be right.
  const scheduleProblem =
    refused?.schedule === form.schedule.trim() ? plainSentence(refused.message) : undefined;
  return (
    <Form className={styles.form} onSubmit={save}>
      {fields.map(({ name, ...field }) => (
        <Field key={name} {...field} value={form[name]} onChange={set(name)} error={problems[name]} />
      ))}
      <Field
        label={text.schedule}
        value={form.schedule}
        onChange={set('schedule')}
        about={text.scheduleAbout}
        error={scheduleProblem}
      />
      <div className={styles.submit}>
        <Button type="submit" look={isOneOfMany ? 'plain' : 'primary'} isDisabled={isRunning}>
          {submit(form)}
        </Button>
        <span role="status">
          {isUnchanged ? text.unchanged : scheduleProblem !== undefined && text.refused}
        </span>
      </div>
    </Form>
  );
}
