import { useState } from 'react';

import { Button } from '../../design/Button';
import { Switch } from '../../design/Choice';
import { Field } from '../../design/Field';
import { Form } from '../../design/Form';
import { CommandError, Note } from '../../design/Notice';
import { Card } from '../../design/Screen';
import type { AgreementsReport, SpendingReport, SpendingSettings } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { isNothing, useXlm } from '../../lib/money';
import { messages } from '../../messages';
import { isOther, type Problems, refilled } from '../limits/model';
import styles from './Agreements.module.css';
import { readSpending, type SpendingForm, spendingFormOf } from './model';

export interface SpendingProps {
  limits: SpendingReport;
  /** What the ledger took in the last 30 days. */
  fees: string;
  onSaved: (change: (report: AgreementsReport) => AgreementsReport) => void;
}

/** What may be spent, and whether agreements renew themselves within that. */
export function Spending({ limits, fees, onSaved }: SpendingProps) {
  const text = messages.agreements.limits;
  const xlm = useXlm();
  const save = useCommand(client.agreementsLimit, (saved) =>
    onSaved((report) => ({ ...report, limits: saved })),
  );
  return (
    <Card title={text.title}>
      <p className={styles.quiet}>{text.about}</p>
      {!isNothing(fees) && <p className={styles.quiet}>{text.fees(xlm(fees))}</p>}
      <CommandError command={save} />
      {save.isDone && <Note onClose={save.reset}>{text.saved}</Note>}
      <Amounts
        limits={limits}
        isRunning={save.isRunning}
        isSaved={save.isDone}
        onSave={save.run}
        onForget={save.reset}
      />
      <Switch
        label={text.renew}
        about={text.renewAbout}
        isSelected={limits.auto_renew}
        isDisabled={save.isRunning}
        onChange={(isOn) => save.run({ auto_renew: isOn })}
      />
    </Card>
  );
}

interface AmountsProps {
  limits: SpendingReport;
  isRunning: boolean;
  isSaved: boolean;
  onSave: (settings: SpendingSettings) => void;
  onForget: () => void;
}

function Amounts({ limits, isRunning, isSaved, onSave, onForget }: AmountsProps) {
  const text = messages.agreements.limits;
  const filled = spendingFormOf(limits);
  const [form, setForm] = useState(filled);
  const [filledBefore, setFilledBefore] = useState(filled);
  const [problems, setProblems] = useState<Problems<keyof SpendingForm>>({});
  const [isUnchanged, setUnchanged] = useState(false);
  // What the node has anew fills what was left as it was filled, and leaves alone what is being typed.
  if (isOther({ ...filled }, { ...filledBefore })) {
    setFilledBefore(filled);
    setForm({ ...refilled({ ...form }, { ...filledBefore }, { ...filled }) });
  }
  // What was saved is shown as the node has it, and is no edit any longer: `1,5` is 1.5.
  const [asked, setAsked] = useState(filled);
  const [wasSaved, setWasSaved] = useState(isSaved);
  if (isSaved !== wasSaved) {
    setWasSaved(isSaved);
    if (isSaved) {
      setForm({ ...refilled({ ...form }, { ...asked }, { ...filled }) });
    }
  }
  const set = (field: keyof SpendingForm) => (value: string) => {
    setForm({ ...form, [field]: value });
    setProblems({});
    setUnchanged(false);
    onForget();
  };
  const ask = () => {
    const read = readSpending(form, limits);
    if ('problems' in read) {
      setProblems(read.problems);
    } else if (Object.keys(read.settings).length === 0) {
      setUnchanged(true);
    } else {
      setAsked(form);
      onSave(read.settings);
    }
  };
  return (
    <Form className={styles.form} label={text.title} onSubmit={ask}>
      <Field
        label={text.price}
        about={text.priceAbout}
        value={form.price}
        onChange={set('price')}
        error={problems.price}
      />
      <Field
        label={text.cap}
        about={text.capAbout}
        value={form.cap}
        onChange={set('cap')}
        error={problems.cap}
      />
      <div className={styles.submit}>
        <Button type="submit" look="primary" isDisabled={isRunning}>
          {text.save}
        </Button>
        <span role="status">{isUnchanged && text.unchanged}</span>
      </div>
    </Form>
  );
}
