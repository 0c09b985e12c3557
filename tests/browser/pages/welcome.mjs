// The first minutes: a new identity, an old one, and opening what is sealed.

import { expect } from './expect.mjs';

export class Welcome {
  constructor(page, app) {
    Object.assign(this, { page, app });
  }

  heading() {
    return this.page.getByRole("heading", { name: "Welcome to Layr" });
  }

  /** Makes an identity on the network of this file, with the words left for later. */
  async create(networkFile, passphrase) {
    await this.begin("Create a new identity", networkFile);
    await this.seal(passphrase, "Create");
    const words = new Words(this.page);
    await words.heading().waitFor();
    await words.later();
  }

  /** Brings an identity back from its words. */
  async restore(words, networkFile, passphrase) {
    await this.preview(words, networkFile);
    await this.seal(passphrase, "Restore");
    await this.restored().waitFor();
    await this.page.getByRole("button", { name: "Not now" }).click();
  }

  /** Shows what these words would bring back. Nothing is written. */
  async preview(words, networkFile) {
    await this.begin("Restore an identity", networkFile);
    await this.page
      .getByLabel("Your 24 words", { exact: true })
      .fill(words.join("\n"));
    await this.page
      .getByRole("button", { name: "See what comes back" })
      .click();
    await expect(
      this.page.getByRole("heading", { name: "What will come back" }),
    ).toBeVisible();
  }

  restored() {
    return this.page.getByRole("heading", {
      name: "These words are in use now",
    });
  }

  async begin(way, networkFile) {
    await this.page.getByText(way, { exact: true }).click();
    await this.page.getByText("Join a network", { exact: true }).click();
    await this.app.willChoose(networkFile);
    await this.page
      .getByRole("button", { name: "Choose a network file…" })
      .click();
    await expect(
      this.page.getByText(/is chosen: it names the network/u),
    ).toBeVisible();
  }

  /** No keyring can be unlocked here: the app asks for a passphrase instead. */
  async seal(passphrase, confirm) {
    const button = this.page.getByRole("button", {
      name: confirm,
      exact: true,
    });
    await button.click();
    await this.page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
    await this.page.getByLabel("Passphrase, once more").fill(passphrase);
    await button.click();
  }
}

/** The 24 words. */
export class Words {
  constructor(page) {
    this.page = page;
  }

  heading() {
    return this.page.getByRole("heading", { name: "Your recovery phrase" });
  }

  async show() {
    await this.page.getByRole("button", { name: "Show the words" }).click();
    const items = this.page
      .getByRole("list", { name: "The 24 words" })
      .getByRole("listitem");
    await expect(items).toHaveCount(24);
    const texts = await items.allInnerTexts();
    return texts.map((text) => text.replace(/[\d\s]/gu, ""));
  }

  later() {
    return this.page.getByRole("button", { name: "Later" }).click();
  }
}

/** A home whose keys are sealed. */
export class Unlock {
  constructor(page) {
    this.page = page;
  }

  async open(passphrase) {
    await this.page.getByLabel("Passphrase", { exact: true }).fill(passphrase);
    await this.page.getByRole("button", { name: "Unlock" }).click();
  }
}
