import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { App } from '../../app/App';
import { shellForTests } from '../../testing/shellForTests';
import { show } from '../../testing/show';
import { grid, row } from './showLibrary';

const shell = shellForTests();

async function openPalette() {
  await userEvent.keyboard('{Control>}k{/Control}');
  await screen.findByRole('dialog', { name: 'Commands' });
  return screen.getAllByRole('menuitem').map(({ textContent }) => textContent ?? '');
}

/** What of a row is offered, without its name. */
const ofRow = (offered: readonly string[], name: string) =>
  offered.filter((text) => text.includes(name)).map((text) => text.split(':')[0]);

describe('the command palette', () => {
  it('offers all that the buttons do with what is chosen', async () => {
    show(<App />);
    await userEvent.click(await row(/000000 report/u));
    expect(ofRow(await openPalette(), '000000 report')).toEqual([
      'Download…',
      'Rename…',
      'Export…',
      'Remove…',
      'Check now',
      'Thorough check…',
      'Repair…',
      'Copy link',
    ]);
    await userEvent.keyboard('export…{Enter}');
    await screen.findByRole('dialog', { name: 'Export a manifest' });
  });

  it('opens the folder that is chosen', async () => {
    show(<App />);
    await userEvent.click(await row(/photos/u));
    expect(ofRow(await openPalette(), 'photos')[0]).toBe('Open');
    await userEvent.keyboard('open: {Enter}');
    await screen.findByRole('heading', { level: 1, name: 'photos' });
  });

  it('restores from the trash', async () => {
    window.location.hash = '#/library?trash=true';
    show(<App />);
    await grid();
    await userEvent.click(await row(/plan\.odt/u));
    expect(ofRow(await openPalette(), 'plan.odt')).toEqual(['Restore']);
    await userEvent.keyboard('restore{Enter}');
    await waitFor(() => expect(shell.requests('file_restore')).toHaveLength(1));
  });
});
