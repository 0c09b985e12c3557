// The queue of uploads and downloads.

import { expect } from './expect.mjs';

export class Transfers {
  constructor(page) {
    this.page = page;
  }

  rows() {
    return this.page.getByRole('main').locator('li[data-state]');
  }

  done() {
    return this.page.getByRole('main').locator('li[data-state=done]');
  }

  failed() {
    return this.page.getByRole('main').locator('li[data-state=failed]');
  }

  button(name) {
    return this.page.getByRole('main').getByRole('button', { name, exact: true });
  }

  /** Pauses everything until somebody resumes it. */
  async pauseAll() {
    await this.button('Pause all for…').click();
    await this.page.getByRole('menuitem', { name: 'until I resume' }).click();
  }

  async untilState(row, state) {
    await expect(row).toHaveAttribute('data-state', state, { timeout: 400_000 });
  }
}
