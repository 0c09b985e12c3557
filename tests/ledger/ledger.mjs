// A ledger process for one test, and what the tests put on it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { BASE_FEE, Keypair, TransactionBuilder, rpc } from '@stellar/stellar-sdk';

/** The contract of the crate's own tests: put, get, emit, burn, fail, put_temp. Each calls one function of the host. */
export const CONTRACT = Buffer.from(
  '0061736d0100000001170460037e7e7e017e60027e7e017e60017e017e6000017e021303016c015f0000016c01310001017801310001030706010201030301072d0603707574000303676574000404656d69740005046275726e0006046661696c0007087075745f74656d7000080a36060a0020002001420110000b08002000420110010b08002000200110020b080003400c000b000b0300000b0a0020002001420010000b001e11636f6e7472616374656e766d6574617630000000000000001600000000',
  'hex',
);

/** Starts `layr ledger`. Stops it, and removes what it wrote, when the test `t` ends. */
export async function startLedger(t, flags = []) {
  const home = await mkdtemp(join(tmpdir(), 'layr-ledger-'));
  const program = process.env.LAYR_BIN ?? 'layr';
  const child = spawn(program, ['--home', home, '--json', 'ledger', '--listen', '127.0.0.1:0', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await exit;
    await rm(home, { recursive: true });
  });
  const lines = createInterface({ input: child.stdout });
  const ready = await Promise.race([once(lines, 'line').then(([line]) => JSON.parse(line)), exit]);
  if (!ready.ledger) throw new Error(`the ledger did not start: ${ready}`);
  return { url: ready.ledger, passphrase: ready.passphrase, child, exit };
}

/** A ledger, a client of it, and an account with lumens. */
export async function world(t, flags) {
  const ledger = await startLedger(t, flags);
  const server = new rpc.Server(ledger.url, { allowHttp: true });
  const alice = Keypair.random();
  await server.requestAirdrop(alice.publicKey());
  return { ledger, server, alice };
}

/** One operation, prepared where it is Soroban's, signed and polled for. */
export async function perform({ ledger, server }, signer, operation, isSoroban = true) {
  const source = await server.getAccount(signer.publicKey());
  const built = new TransactionBuilder(source, { fee: BASE_FEE, networkPassphrase: ledger.passphrase })
    .addOperation(operation)
    .setTimeout(60)
    .build();
  const transaction = isSoroban ? await server.prepareTransaction(built) : built;
  transaction.sign(signer);
  const sent = await server.sendTransaction(transaction);
  assert.equal(sent.status, 'PENDING', JSON.stringify(sent));
  return server.pollTransaction(sent.hash);
}
