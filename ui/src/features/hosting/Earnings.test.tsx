import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { MoneyContext } from '../../lib/money';
import { expectAccessible } from '../../testing/accessibility';
import { fakeAgreements } from '../../testing/fakeMoney';
import { fakeHost, fakeLimits } from '../../testing/fakeReports';
import { show } from '../../testing/show';
import { shellForTests } from '../../testing/shellForTests';
import { HostingScreen } from './HostingScreen';
import { showHosting } from './showHosting';

const shell = shellForTests();

const PRICE = 'Price for a GiB and month, in XLM';
const COLLATERAL = 'Collateral, in percent of the rent of a term';

const showPaid = () =>
  show(
    <MoneyContext value="test">
      <main>
        <HostingScreen />
      </main>
    </MoneyContext>,
  );

describe('hosting for money', () => {
  it('says what is earned and at risk, what a missed window costs, and by which agreements', async () => {
    shell.host = fakeHost({
      limits: fakeLimits({ price_xlm_per_gib_month: '0.3' }),
      offer: { price_xlm_per_gib_month: '0.3', free_bytes: 376e9, max_term_days: 90 },
      earned_xlm: '4.5',
      at_risk_xlm: '2',
    });
    const { container } = showPaid();
    const card = within(await screen.findByRole('region', { name: 'Earnings' }));
    expect(card.getByText('4.5 test XLM')).toBeDefined();
    expect(card.getByText('2 test XLM')).toBeDefined();
    expect(card.getByText(/A missed window costs its rent/u)).toBeDefined();
    const list = within(await card.findByRole('list', { name: 'Agreements in which you are paid' }));
    expect(list.getAllByRole('listitem')).toHaveLength(1);
    expect(card.getAllByText(/^between Nov 24, 2026, .* and Nov 26, 2026/u).length).toBeGreaterThan(0);
    expect(card.getByText(/has to be on and connected/u)).toBeDefined();
    expect(screen.getAllByText('0.3 test XLM for 1 GiB a month').length).toBeGreaterThan(0);
    await expectAccessible(container);
  });

  it('says that no agreement runs yet', async () => {
    shell.host = fakeHost({ limits: fakeLimits({ price_xlm_per_gib_month: '0.3' }) });
    shell.agreements = fakeAgreements({ agreements: [] });
    const { container } = showPaid();
    await screen.findByText(/^No agreement runs\./u);
    await expectAccessible(container);
  });

  it('is not spoken of where space is lent for free', async () => {
    showPaid();
    await screen.findByLabelText(PRICE);
    expect(screen.queryByRole('region', { name: 'Earnings' })).toBeNull();
    expect(shell.requests('agreements')).toHaveLength(0);
  });

  it('has a price and a collateral, which are set where they were changed', async () => {
    showPaid();
    const price = await screen.findByLabelText(PRICE);
    await userEvent.clear(price);
    await userEvent.type(price, '0,3');
    const collateral = screen.getByLabelText(COLLATERAL);
    await userEvent.clear(collateral);
    await userEvent.type(collateral, '101{Enter}');
    await screen.findByText('Type a whole number from 0 to 100.');
    expect(shell.requests('hosting_set')).toHaveLength(0);
    await userEvent.clear(collateral);
    await userEvent.type(collateral, '30{Enter}');
    await screen.findByText('Saved.');
    expect(shell.requests('hosting_set')).toEqual([
      { price_xlm_per_gib_month: '0.3', collateral_percent: 30 },
    ]);
  });

  it('has neither where the network has no money', async () => {
    showHosting();
    await screen.findByLabelText('Longest term, in days');
    expect(screen.queryByLabelText(PRICE)).toBeNull();
    expect(screen.queryByLabelText(COLLATERAL)).toBeNull();
  });
});
