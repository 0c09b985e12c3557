import { useState } from 'react';

import { Button } from '../../design/Button';
import { Field } from '../../design/Field';
import { Form } from '../../design/Form';
import type { HostReport, HostSettings } from '../../ipc/bindings';
import { plainName } from '../../lib/format';
import { messages } from '../../messages';
import styles from './HostingScreen.module.css';
import {
  type HostForm as Typed,
  hostFormOf,
  type HostProblems,
  readHostForm,
  type RefusedSchedule,
} from './model';

export interface HostFormProps {
  report: HostReport;
  isRunning: boolean;
  /** The times that the node did not take when they were last asked for. */
  refused: RefusedSchedule | null;
  onSave: (settings: HostSettings) => void;
}

/** Space, limits and their times. Saving a quota is what switches hosting on. */
export function HostForm({ report, isRunning, refused, onSave }: HostFormProps) {
  const text = messages.hosting.form;
  const [form, setForm] = useState<Typed>(() => hostFormOf(report));
  const [isUnchanged, setUnchanged] = useState(false);
  const [problems, setProblems] = useState<HostProblems>({});
  const set = (field: keyof Typed) => (value: string) => {
    setForm({ ...form, [field]: value });
    setProblems({});
    setUnchanged(false);
  };
  const save = () => {
    if (isRunning) {
      return;
    }
    const read = readHostForm(form, report);
    if ('problems' in read) {
      setProblems(read.problems);
    } else if (Object.keys(read.settings).length === 0) {
      setUnchanged(true);
    } else {
      onSave(read.settings);
    }
  };
  // Other times than the refused ones may be right.
  const scheduleProblem = refused?.schedule === form.schedule.trim() ? plainName(refused.message) : undefined;
  const field = (name: keyof Typed, label: string, about?: string) => (
    <Field
      label={label}
      value={form[name]}
      onChange={set(name)}
      error={problems[name]}
      {...(about === undefined ? {} : { about })}
    />
  );
  return (
    <Form className={styles.form} onSubmit={save}>
      {field('quotaGb', text.quota)}
      {field('termDays', text.term)}
      {field('upKb', text.up, text.limitAbout)}
      {field('downKb', text.down, text.limitAbout)}
      {field('peerUpKb', text.peerUp, text.limitAbout)}
      {field('peerDownKb', text.peerDown, text.limitAbout)}
      <Field
        label={text.schedule}
        value={form.schedule}
        onChange={set('schedule')}
        about={text.scheduleAbout}
        error={scheduleProblem}
      />
      <div className={styles.state}>
        <Button type="submit" look="primary" isDisabled={isRunning}>
          {report.hosting ? text.save : messages.hosting.switchOn}
        </Button>
        <span role="status">
          {isUnchanged ? text.unchanged : scheduleProblem !== undefined && text.refused}
        </span>
      </div>
    </Form>
  );
}
