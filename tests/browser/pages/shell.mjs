// The frame around the screens.

import { expect } from './expect.mjs';

export class Shell {
  constructor(page) {
    this.page = page;
  }

  rail() {
    return this.page.getByRole('navigation', { name: 'Screens' });
  }

  state() {
    return this.rail().getByRole('status');
  }

  /** Why the state is what it is. */
  reason() {
    return this.state().locator('> span').last();
  }

  /** The node runs, and nothing needs anybody. */
  async untilConnected() {
    await expect(this.state()).toContainText(/Connected|Everything in the library is stored/u);
  }

  /** Names of the screens in the rail, in their order. */
  async screens() {
    await this.rail().getByRole('link').first().waitFor();
    const names = await this.rail().locator('ul a > span:first-of-type').allInnerTexts();
    return names.map((name) => name.trim());
  }

  async go(screen) {
    const link = this.rail().getByRole('link', { name: screen });
    await link.click();
    await expect(link).toHaveAttribute('aria-current', 'page');
  }
}
