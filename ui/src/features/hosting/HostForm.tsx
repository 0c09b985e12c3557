import { useState } from 'react';

import { Button } from '../../design/Button';
import { Field } from '../../design/Field';
import { Form } from '../../design/Form';
import type { HostReport, HostSettings } from '../../ipc/bindings';
import { messages } from '../../messages';
import styles from './HostingScreen.module.css';
import { changedFields, type HostForm as Typed, hostFormOf, type HostProblems, readHostForm } from './model';

export interface HostFormProps {
  report: HostReport;
  isRunning: boolean;
  onSave: (settings: HostSettings) => void;
}

/** Space and limits. Saving a quota is what switches hosting on. */
export function HostForm({ report, isRunning, onSave }: HostFormProps) {
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
    // Before hosting is on, only a quota switches it on.
    const isQuotaMissing = !report.hosting && form.quotaGb.trim() === '';
    const changed = changedFields(form, report);
    // What is filled in already counts then: it is what the person lends, and did so before the disk was missing.
    const asked = report.hosting ? changed : { ...changed, quotaGb: form.quotaGb };
    const read = readHostForm(asked);
    if (isQuotaMissing) {
      setProblems({ quotaGb: text.quotaWrong });
    } else if ('problems' in read) {
      setProblems(read.problems);
    } else if (Object.keys(read.settings).length === 0) {
      setUnchanged(true);
    } else {
      onSave(read.settings);
    }
  };
  return (
    <Form className={styles.form} onSubmit={save}>
      <Field label={text.quota} value={form.quotaGb} onChange={set('quotaGb')} error={problems.quotaGb} />
      <Field label={text.term} value={form.termDays} onChange={set('termDays')} error={problems.termDays} />
      <Field
        label={text.up}
        value={form.upKb}
        onChange={set('upKb')}
        about={text.limitAbout}
        error={problems.upKb}
      />
      <Field
        label={text.down}
        value={form.downKb}
        onChange={set('downKb')}
        about={text.limitAbout}
        error={problems.downKb}
      />
      <div className={styles.state}>
        <Button type="submit" look="primary" isDisabled={isRunning}>
          {report.hosting ? text.save : messages.hosting.switchOn}
        </Button>
        <span role="status">{isUnchanged && text.unchanged}</span>
      </div>
    </Form>
  );
}
