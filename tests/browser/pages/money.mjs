// The wallet and the storage agreements.

import { expect } from './expect.mjs';

export class Wallet {
  constructor(page) {
    this.page = page;
  }

  fund() {
    return this.page.getByRole('button', { name: 'Get test money' });
  }

  figure() {
    return this.page.getByRole('region', { name: 'Balance' });
  }

  history() {
    return this.page.getByRole('region', { name: 'History' }).getByRole('row');
  }

  /** Asks what a payment would come to. */
  async plan(destination, amount) {
    const form = this.page.getByRole('form', { name: 'Send' });
    await form.getByLabel('To', { exact: true }).fill(destination);
    await form.getByLabel('Amount, in XLM').fill(amount);
    await form.getByRole('button', { name: 'See what it comes to…' }).click();
  }
}

export class Agreements {
  constructor(page, app) {
    Object.assign(this, { page, app });
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Allows so much to be spent. */
  async allow(price, cap) {
    await this.page.getByLabel('Most for a GiB and month, in XLM').fill(price);
    await this.page.getByLabel('Most in 30 days, in XLM').fill(cap);
    await this.button('Save').click();
    await expect(this.page.getByText('Saved.')).toBeVisible();
  }

  own() {
    return this.page.getByRole('list', { name: 'What you pay for' }).getByRole('listitem');
  }

  /** Writes all of them into a table. */
  async export(path) {
    await this.app.willChoose(path);
    await this.button('Export CSV…').click();
    await expect(this.page.getByText('agreements were written to')).toBeVisible();
  }
}
