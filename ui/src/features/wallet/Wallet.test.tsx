import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import type { WalletTransactionKind } from '../../ipc/bindings';
import { expectAccessible } from '../../testing/accessibility';
import { ACCOUNT, fakeHistory, fakeTransaction, fakeWallet } from '../../testing/fakeMoney';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { showWallet } from './showWallet';

const shell = shellForTests();

describe('the wallet', () => {
  it('says that there is no money where the network has none, and asks nobody', async () => {
    const { container } = showWallet(null);
    await screen.findByText('This network has no money');
    expect(screen.getByText(/^Its hosts store for free/u)).toBeDefined();
    expect(shell.asked).toEqual([]);
    await expectAccessible(container);
  });

  it('shows what there is, what stays, what is in escrow and for how long it lasts', async () => {
    const { container, text } = showWallet();
    await screen.findByText('9,876.5432101 test XLM');
    expect(screen.getByText('9,875.5432101 test XLM')).toBeDefined();
    expect(screen.getByText('1 test XLM')).toBeDefined();
    expect(screen.getByText(/^The ledger keeps a base reserve/u)).toBeDefined();
    expect(text()).toContain('12.5 test XLM');
    expect(screen.getByText('for 84 more days')).toBeDefined();
    expect(screen.getByText(/^Test money: lumens of this network are for trying out/u)).toBeDefined();
    expect(screen.queryByRole('button', { name: 'Get test money' })).toBeNull();
    await expectAccessible(container);
  });

  it('does not call real money test money', async () => {
    shell.wallet = fakeWallet({ money: 'real', has_friendbot: false });
    const { text } = showWallet('real');
    await screen.findByText('9,876.5432101 XLM');
    expect(text()).not.toMatch(/test/iu);
  });

  it('says that the words do not bring back an account of a key of its own', async () => {
    shell.wallet = fakeWallet({ source: 'key' });
    showWallet();
    await screen.findByText(/Your 24 words do not bring it back/u);
  });

  it('says that the contract has to be paid for soon, or stands still', async () => {
    const life = {
      live_until_ledger: 9,
      live_until: '2026-12-24T10:00:00Z',
      is_archived: false,
      is_short: true,
    };
    shell.wallet = fakeWallet({ contract_life: life });
    showWallet();
    await screen.findByText(/is paid for until about .*24/u);
  });

  it('says that the contract is archived', async () => {
    const life = {
      live_until_ledger: 9,
      live_until: '2026-11-01T10:00:00Z',
      is_archived: true,
      is_short: true,
    };
    shell.wallet = fakeWallet({ contract_life: life });
    const { text } = showWallet();
    await screen.findByText(/is archived: nothing is agreed on/u);
    expect(text()).not.toContain('paid for until about');
  });

  it('has the address as text, as a code and on the clipboard', async () => {
    showWallet();
    await screen.findByRole('img', { name: `QR code of the address ${ACCOUNT}` });
    expect(screen.getByText(ACCOUNT)).toBeDefined();
    await userEvent.click(screen.getByRole('button', { name: 'Copy the address' }));
    await screen.findByText('The address is on the clipboard.');
    expect(shell.requests('wallet_copy')).toHaveLength(1);
  });

  it('opens with test money where the network gives it, and offers nothing to send before', async () => {
    shell.wallet = fakeWallet({
      is_open: false,
      balance_xlm: '0',
      spendable_xlm: '0',
      reserve_xlm: '0',
      escrow_xlm: '0',
      runway_days: null,
    });
    const { container } = showWallet();
    await screen.findByText(/^The account does not exist yet/u);
    expect(screen.getByText('No storage is paid for')).toBeDefined();
    expect(screen.queryByRole('form', { name: 'Send' })).toBeNull();
    await expectAccessible(container);
    await userEvent.click(screen.getByRole('button', { name: 'Get test money' }));
    await screen.findByText('The account is open, and has test money.');
    expect(screen.getByText('9,876.5432101 test XLM')).toBeDefined();
    expect(screen.getByRole('form', { name: 'Send' })).toBeDefined();
  });

  it('offers no test money where nobody gives any', async () => {
    shell.wallet = fakeWallet({ is_open: false, has_friendbot: false });
    showWallet('real');
    await screen.findByText(/^The account does not exist yet/u);
    expect(screen.queryByRole('button', { name: 'Get test money' })).toBeNull();
  });

  it('says why the ledger could not be asked, and still shows what was signed here', async () => {
    shell.on('wallet', () => {
      throw fakeError('network_unreachable', 'The ledger does not answer.', 'automatic');
    });
    const { container } = showWallet();
    await screen.findByText('The ledger does not answer.');
    await screen.findByRole('table');
    await expectAccessible(container);
  });
});

describe('the history', () => {
  it('tells what was signed, for what, and what became of it', async () => {
    const { container } = showWallet();
    const table = within(await screen.findByRole('table'));
    const [, payment, deposits, settlement] = table.getAllByRole('row').map((row) => row.textContent);
    expect(payment).toMatch(/^Paymentto …MJJGY4FD42|^Paymentto …JGY4FD42/u);
    expect(payment).toContain('12.5 test XLM');
    expect(payment).toContain('Done');
    expect(deposits).toContain('Deposits for storage');
    expect(settlement).toContain('Failed: only the fee is gone');
    expect(settlement).toContain('txFailed');
    await expectAccessible(container);
  });

  it.each<[WalletTransactionKind, string]>([
    ['question', 'Window asked for on the ledger'],
    ['excuse', 'Window excused for which there was no question'],
    ['termination', 'Agreement ended early'],
    ['beacon', 'Question of a window published'],
    ['keeping', 'Contract kept alive'],
    ['other', 'Something else'],
  ])('says what a transaction was for: %s', async (kind, words) => {
    shell.history = fakeHistory({ transactions: [fakeTransaction({ kind })] });
    showWallet();
    const [, row] = within(await screen.findByRole('table')).getAllByRole('row');
    expect(row?.textContent.startsWith(words)).toBe(true);
  });

  it('is empty before anything was signed, and says when there is more', async () => {
    shell.history = fakeHistory({ transactions: [] });
    const { unmount } = showWallet();
    await screen.findByText('Nothing was signed for the ledger yet.');
    unmount();
    shell.history = fakeHistory({ has_more: true });
    showWallet();
    await screen.findByText('Older ones are not shown.');
  });

  it('shows what somebody wrote as text, long and from right to left as well', async () => {
    document.documentElement.dir = 'rtl';
    shell.history = fakeHistory({
      transactions: [fakeTransaction({ memo: `a\u202Egpj ${'x'.repeat(400)}`, code: 'y\u202Ez' })],
    });
    const { container } = showWallet();
    await screen.findByRole('table');
    expect(container.innerHTML).not.toContain('\u202E');
    await expectAccessible(container);
  });

  it('warns before the same is paid twice where a payment is not decided', async () => {
    shell.history = fakeHistory({ transactions: [fakeTransaction({ state: 'pending' })] });
    showWallet();
    await screen.findByText(/^A payment is not decided yet/u);
  });
});
