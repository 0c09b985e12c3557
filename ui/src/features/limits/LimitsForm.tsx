import { useState } from 'react';

import { Button } from '../../design/Button';
import { Field } from '../../design/Field';
import { Form } from '../../design/Form';
import { plainName } from '../../lib/format';
import { messages } from '../../messages';
import styles from './LimitsForm.module.css';
import type { LineForm, Problems, Read, RefusedSchedule } from './model';

/** What whoever shows the form knows of the command that saves it. */
export interface Saving<Settings> {
  isRunning: boolean;
  /** The times that the node did not take when they were last asked for. */
  refused: RefusedSchedule | null;
  onSave: (settings: Settings) => void;
}

export interface LimitsFormProps<Name extends string, Settings> extends Saving<Settings> {
  /** As the node's answer fills it. */
  filled: Record<Name, string>;
  /** In front of the times, in the order in which they stand. */
  fields: readonly { name: Name; label: string; about?: string }[];
  read: (form: Record<Name, string>) => Read<Name, Settings>;
  submit: string;
}

/** Fields of numbers, then the times in which the limits among them hold. */
export function LimitsForm<Name extends string, Settings extends object>({
  filled,
  fields,
  read,
  submit,
  isRunning,
  refused,
  onSave,
}: LimitsFormProps<Name | keyof LineForm, Settings>) {
  const text = messages.limits;
  const [form, setForm] = useState(filled);
  const [isUnchanged, setUnchanged] = useState(false);
  const [problems, setProblems] = useState<Problems<Name | keyof LineForm>>({});
  const set = (field: Name | keyof LineForm) => (value: string) => {
    setForm({ ...form, [field]: value });
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
      onSave(answer.settings);
    }
  };
  // Other times than the refused ones may be right.
  const scheduleProblem = refused?.schedule === form.schedule.trim() ? plainName(refused.message) : undefined;
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
        <Button type="submit" look="primary" isDisabled={isRunning}>
          {submit}
        </Button>
        <span role="status">
          {isUnchanged ? text.unchanged : scheduleProblem !== undefined && text.refused}
        </span>
      </div>
    </Form>
  );
}
