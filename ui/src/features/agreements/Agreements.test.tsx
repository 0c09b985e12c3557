import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../../testing/accessibility';
import { fakeAgreement, fakeAgreements, fakeChecked } from '../../testing/fakeMoney';
import { fakeError } from '../../testing/fakeShell';
import { shellForTests } from '../../testing/shellForTests';
import { showAgreements } from './showAgreements';

const shell = shellForTests();

const STRIP = '13 windows: 3 proven, 1 missed, 1 running, 8 to come';
const NOTHING = { max_price_xlm_per_gib_month: '0', monthly_cap_xlm: '0', auto_renew: false };

describe('agreements', () => {
  it('are none where the network has no money, and nobody is asked', async () => {
    const { container } = showAgreements(null);
    await screen.findByText('Hosts store for free here');
    expect(shell.asked).toEqual([]);
    await expectAccessible(container);
  });

  it.each([
    [NOTHING, /^Nothing may be spent yet/u],
    [{ ...NOTHING, max_price_xlm_per_gib_month: '0.3' }, /^Nothing may be spent yet/u],
    [fakeAgreements().limits, /^Some minutes after files are stored/u],
  ])('teach what they are before there is one: %o', async (limits, words) => {
    shell.agreements = fakeAgreements({ agreements: [], limits, runway_days: null });
    const { container } = showAgreements();
    await screen.findByText(words);
    expect(screen.getByRole('form', { name: 'What may be spent' })).toBeDefined();
    expect(screen.queryByRole('img', { name: /^When agreements end/u })).toBeNull();
    await expectAccessible(container);
  });

  it('are shown for both roles with their windows, money and end; what came to nothing is not', async () => {
    const { container } = showAgreements();
    const own = within(await screen.findByRole('list', { name: 'What you pay for' }));
    const [soonest, later, ...more] = own.getAllByRole('listitem');
    expect(more).toHaveLength(0);
    expect(soonest?.textContent).toContain('Over: its money is being divided');
    expect(later?.textContent).toContain('Ends Jan 21, 2027');
    expect(within(later ?? document.body).getByRole('img', { name: STRIP })).toBeDefined();
    expect(later?.textContent).toContain('1.19 test XLM held · 0.21 test XLM earned · 0.78 test XLM left');
    const hosted = within(screen.getByRole('list', { name: 'What you are paid for' }));
    expect(hosted.getAllByRole('listitem')).toHaveLength(1);
    expect(screen.getByText('Ended: 1')).toBeDefined();
    expect(screen.getByText(/^A proof shows .* when it was asked\. It does not show/u)).toBeDefined();
    expect(screen.getByText(/^Test money/u)).toBeDefined();
    await expectAccessible(container);
  });

  it('are only asked for as long as nobody has signed them', async () => {
    shell.agreements = fakeAgreements({ agreements: [fakeAgreement({ state: 'proposed', held_xlm: '0' })] });
    showAgreements();
    const own = within(await screen.findByRole('list', { name: 'What you pay for' }));
    expect(own.getByRole('listitem').textContent).toContain('Asked for: nobody has signed it');
  });

  it('have all that is known of them within reach, and say what a missed window costs', async () => {
    shell.agreements = fakeAgreements({ agreements: [fakeAgreement()] });
    showAgreements();
    await userEvent.click(await screen.findByText('Details'));
    expect(screen.getByText('0.3 test XLM for 1 GiB a month')).toBeDefined();
    expect(
      screen.getByText(
        'loses its rent of 0.07 test XLM; from the second one on also 0.0153846 test XLM of the collateral',
      ),
    ).toBeDefined();
    expect(screen.getByText(STRIP)).toBeDefined();
    expect(screen.getByText('1.07 GB')).toBeDefined();
  });

  it('show what others call themselves as text, from right to left as well', async () => {
    document.documentElement.dir = 'rtl';
    shell.agreements = fakeAgreements({
      agreements: [fakeAgreement({ host: 'x\u202Egpj', owner: `${'y'.repeat(400)}\u202E` })],
    });
    const { container } = showAgreements();
    await screen.findByRole('list', { name: 'What you pay for' });
    expect(container.innerHTML).not.toContain('\u202E');
    await expectAccessible(container);
  });

  it('say why they could not be read', async () => {
    shell.on('agreements', () => {
      throw fakeError('database_unusable', 'library.sqlite is damaged.');
    });
    const { container } = showAgreements();
    await screen.findByText('library.sqlite is damaged.');
    await expectAccessible(container);
  });
});

