import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { toUiError } from '../ipc/errors';
import { fakeError } from '../testing/fakeShell';
import { show } from '../testing/show';
import { ErrorNotice } from './Notice';

describe('an error', () => {
  it('keeps names in what happened from turning the sentence round', () => {
    show(<ErrorNotice error={fakeError('conflict', 'There is no “\u05d0\u05d1 2” in “a\u202eb”.')} />);
    expect(screen.getByText(/^There is no/u).textContent).toBe(
      'There is no “\u2068\u05d0\u05d1 2\u2069” in “\u2068a\ufffdb\u2069”.',
    );
  });

  it('that is a defect is told in words, with what was thrown behind its code', () => {
    const { text } = show(<ErrorNotice error={toUiError(new TypeError('x is not a function'))} />);
    expect(screen.getByText('Something went wrong inside Layr.')).toBeDefined();
    expect(text()).toContain('Code internal · x is not a function');
  });
});
