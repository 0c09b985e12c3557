import type { PaymentRequest, UiError, WalletHistory } from '../../ipc/bindings';
import { plainSentence } from '../../lib/format';
import { typedXlm } from '../../lib/money';
import { messages } from '../../messages';

/** A payment as it is typed. */
export interface PaymentForm {
  destination: string;
  amount: string;
  memo: string;
}

export const NO_PAYMENT: PaymentForm = { destination: '', amount: '', memo: '' };

export type PaymentProblems = Partial<Record<keyof PaymentForm, string>>;

/** What a form asks for, or why it cannot be. What an account is, and what there is to pay with, the node says. */
export function readPayment(form: PaymentForm): { payment: PaymentRequest } | { problems: PaymentProblems } {
  const { send } = messages.wallet;
  const [destination, memo, amount] = [form.destination.trim(), form.memo.trim(), typedXlm(form.amount)];
  const problems: PaymentProblems = {
    ...(destination === '' ? { destination: send.empty } : {}),
    ...(amount === null ? { amount: messages.money.wrong } : {}),
  };
  if (amount === null || destination === '') {
    return { problems };
  }
  return { payment: { destination, amount_xlm: amount, ...(memo === '' ? {} : { memo }) } };
}

const FIELDS: Record<string, keyof PaymentForm> = {
  destination: 'destination',
  amount_xlm: 'amount',
  memo: 'memo',
};

/** What the node said of one of the fields; nothing where it speaks of something else. */
export function refusedPayment(error: UiError | null): PaymentProblems {
  const named = error?.params['field'];
  const field = typeof named === 'string' ? FIELDS[named] : undefined;
  return error === null || field === undefined ? {} : { [field]: plainSentence(error.message) };
}

/** Whether a payment was signed of which nobody knows whether it came. */
export function hasUndecided(history: WalletHistory | undefined): boolean {
  return (history?.transactions ?? []).some(
    ({ kind, state }) => kind === 'payment' && (state === 'pending' || state === 'refused'),
  );
}
