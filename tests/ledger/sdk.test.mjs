// The official JavaScript SDK, unchanged, on the local ledger.

import assert from 'node:assert/strict';
import test from 'node:test';

import {
  Asset,
  Address,
  BASE_FEE,
  Contract,
  Keypair,
  Operation,
  TransactionBuilder,
  hash,
  nativeToScVal,
  rpc,
  scValToNative,
  xdr,
} from '@stellar/stellar-sdk';

import { CONTRACT, perform, world } from './ledger.mjs';

const LUMEN = 10_000_000n;

async function deploy(at, signer) {
  const uploaded = await perform(at, signer, Operation.uploadContractWasm({ wasm: CONTRACT }));
  assert.equal(uploaded.status, 'SUCCESS');
  const created = await perform(
    at,
    signer,
    Operation.createCustomContract({ address: new Address(signer.publicKey()), wasmHash: hash(CONTRACT), salt: Buffer.alloc(32, 7) }),
  );
  assert.equal(created.status, 'SUCCESS');
  return new Contract(scValToNative(created.returnValue));
}

test('knows the network and its state', async (t) => {
  const { ledger, server } = await world(t);
  const network = await server.getNetwork();
  assert.equal(network.passphrase, ledger.passphrase);
  assert.equal(network.friendbotUrl, `${ledger.url}/friendbot`);
  assert.equal((await server.getHealth()).status, 'healthy');
  const latest = await server.getLatestLedger();
  assert.ok(latest.sequence >= 3);
  const ledgers = await server.getLedgers({ startLedger: 1, pagination: { limit: 2 } });
  assert.equal(ledgers.ledgers.length, 2);
  assert.equal((await server.getFeeStats()).inclusionFee.p50, '100');
  assert.equal((await server.getVersionInfo()).protocolVersion, 29);
});

test('funds accounts and moves lumens', async (t) => {
  const at = await world(t);
  const bob = Keypair.random();
  await at.server.fundAddress(bob.publicKey());
  // The one that is there already is looked up instead.
  const again = await at.server.requestAirdrop(at.alice.publicKey());
  assert.equal(again.accountId(), at.alice.publicKey());
  const payment = Operation.payment({ destination: bob.publicKey(), asset: Asset.native(), amount: '12.5' });
  const paid = await perform(at, at.alice, payment, false);
  assert.equal(paid.status, 'SUCCESS');
  const entry = await at.server.getAccountEntry(bob.publicKey());
  assert.equal(BigInt(entry.balance), 10_000n * LUMEN + 125_000_000n);
});

test('offers more for a transaction whose source pays nothing for it', async (t) => {
  const at = await world(t);
  const [sponsor, bob] = [Keypair.random(), Keypair.random()];
  await at.server.requestAirdrop(sponsor.publicKey());
  await at.server.requestAirdrop(bob.publicKey());
  const balance = async (of) => BigInt((await at.server.getAccountEntry(of.publicKey())).balance);
  const [had, sponsorHad] = [await balance(at.alice), await balance(sponsor)];
  const inner = new TransactionBuilder(await at.server.getAccount(at.alice.publicKey()), { fee: BASE_FEE, networkPassphrase: at.ledger.passphrase })
    .addOperation(Operation.payment({ destination: bob.publicKey(), asset: Asset.native(), amount: '3' }))
    .setTimeout(60)
    .build();
  inner.sign(at.alice);
  const bump = (signer) => {
    const built = TransactionBuilder.buildFeeBumpTransaction(sponsor, '500', inner, at.ledger.passphrase);
    built.sign(signer);
    return built;
  };
  const forged = await at.server.sendTransaction(bump(at.alice));
  assert.equal(forged.status, 'ERROR', 'the sponsor signed nothing');
  const outer = bump(sponsor);
  const sent = await at.server.sendTransaction(outer);
  assert.equal(sent.status, 'PENDING', JSON.stringify(sent));
  assert.equal(sent.hash, Buffer.from(outer.hash()).toString('hex'));
  const done = await at.server.pollTransaction(sent.hash);
  assert.equal(done.status, 'SUCCESS');
  assert.equal(done.feeBump, true);
  assert.equal(await balance(at.alice), had - 3n * LUMEN, 'no fee of hers');
  // A bump bids for itself and for the one operation; charged is the least that the ledger asks of both.
  assert.equal(await balance(sponsor), sponsorHad - 200n);
  assert.equal((await at.server.getTransaction(Buffer.from(inner.hash()).toString('hex'))).status, 'SUCCESS', 'known by its own name, too');
  const again = await at.server.sendTransaction(inner);
  assert.ok(['ERROR', 'DUPLICATE'].includes(again.status), 'its number is used');
});

