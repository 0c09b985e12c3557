import { cleanup, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Search } from 'lucide-react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { expectAccessible } from '../testing/accessibility';
import { show } from '../testing/show';
import { Button } from './Button';

let isNarrow = true;
const { matchMedia } = window;
beforeEach(() => {
  isNarrow = true;
  window.matchMedia = (media) =>
    Object.assign(new EventTarget(), { media, matches: isNarrow, onchange: null }) as MediaQueryList;
});
afterEach(() => {
  cleanup();
  window.matchMedia = matchMedia;
});

const tooltip = () => document.querySelector('[role="tooltip"]')?.textContent;

describe('a button of which only the icon is seen', () => {
  it.each([
    ['always', <Button key="button" icon={Search} label="Search" />],
    [
      'where there is little room',
      <Button key="button" icon={Search} isCompact>
        Search
      </Button>,
    ],
  ])('shows its words to who points at it or comes to it by keys: %s', async (_, button) => {
    const { container } = show(<main>{button}</main>);
    const named = screen.getByRole('button', { name: 'Search' });
    expect(tooltip()).toBeUndefined();
    await userEvent.tab();
    expect(document.activeElement).toBe(named);
    expect(tooltip()).toBe('Search');
    await expectAccessible(container);
    // It lies beside the page, where axe would ask for a landmark around it.
    expect(screen.getByRole('tooltip', { name: 'Search' })).toBeDefined();
    await userEvent.keyboard('{Escape}');
    expect(tooltip()).toBeUndefined();
    await userEvent.hover(named);
    expect((await screen.findByRole('tooltip')).textContent).toBe('Search');
  });

  it('takes no Escape where there is room for its words', async () => {
    isNarrow = false;
    show(
      <Button icon={Search} isCompact>
        Search
      </Button>,
    );
    await userEvent.tab();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Search' }));
    expect(tooltip()).toBeUndefined();
  });

  it('needs none where its words are seen', async () => {
    show(<Button label="Cancel: plan.odt">Cancel</Button>);
    await userEvent.tab();
    expect(screen.getByRole('button', { name: 'Cancel: plan.odt' })).toBe(document.activeElement);
    expect(tooltip()).toBeUndefined();
  });
});
