// The agreement's recorded contract by what the official SDK reads in it, and nothing else: its own specification.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

import { Asset, Keypair, Operation, contract, hash, scValToNative, xdr } from '@stellar/stellar-sdk';

import { perform, world } from './ledger.mjs';

const WASM = await readFile(new URL('../../src-tauri/contracts/storage_agreement.wasm', import.meta.url));
const WEEK_S = 604_800;
/** Public key, period and genesis of a beacon that is never published here. */
const BEACON = Buffer.concat([Buffer.alloc(192, 1), Buffer.from('00000003', 'hex'), Buffer.from('0000000060000000', 'hex')]);
const CALLS = [
  'accept', 'beacon', 'challenge', 'claim', 'config', 'escrow', 'excuse', 'newest_round', 'open', 'prove', 'renew', 'settle', 'terminate', 'withdraw',
];

const u32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

const u64 = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};

/** Terms of an escrow of five weeks from the next one on, as docs/formats.md packs them. */
function escrowTerms(nowS) {
  const first = Math.floor(nowS / WEEK_S) + 1;
  return Buffer.concat([u32(first), u32(5), u32(WEEK_S), u32(172_800), u32(4), u32(1), Buffer.alloc(16, 9), Buffer.alloc(32, 7)]);
}

function hostTerms(deposit, collateral) {
  return Buffer.concat([Buffer.alloc(32, 4), Buffer.alloc(32, 5), u64(100n), u64(1_048_576n), u64(deposit), u64(collateral), u64(7n)]);
}

/** A client that signs as `signer`, made from the contract's own specification. */
function options(at, signer) {
  const { url, passphrase } = at.ledger;
  const common = { rpcUrl: url, networkPassphrase: passphrase, allowHttp: true, publicKey: signer.publicKey() };
  return { ...common, ...contract.basicNodeSigner(signer, passphrase) };
}

async function deploy(at) {
  const uploaded = await perform(at, at.alice, Operation.uploadContractWasm({ wasm: WASM }));
  assert.equal(uploaded.status, 'SUCCESS');
  const token = Asset.native().contractId(at.ledger.passphrase);
  const deployment = await contract.Client.deploy(
    { token, beacon: BEACON },
    { ...options(at, at.alice), wasmHash: hash(WASM), salt: Buffer.alloc(32, 3) },
  );
  const { result } = await deployment.signAndSend();
  return { client: result, token };
}

test('a client made from the specification opens an escrow, reads it, and takes a part back', async (t) => {
  const at = await world(t);
  const host = Keypair.random();
  await at.server.requestAirdrop(host.publicKey());
  const { client, token } = await deploy(at);
  const names = client.spec.funcs().map((found) => found.name.toString()).filter((name) => !name.startsWith('__'));
  assert.deepEqual(names.sort(), CALLS);
  const config = (await client.config()).result;
  assert.deepEqual([config[0], Buffer.from(config[1])], [token, BEACON]);
  assert.equal((await client.newest_round()).result, 0n);

  const { server, alice } = at;
  const lumens = async () => BigInt((await server.getAccountEntry(alice.publicKey())).balance);
  const nowS = Number((await server.getLatestLedger()).closeTime);
  const terms = escrowTerms(nowS);
  const hosts = hostTerms(5_000_000n, 1_000_000n);
  const opening = await client.open({ owner: alice.publicKey(), terms, accounts: [host.publicKey()], hosts, joins: 0n });
  const had = await lumens();
  const { result: id, getTransactionResponse: opened } = await opening.signAndSend();
  assert.equal(opened.status, 'SUCCESS');
  assert.ok(had - (await lumens()) > 5_000_000n, 'the deposit and a fee');
  // Held, and of host 0 that it was offered a part: decided nothing, five windows, nothing else.
  const stored = Buffer.from((await client.escrow({ id })).result);
  assert.equal(stored.toString('hex'), `${u64(5_000_000n).toString('hex')}00${'00050000000000000000000000000000'}`);

  const { events } = await server.getEvents({
    startLedger: 1,
    filters: [{ type: 'contract', contractIds: [client.options.contractId], topics: [[xdr.ScVal.scvSymbol('agreement').toXDR('base64'), '*', '*']] }],
    limit: 10,
  });
  assert.deepEqual(events.map((event) => scValToNative(event.topic[1])), ['open']);
  assert.equal(scValToNative(events[0].value)[0], 5_000_000n);

  const seat = { owner: alice.publicKey(), terms, account: host.publicKey(), seat: hosts };
  const stranger = await contract.Client.from({ ...options(at, host), contractId: client.options.contractId });
  const foreign = await stranger.withdraw(seat);
  assert.deepEqual(foreign.needsNonInvokerSigningBy(), [alice.publicKey()], 'only the owner may');
  const before = await lumens();
  await (await client.withdraw(seat)).signAndSend();
  assert.ok((await lumens()) > before, 'more came back than the fee');
  const { simulation } = await client.withdraw(seat);
  assert.match(simulation.error, /Error\(Contract, #8\)/u, 'it is closed');
});