test('deploys a contract, invokes it, and reads its events and data', async (t) => {
  const at = await world(t);
  const contract = await deploy(at, at.alice);
  const key = xdr.ScVal.scvSymbol('kept');
  const put = await perform(at, at.alice, contract.call('put', key, nativeToScVal(41, { type: 'u32' })));
  assert.equal(put.status, 'SUCCESS');
  const got = await perform(at, at.alice, contract.call('get', key));
  assert.equal(scValToNative(got.returnValue), 41);
  const stored = await at.server.getContractData(contract.contractId(), key, rpc.Durability.Persistent);
  assert.ok(stored.liveUntilLedgerSeq > 2_000_000);
  assert.deepEqual(Buffer.from(await at.server.getContractWasmByContractId(contract.contractId())), CONTRACT);

  const topics = xdr.ScVal.scvVec([xdr.ScVal.scvSymbol('proof'), nativeToScVal(3, { type: 'u32' })]);
  await perform(at, at.alice, contract.call('emit', topics, nativeToScVal('window', { type: 'string' })));
  const filter = { type: 'contract', contractIds: [contract.contractId()], topics: [[xdr.ScVal.scvSymbol('proof').toXDR('base64'), '*']] };
  const { events } = await at.server.getEvents({ startLedger: 1, filters: [filter], limit: 10 });
  assert.deepEqual(events.map((event) => scValToNative(event.value)), ['window']);
  assert.deepEqual(events[0].topic.map(scValToNative), ['proof', 3]);
});

test('refuses a wrong signature, and says that a call would trap', async (t) => {
  const at = await world(t);
  const contract = await deploy(at, at.alice);
  const source = await at.server.getAccount(at.alice.publicKey());
  const transaction = new TransactionBuilder(source, { fee: BASE_FEE, networkPassphrase: at.ledger.passphrase })
    .addOperation(Operation.bumpSequence({ bumpTo: '1' }))
    .setTimeout(60)
    .build();
  transaction.sign(Keypair.random());
  const sent = await at.server.sendTransaction(transaction);
  assert.equal(sent.status, 'ERROR');
  const code = sent.errorResult.result;
  assert.equal(typeof code.switch === 'function' ? code.switch().name : (code.type ?? code), 'txBadAuth');
  await assert.rejects(perform(at, at.alice, contract.call('fail')), /WasmVm, InvalidAction/u);
});

test('closes by the clock, takes one transaction of an account at a time, and stops cleanly', async (t) => {
  const at = await world(t, ['--close-every', '1']);
  const bump = () => Operation.bumpSequence({ bumpTo: '1' });
  const source = await at.server.getAccount(at.alice.publicKey());
  const sign = () => {
    const built = new TransactionBuilder(source, { fee: BASE_FEE, networkPassphrase: at.ledger.passphrase })
      .addOperation(bump())
      .setTimeout(60)
      .build();
    built.sign(at.alice);
    return built;
  };
  const [one, next] = [sign(), sign()];
  const sent = await at.server.sendTransaction(one);
  assert.equal(sent.status, 'PENDING');
  const second = await at.server.sendTransaction(next);
  assert.ok(['TRY_AGAIN_LATER', 'PENDING'].includes(second.status), 'the clock may have closed between the two');
  assert.equal((await at.server.pollTransaction(sent.hash)).status, 'SUCCESS');
  at.ledger.child.kill('SIGTERM');
  assert.deepEqual(await at.ledger.exit, [0, null]);
});
