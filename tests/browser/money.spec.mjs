// Storing with hosts that ask to be paid, as a person does it in the window; and what that looks like.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makePlace as makeNetworkPlace, startNetwork } from '../desktop/app.mjs';
import { expect, PASSPHRASE, test } from './fixtures.mjs';
import { closeSheet, lookAt, lookAtLargeText, sheetOf } from './looks.mjs';
import { Agreements, Wallet } from './pages/money.mjs';
import { Shell } from './pages/shell.mjs';
import { store } from './pages/stored.mjs';
import { Welcome } from './pages/welcome.mjs';

/** Enough for two of six. */
const HOSTS = 6;
const PRICE = '0.3';
/** Nobody's: whoever pays it first opens it. */
const PAYEE = 'GBCR5OVQ54S2EKHLBZMK6VYMTXZHXN3T45Y6PRX4PX4FXDMJJGY4FD42';
const COLUMNS = 20;

/** A screen from its top on. */
async function readable(page, name) {
  await page.getByRole('main').getByRole('region').first().evaluate((region) => region.scrollTo(0, 0));
  await lookAt(page, name);
  await lookAtLargeText(page, `${name}-large-text`);
  await page.setViewportSize({ width: 1280, height: 800 });
}

test('a wallet is filled, limits are set, what is stored is agreed on, and what was paid can be read', async ({
  start,
  page,
  place,
}) => {
  test.setTimeout(1_800_000);
  const networkPlace = await makeNetworkPlace();
  const network = await startNetwork(networkPlace, HOSTS, ['--price', PRICE]);
  try {
    const app = await start('owner');
    await page.goto(app.url);
    await new Welcome(page, app).create(network.ready.network_file, PASSPHRASE);
    const shell = new Shell(page);
    await shell.go('Wallet');
    const wallet = new Wallet(page);
    await wallet.fund().waitFor();
    await readable(page, 'wallet-closed');
    await wallet.fund().click();
    await expect(wallet.figure()).toContainText('10,000 test XLM');

    await shell.go('Agreements');
    const agreements = new Agreements(page, app);
    await expect(page.getByText('Nothing may be spent yet')).toBeVisible();
    await readable(page, 'agreements-empty');
    await agreements.allow(PRICE, '20');

    const letter = join(place.dir, 'letter.txt');
    await writeFile(letter, 'dear reader, '.repeat(200_000));
    await shell.go('Library');
    await store({ app, page, shell }, letter);

    await shell.go('Agreements');
    await agreements.button('Check now').click();
    await expect(page.getByText(/agreements? opened, with/u)).toBeVisible();
    await expect(agreements.own()).toHaveCount(HOSTS);
    await agreements.own().first().getByText('Details').click();
    await readable(page, 'agreements');
    const table = join(place.dir, 'agreements.csv');
    await agreements.export(table);
    const lines = (await readFile(table, 'utf8')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(1 + HOSTS);
    expect(lines.map((line) => line.split(',').length)).toEqual(lines.map(() => COLUMNS));
    expect(lines[1]).toContain('owner,active,12D3Koo');
    await agreements.button('Renew all…').click();
    await expect(sheetOf(page)).toContainText('There is nothing to renew now');
    await lookAt(page, 'sheet-renew');
    await closeSheet(page);

    await shell.go('Wallet');
    await wallet.plan('G123', '5');
    await expect(page.getByText(/is no account/u)).toBeVisible();
    await wallet.plan(PAYEE, '100000');
    await expect(page.getByText(/lumens are missing/u)).toBeVisible();
    await wallet.plan(PAYEE, '5');
    await expect(sheetOf(page)).toContainText('this opens it');
    await lookAt(page, 'sheet-pay');
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await expect(page.getByText('Paid: 5 test XLM.')).toBeVisible();
    // Its head, the payment, and the deposits.
    await expect(wallet.history()).toHaveCount(3);
    await expect(wallet.history().nth(1)).toContainText('Payment');
    await expect(wallet.history().nth(2)).toContainText('Deposits for storage');
    await readable(page, 'wallet');

    await shell.go('Hosting');
    await page.getByLabel('Space to lend, in GB').fill('1');
    await page.getByLabel('Price for a GiB and month, in XLM').fill(PRICE);
    await page.getByRole('button', { name: 'Lend space' }).click();
    await expect(page.getByText(/^No agreement runs\./u)).toBeVisible();
    await readable(page, 'hosting-paid');
  } finally {
    await network.stop();
    await networkPlace.remove();
  }
});
