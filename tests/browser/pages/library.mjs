// The library: what is stored, and what is about to be.

import { expect } from './expect.mjs';

export class Library {
  constructor(page, app) {
    Object.assign(this, { page, app });
  }

  grid() {
    return this.page.getByRole('grid');
  }

  rows() {
    return this.grid().getByRole('rowgroup').last().getByRole('row');
  }

  row(name) {
    return this.rows().filter({ hasText: name });
  }

  count() {
    return this.page.getByRole('main').getByRole('status').first();
  }

  details() {
    return this.page.getByRole('complementary');
  }

  /** Presses one of the buttons above the list, on the rows with these names. */
  async act(action, ...names) {
    for (const [index, name] of names.entries()) {
      await this.row(name).click({ modifiers: index === 0 ? [] : ['Control'] });
    }
    await this.page.getByRole('button', { name: action }).click();
  }

  /** Moves rows to the trash, with the yes that it takes. */
  async remove(...names) {
    await this.act('Remove…', ...names);
    await this.page.getByRole('button', { name: 'Move to trash' }).click();
    await expect(this.page.getByText('moved to the trash.')).toBeVisible();
  }

  async goToTrash() {
    await this.page.getByRole('button', { name: 'Trash', exact: true }).click();
    await expect(this.page.getByRole('heading', { level: 1, name: 'Trash' })).toBeVisible();
  }

  /** Brings rows back into a folder on this computer. */
  async download(target, ...names) {
    await this.app.willChoose(target);
    await this.act('Download…', ...names);
    await expect(this.page.getByText('The download is in Transfers.')).toBeVisible();
  }

  /** Writes a manifest that only the owner's words open, or who is said instead. */
  async export(name, target, who = undefined) {
    await this.app.willChoose(target);
    await this.act('Export…', name);
    if (who !== undefined) {
      await this.page.getByText(who, { exact: true }).click();
    }
    await this.page.getByRole('button', { name: 'Choose where to save…' }).click();
    await expect(this.page.getByText('The manifest was written to')).toBeVisible();
  }

  /** Asks to import a file; what is in it is shown, or why not. */
  async import(file) {
    await this.app.willChoose(file);
    await this.page.getByRole('button', { name: 'Import…' }).click();
  }

  importSheet() {
    return this.page.getByRole('dialog', { name: 'Import into the library?' });
  }
}

/** What an upload would do, before anything is sent. */
export class Review {
  constructor(page) {
    this.page = page;
    this.sheet = page.getByRole('dialog', { name: 'Store these files?' });
  }

  /** Waits until everything is counted; for as long as other things take, unless told otherwise. */
  async counted(timeout = undefined) {
    await expect(this.sheet).toBeVisible();
    await expect(this.sheet.getByText('Counting and measuring')).toHaveCount(0, { timeout });
  }

  /** What stands beside this name. */
  fact(name) {
    return this.sheet.getByRole('term').filter({ hasText: new RegExp(`^${name}$`, 'u') }).locator('xpath=following-sibling::dd');
  }

  storeButton() {
    return this.sheet.getByRole('button', { name: 'Store' });
  }

  async store() {
    await this.counted();
    await this.storeButton().click();
    await expect(this.sheet).toHaveCount(0);
  }

  /** The items that would be left out, opened. */
  async excluded() {
    await this.counted();
    await this.sheet.locator('summary').click();
    return this.sheet.getByRole('listitem');
  }

  async cancel() {
    await this.sheet.getByRole('button', { name: 'Cancel' }).click();
    await expect(this.sheet).toHaveCount(0);
  }
}