describe('fees', () => {
  const words = 'In the last 30 days the ledger took 0.0731 test XLM in fees.';

  it('are told beside the limit that they count in', async () => {
    showAgreements();
    await screen.findByText(words);
    expect(screen.getByText('0 means nothing. The ledger’s fees count in it.')).toBeDefined();
  });

  it('are not told where there were none', async () => {
    shell.agreements = fakeAgreements({ month_fees_xlm: '0' });
    showAgreements();
    await screen.findByRole('form', { name: 'What may be spent' });
    expect(screen.queryByText(/the ledger took/u)).toBeNull();
  });
});

describe('the runway', () => {
  it('says for how long storage is paid for, and when which agreements end, also as text', async () => {
    shell.agreements = fakeAgreements({
      agreements: [
        fakeAgreement({ id: '1', end: '2026-12-03T12:00:00Z' }),
        fakeAgreement({ id: '2', end: '2027-01-21T12:00:00Z' }),
        fakeAgreement({ id: '3', end: '2027-01-21T12:00:00Z' }),
      ],
    });
    showAgreements();
    await screen.findByText('For 11 more days');
    const plot = screen.getByRole('img', {
      name: 'When agreements end: 1 on Dec 3, 2026, 2 on Jan 21, 2027',
    });
    const places = [...plot.querySelectorAll('circle')].map((mark) => Number(mark.getAttribute('cx')));
    expect(places).toHaveLength(2);
    expect(places[0]).toBeGreaterThan(10);
    expect(places[0]).toBeLessThan(200);
    expect(places[1]).toBe(590);
    expect(screen.getByText('2 on Jan 21, 2027')).toBeDefined();
  });

  it('says what one more term costs, each host once, and what happens without it', async () => {
    shell.agreements = fakeAgreements({
      agreements: [
        fakeAgreement({ id: '1', end: '2026-12-03T00:00:00Z', window_rent_xlm: '0.5' }),
        // Its next term, agreed on already.
        fakeAgreement({ id: '2', window_rent_xlm: '0.0700001' }),
        fakeAgreement({ id: '3', host: '12D3KooWother', window_rent_xlm: '1' }),
        // Over: it has no next term.
        fakeAgreement({ id: '4', host: '12D3KooWover', end: '2026-11-20T00:00:00Z', window_rent_xlm: '5' }),
        fakeAgreement({ id: '5', host: '12D3KooWpays', role: 'host', window_rent_xlm: '7' }),
      ],
    });
    showAgreements();
    await screen.findByText(/^One more term with these hosts costs 13\.9100013 test XLM of rent/u);
    expect(screen.getByText(/kept for a week after the end; then hosts may delete it/u)).toBeDefined();
  });

  it.each([0, null])('is over, never greener than that: %s', async (days) => {
    shell.agreements = fakeAgreements({ runway_days: days });
    showAgreements();
    await screen.findByText('The first agreement is over, and nothing follows it');
  });
});

describe('at once', () => {
  it('what is due is done, and told with what was not possible', async () => {
    shell.on('agreements_check', () =>
      fakeChecked({
        opened: 1,
        deposited_xlm: '0.99',
        windows_proven: 3,
        obstacles: [
          { host: '12D3KooWabcdefghijkl', reason: 'It does not answer.' },
          { reason: 'No ledger.' },
        ],
      }),
    );
    const { container } = showAgreements();
    await userEvent.click(await screen.findByRole('button', { name: 'Check now' }));
    await screen.findByText('1 agreement opened, with 0.99 test XLM put in. Windows proven: 3.');
    expect(screen.getByText('…abcdefghijkl: It does not answer.')).toBeDefined();
    expect(screen.getByText('No ledger.')).toBeDefined();
    await expectAccessible(container);
  });

  it('nothing is done where nothing was due', async () => {
    showAgreements();
    await userEvent.click(await screen.findByRole('button', { name: 'Check now' }));
    await screen.findByText('Nothing was due.');
  });

  it('a table is written where the person says, or not', async () => {
    showAgreements();
    await userEvent.click(await screen.findByRole('button', { name: 'Export CSV…' }));
    await screen.findByText(/^5 agreements were written to .*layr-agreements\.csv/u);
    shell.on('agreements_export', () => null);
    await userEvent.click(screen.getByRole('button', { name: 'Export CSV…' }));
    await expect.poll(() => screen.queryByText(/were written to/u)).toBeNull();
  });
});
