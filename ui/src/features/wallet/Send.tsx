import { useState } from 'react';

import { Button } from '../../design/Button';
import { ConfirmDialog } from '../../design/ConfirmDialog';
import { Facts } from '../../design/Facts';
import { Field } from '../../design/Field';
import { Form } from '../../design/Form';
import { CommandError, Note } from '../../design/Notice';
import { Card } from '../../design/Screen';
import type { PaymentPlan, UiError } from '../../ipc/bindings';
import { client } from '../../ipc/client';
import { useCommand } from '../../ipc/useCommand';
import { plainName } from '../../lib/format';
import { useXlm } from '../../lib/money';
import { messages } from '../../messages';
import { NO_PAYMENT, type PaymentForm, type PaymentProblems, readPayment, refusedPayment } from './model';
import styles from './Wallet.module.css';

/** After these a payment was not made, and its plan is gone. */
const CLEAR_NO: ReadonlySet<UiError['code']> = new Set<UiError['code']>(['invalid_request', 'not_found']);

export interface SendProps {
  /** An earlier payment may or may not have been made. */
  isUndecided: boolean;
  /** Something was paid, or may have been. */
  onSent: () => void;
}

/** A payment: what it comes to, then a yes. */
export function Send({ isUndecided, onSent }: SendProps) {
  const { send } = messages.wallet;
  const xlm = useXlm();
  const [form, setForm] = useState(NO_PAYMENT);
  const [problems, setProblems] = useState<PaymentProblems>({});
  const [paid, setPaid] = useState<string | null>(null);
  const [planned, setPlanned] = useState<PaymentPlan | null>(null);
  const [isAsking, setAsking] = useState(false);
  const plan = useCommand(client.walletSendPlan, (answer) => {
    setPlanned(answer);
    setAsking(true);
  });
  const pay = useCommand(
    (token: string) => client.walletSend({ token }),
    ({ amount_xlm: amount }) => {
      setPaid(amount);
      setPlanned(null);
      setAsking(false);
      setForm(NO_PAYMENT);
      onSent();
    },
  );
  const refused = refusedPayment(plan.error);
  const set = (field: keyof PaymentForm) => (value: string) => {
    setForm({ ...form, [field]: value });
    setProblems({});
    setPaid(null);
    setPlanned(null);
    plan.reset();
  };
  const ask = () => {
    const read = readPayment(form);
    if (planned !== null) {
      // It says what went wrong with it, and is kept until that is decided.
      setAsking(true);
    } else if ('problems' in read) {
      setProblems(read.problems);
    } else {
      pay.reset();
      plan.runOnce(read.payment);
    }
  };
  const close = () => {
    setAsking(false);
    // What failed may be paid all the same, as the history tells. The same payment again is the same one, and is not paid twice.
    if (pay.error === null || CLEAR_NO.has(pay.error.code)) {
      setPlanned(null);
    }
    onSent();
  };
  const field = (name: keyof PaymentForm) => ({
    value: form[name],
    onChange: set(name),
    error: problems[name] ?? refused[name],
  });
  return (
    <Card title={send.title}>
      <p className={styles.quiet}>{send.about}</p>
      {isUndecided && <p role="note">{send.undecided}</p>}
      {Object.keys(refused).length === 0 && <CommandError command={plan} />}
      {paid !== null && <Note onClose={() => setPaid(null)}>{send.paid(xlm(paid))}</Note>}
      <Form className={styles.form} label={send.title} onSubmit={ask}>
        <Field label={send.destination} about={send.destinationAbout} {...field('destination')} />
        <Field label={send.amount} {...field('amount')} />
        <Field label={send.memo} about={send.memoAbout} {...field('memo')} />
        <Button type="submit" isDisabled={plan.isRunning}>
          {plan.isRunning ? messages.everywhere.working : send.plan}
        </Button>
      </Form>
      {isAsking && planned !== null && (
        <PayDialog
          planned={planned}
          isBusy={pay.isRunning}
          error={pay.error}
          onClose={close}
          onConfirm={() => pay.runOnce(planned.token)}
        />
      )}
    </Card>
  );
}

interface PayDialogProps {
  planned: PaymentPlan;
  isBusy: boolean;
  error: UiError | null;
  onClose: () => void;
  onConfirm: () => void;
}

/** What a payment comes to, before it is made. */
function PayDialog({ planned: { plan }, ...question }: PayDialogProps) {
  const { send } = messages.wallet;
  const xlm = useXlm();
  return (
    <ConfirmDialog
      {...question}
      title={send.planTitle}
      role="alertdialog"
      isTextOnly
      cancel={send.keep}
      confirm={send.confirm}
      errorSafe={send.safe}
    >
      <Facts
        facts={[
          { name: messages.wallet.history.amount, value: xlm(plan.amount_xlm) },
          { name: send.destination, value: <code>{plainName(plan.destination)}</code> },
          ...(plan.memo === undefined
            ? []
            : [{ name: messages.wallet.memo, value: <bdi>{plainName(plan.memo)}</bdi> }]),
          { name: send.fee, value: send.feeWords(xlm(plan.fee_xlm), xlm(plan.fee_cap_xlm)) },
          { name: send.left, value: xlm(plan.left_xlm) },
        ]}
      />
      {plan.opens_account && <p>{send.opens}</p>}
      <p>{send.noBack}</p>
    </ConfirmDialog>
  );
}
