import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import type { PaymentRequest } from '../../ipc/bindings';
import { expectAccessible } from '../../testing/accessibility';
import { fakePaymentPlan, PAYEE } from '../../testing/fakeMoney';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { showWallet } from './showWallet';

const shell = shellForTests();

async function planned(amount = '12,5', memo = 'invoice 7') {
  const page = showWallet();
  const form = within(await screen.findByRole('form', { name: 'Send' }));
  await userEvent.type(form.getByLabelText('To'), ` ${PAYEE} `);
  await userEvent.type(form.getByLabelText('Amount, in XLM'), amount);
  if (memo !== '') {
    await userEvent.type(form.getByLabelText('Memo (not needed)'), memo);
  }
  await userEvent.click(form.getByRole('button', { name: 'See what it comes to…' }));
  return { ...page, form };
}

const sheet = async () => within(await screen.findByRole('alertdialog', { name: 'Pay this?' }));

describe('a payment', () => {
  it('is shown with its fee before it is made, is made by a yes to what was shown, and asked for once', async () => {
    await planned();
    const plan = await sheet();
    expect(shell.requests('wallet_send_plan')).toEqual([
      { destination: PAYEE, amount_xlm: '12.5', memo: 'invoice 7' },
    ]);
    expect(plan.getByText('12.5 test XLM')).toBeDefined();
    expect(plan.getByText(PAYEE)).toBeDefined();
    expect(plan.getByText(/^0\.00001 test XLM, and at most 0\.02 test XLM/u)).toBeDefined();
    expect(plan.getByText('9,863.0432 test XLM')).toBeDefined();
    await expectAccessible(document.body);
    expect(shell.requests('wallet_send')).toHaveLength(0);
    await userEvent.dblClick(plan.getByRole('button', { name: 'Pay' }));
    await screen.findByText('Paid: 12.5 test XLM.');
    expect(shell.requests('wallet_send')).toEqual([{ token: 'a'.repeat(32) }]);
    expect(screen.getByLabelText<HTMLInputElement>('To').value).toBe('');
    await waitFor(() => expect(shell.requests('wallet_history').length).toBeGreaterThan(1));
  });

  it('is not made without a yes', async () => {
    const { form } = await planned('1', '');
    expect(shell.requests('wallet_send_plan')).toEqual([{ destination: PAYEE, amount_xlm: '1' }]);
    await userEvent.click((await sheet()).getByRole('button', { name: 'Pay nothing' }));
    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect(shell.requests('wallet_send')).toHaveLength(0);
    expect(form.getByLabelText<HTMLInputElement>('Amount, in XLM').value).toBe('1');
  });

  it('says that it opens an account', async () => {
    shell.on('wallet_send_plan', (request: PaymentRequest) => {
      const answer = fakePaymentPlan(request);
      return { ...answer, plan: { ...answer.plan, opens_account: true } };
    });
    await planned();
    expect((await sheet()).getByText(/does not exist yet: this opens it/u)).toBeDefined();
  });

  it('that failed is tried again with the same yes, as it may have been made', async () => {
    shell.on('wallet_send', () => {
      throw fakeError('network_unreachable', 'The ledger did not answer in time.', 'automatic');
    });
    await planned();
    const plan = await sheet();
    await userEvent.click(plan.getByRole('button', { name: 'Pay' }));
    await plan.findByText('The ledger did not answer in time.');
    expect(plan.getByText(/^Nothing is paid twice/u)).toBeDefined();
    await userEvent.click(plan.getByRole('button', { name: 'Pay' }));
    await waitFor(() => expect(shell.requests('wallet_send')).toHaveLength(2));
    const [first, second] = shell.requests('wallet_send');
    expect(second).toEqual(first);
    // Also where it was put off in between; what is changed is another payment.
    await userEvent.click(plan.getByRole('button', { name: 'Pay nothing' }));
    await userEvent.click(screen.getByRole('button', { name: 'See what it comes to…' }));
    await userEvent.click((await sheet()).getByRole('button', { name: 'Pay' }));
    await waitFor(() => expect(shell.requests('wallet_send')).toHaveLength(3));
    expect(shell.requests('wallet_send')[2]).toEqual(first);
    expect(shell.requests('wallet_send_plan')).toHaveLength(1);
    await userEvent.click((await sheet()).getByRole('button', { name: 'Pay nothing' }));
    await userEvent.click(screen.getByRole('button', { name: 'See what it comes to…' }));
    await userEvent.click((await sheet()).getByRole('button', { name: 'Pay nothing' }));
    await userEvent.click(screen.getByRole('button', { name: 'See what it comes to…' }));
    await sheet();
    expect(shell.requests('wallet_send_plan')).toHaveLength(1);
    await userEvent.click((await sheet()).getByRole('button', { name: 'Pay nothing' }));
    await userEvent.type(screen.getByLabelText('Amount, in XLM'), '0');
    await userEvent.click(screen.getByRole('button', { name: 'See what it comes to…' }));
    await waitFor(() => expect(shell.requests('wallet_send_plan')).toHaveLength(2));
  });
});

describe('what cannot be paid', () => {
  it('is said at its field before the node is asked', async () => {
    const { container } = showWallet();
    const form = within(await screen.findByRole('form', { name: 'Send' }));
    await userEvent.type(form.getByLabelText('Amount, in XLM'), '1e3{Enter}');
    await form.findByText('Say whom to pay.');
    expect(form.getByText(/^Type an amount such as 12/u)).toBeDefined();
    expect(shell.requests('wallet_send_plan')).toHaveLength(0);
    await expectAccessible(container);
  });

  it.each([
    ['destination', 'To', 'invalid_request', '“GABC” is no account.'],
    ['amount_xlm', 'Amount, in XLM', 'not_enough_funds', '3 lumens are missing.'],
    ['memo', 'Memo (not needed)', 'invalid_request', 'The memo is too long.'],
  ] as const)('is said at the field that the node names: %s', async (field, label, code, message) => {
    shell.on('wallet_send_plan', () => {
      throw fakeError(code, message, 'never', { field });
    });
    const { form } = await planned();
    const input = form.getByLabelText(label);
    await waitFor(() => expect(input.getAttribute('aria-invalid')).toBe('true'));
    expect(screen.queryByRole('alert')).toBeNull();
    await userEvent.type(input, '0');
    expect(input.getAttribute('aria-invalid')).toBeNull();
  });

  it('for another reason is said above the form', async () => {
    shell.on('wallet_send_plan', () => {
      throw fakeError('network_unreachable', 'The ledger does not answer.', 'automatic');
    });
    await planned();
    expect((await screen.findByRole('alert')).textContent).toContain('The ledger does not answer.');
  });
});
