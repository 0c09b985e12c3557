import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { expectAccessible } from '../testing/accessibility';
import { exampleViews } from '../testing/examples';
import { shellForTests } from '../testing/shellForTests';
import { App } from './App';

const shell = shellForTests();

describe('a home whose keyring does not run in this session', () => {
  it('is no dead end: its words bring the keys back', async () => {
    shell.view = {
      ...exampleViews.locked,
      store: 'keyring',
      can_bring_back: true,
      message: 'No Secret Service answers in this session.',
    };
    const { container } = render(<App />);
    await screen.findByRole('form', { name: 'Bring your keys back' });
    expect(screen.getAllByText('No Secret Service answers in this session.')).not.toHaveLength(0);
    expect(screen.queryByText(/Unlock the keyring/u)).toBeNull();
    await expectAccessible(container);
    await userEvent.click(screen.getByText('Other ways'));
    expect(screen.getByText(/Start Layr in a session in which it runs/u)).toBeDefined();
    const form = within(screen.getByRole('form', { name: 'Bring your keys back' }));
    await userEvent.click(form.getByRole('button', { name: 'Check again' }));
    expect(shell.requests('retry_start')).toHaveLength(1);
  });
});
