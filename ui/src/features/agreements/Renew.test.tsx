import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeAgreements, fakeRenewPlan } from '../../testing/fakeMoney';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { showAgreements } from './showAgreements';

const shell = shellForTests();

const sheet = async () => within(await screen.findByRole('dialog', { name: 'Renew these agreements?' }));

describe('renewing', () => {
  it('says what it would cost and with whom, waits for a yes, and tells what was done', async () => {
    showAgreements();
    // Only one of them ends soon enough.
    const [button, ...others] = await screen.findAllByRole('button', { name: /^Renew…: / });
    expect(others).toHaveLength(0);
    await userEvent.click(button ?? document.body);
    const plan = await sheet();
    await plan.findByText('1.98 test XLM');
    expect(shell.requests('agreements_renew_plan')).toEqual([{ ids: ['2'] }]);
    expect(plan.getByText('Its price is above the limit.')).toBeDefined();
    expect(plan.getByText('New: data that nobody is paid for yet')).toBeDefined();
    expect(plan.getByText('at most 1.2 test XLM')).toBeDefined();
    expect(plan.queryByText(/are missing/u)).toBeNull();
    await expectAccessible(document.body);
    expect(shell.requests('agreements_renew')).toHaveLength(0);
    await userEvent.dblClick(plan.getByRole('button', { name: 'Renew' }));
    await screen.findByText('2 agreements opened, with 1.5 test XLM put in.');
    // No more than was shown.
    expect(shell.requests('agreements_renew')).toEqual([{ ids: ['2'], most_xlm: '1.98' }]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('is of all that end soon where none is named, and changes nothing without a yes', async () => {
    showAgreements();
    await userEvent.click(await screen.findByRole('button', { name: 'Renew all…' }));
    const plan = await sheet();
    await plan.findByText('1.98 test XLM');
    expect(shell.requests('agreements_renew_plan')).toEqual([{}]);
    await userEvent.click(plan.getByRole('button', { name: 'Renew nothing' }));
    expect(shell.requests('agreements_renew')).toHaveLength(0);
  });

  it('begins with its price where a notification was answered, and is not asked for again', async () => {
    const onRenewSeen = vi.fn<() => void>();
    showAgreements('test', { isToRenew: true, onRenewSeen });
    const plan = await sheet();
    await plan.findByText('1.98 test XLM');
    expect(shell.requests('agreements_renew_plan')).toEqual([{}]);
    expect(onRenewSeen).not.toHaveBeenCalled();
    await userEvent.click(plan.getByRole('button', { name: 'Renew nothing' }));
    expect(shell.requests('agreements_renew')).toHaveLength(0);
    expect(onRenewSeen).toHaveBeenCalledOnce();
  });

  it.each([
    [fakeRenewPlan({ terms: [] }), /^There is nothing to renew now/u],
    [
      fakeRenewPlan({
        terms: fakeRenewPlan().terms.slice(2),
        missing_xlm: '3',
        deposits_xlm: '0',
      }),
      /^3 test XLM are missing/u,
    ],
  ])('cannot be said yes to where nothing would come of it', async (answer, words) => {
    shell.on('agreements_renew_plan', () => answer);
    showAgreements();
    await userEvent.click(await screen.findByRole('button', { name: 'Renew all…' }));
    const plan = await sheet();
    await plan.findByText(words);
    expect(plan.getByRole<HTMLButtonElement>('button', { name: 'Renew' }).disabled).toBe(true);
    await expectAccessible(document.body);
  });

  it('says why its cost could not be counted, and why it did not work', async () => {
    shell.on('agreements_renew_plan', () => {
      throw fakeError('network_unreachable', 'The ledger does not answer.', 'automatic');
    });
    showAgreements();
    await userEvent.click(await screen.findByRole('button', { name: 'Renew all…' }));
    const plan = await sheet();
    await plan.findByText('The ledger does not answer.');
    expect(plan.getByRole<HTMLButtonElement>('button', { name: 'Renew' }).disabled).toBe(true);
    shell.on('agreements_renew_plan', () => fakeRenewPlan());
    await userEvent.click(plan.getByRole('button', { name: 'Try again' }));
    await plan.findByText('1.98 test XLM');
    shell.on('agreements_renew', () => {
      throw fakeError('conflict', 'Too many wait.', 'automatic');
    });
    await userEvent.click(plan.getByRole('button', { name: 'Renew' }));
    await plan.findByText('Too many wait.');
  });
});

describe('what may be spent', () => {
  it('is set where it was changed, and takes a comma', async () => {
    showAgreements();
    const form = within(await screen.findByRole('form', { name: 'What may be spent' }));
    const price = form.getByLabelText('Most for a GiB and month, in XLM');
    await userEvent.clear(price);
    await userEvent.type(price, '0,5{Enter}');
    await screen.findByText('Saved.');
    expect(shell.requests('agreements_limit')).toEqual([{ max_price_xlm_per_gib_month: '0.5' }]);
    expect(form.getByLabelText<HTMLInputElement>('Most for a GiB and month, in XLM').value).toBe('0.5');
    await userEvent.click(form.getByRole('button', { name: 'Save' }));
    await form.findByText('Nothing was changed.');
  });

  it('is not set by what is no amount', async () => {
    const { container } = showAgreements();
    const form = within(await screen.findByRole('form', { name: 'What may be spent' }));
    await userEvent.type(form.getByLabelText('Most in 30 days, in XLM'), 'e{Enter}');
    await form.findByText(/^Type an amount such as 12/u);
    expect(shell.requests('agreements_limit')).toHaveLength(0);
    await expectAccessible(container);
  });

  it('renews by itself once that is switched on', async () => {
    showAgreements();
    const renews = await screen.findByRole<HTMLInputElement>('switch', {
      name: /^Renew agreements by themselves/u,
    });
    expect(renews.checked).toBe(false);
    await userEvent.click(renews);
    await waitFor(() => expect(renews.checked).toBe(true));
    expect(shell.requests('agreements_limit')).toEqual([{ auto_renew: true }]);
  });

  it('keeps what is typed when the agreements are asked for anew, and says why it was refused', async () => {
    shell.on('agreements_limit', () => {
      throw fakeError('invalid_request', '1000 lumens are more than an agreement can name.');
    });
    const { queryClient } = showAgreements();
    const cap = await screen.findByLabelText<HTMLInputElement>('Most in 30 days, in XLM');
    await userEvent.type(cap, '00');
    shell.agreements = fakeAgreements({ now: '2026-11-22T10:01:00Z' });
    await queryClient.refetchQueries({ queryKey: ['agreements'] });
    expect(cap.value).toBe('2000');
    await userEvent.type(cap, '{Enter}');
    await screen.findByText('1000 lumens are more than an agreement can name.');
  });
});
