// The queue of uploads and downloads.

import { expect } from '@playwright/test';

export class Transfers {
  constructor(page) {
    this.page = page;
  }

  rows() {
    return this.page.getByRole('main').locator('li[data-state]');
  }

  row(name) {
    return this.rows().filter({ hasText: name });
  }

  button(name) {
    return this.page.getByRole('main').getByRole('button', { name, exact: true });
  }

  async untilState(row, state) {
    await expect(row).toHaveAttribute('data-state', state, { timeout: 180_000 });
  }
}
