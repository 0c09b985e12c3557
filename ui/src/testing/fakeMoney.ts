import type * as B from '../ipc/bindings';

export const ACCOUNT = 'GDW6AUTBXTOC7FIKUO5BOO3OGLK4SF7ZPOBLMQHMZDI45J2Z6VXRB5NR';
export const PAYEE = 'GBCR5OVQ54S2EKHLBZMK6VYMTXZHXN3T45Y6PRX4PX4FXDMJJGY4FD42';

export function fakeWallet(changes: Partial<B.WalletReport> = {}): B.WalletReport {
  return {
    account: ACCOUNT,
    source: 'phrase',
    is_open: true,
    balance_xlm: '9876.5432101',
    spendable_xlm: '9875.5432101',
    reserve_xlm: '1',
    escrow_xlm: '12.5',
    runway_days: 84,
    has_friendbot: true,
    money: 'test',
    ...changes,
  };
}

export function fakeTransaction(changes: Partial<B.WalletTransaction> = {}): B.WalletTransaction {
  return {
    kind: 'payment',
    state: 'done',
    signed_at: '2026-11-22T10:00:00Z',
    amount_xlm: '12.5',
    destination: PAYEE,
    memo: 'invoice 7',
    fee_xlm: '0.00001',
    transaction: 'ab'.repeat(32),
    ledger: 4711,
    key: 'one',
    ...changes,
  };
}

/** A payment, the deposits of agreements, and something that failed. */
export function fakeHistory(changes: Partial<B.WalletHistory> = {}): B.WalletHistory {
  const { memo: _, destination: _to, ...plain } = fakeTransaction();
  return {
    transactions: [
      fakeTransaction(),
      { ...plain, kind: 'escrow', amount_xlm: '1.75', transaction: 'cd'.repeat(32), key: 'open:1' },
      {
        ...plain,
        kind: 'settlement',
        state: 'failed',
        code: 'txFailed',
        transaction: 'ef'.repeat(32),
        key: 'settle:1',
      },
    ],
    has_more: false,
    ...changes,
  };
}

export function fakePaymentPlan(request: B.PaymentRequest): B.PaymentPlan {
  return {
    token: 'a'.repeat(32),
    plan: {
      destination: request.destination,
      amount_xlm: request.amount_xlm,
      ...(request.memo === undefined ? {} : { memo: request.memo }),
      fee_xlm: '0.00001',
      fee_cap_xlm: '0.02',
      opens_account: false,
      left_xlm: '9863.0432',
    },
  };
}

export function fakeSent(changes: Partial<B.WalletSendReport> = {}): B.WalletSendReport {
  return {
    destination: PAYEE,
    amount_xlm: '12.5',
    fee_xlm: '0.00001',
    transaction: 'ab'.repeat(32),
    ledger: 4711,
    key: 'one',
    ...changes,
  };
}

const HOST = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp';

/** One that runs, in its fifth window. */
export function fakeAgreement(changes: Partial<B.AgreementInfo> = {}): B.AgreementInfo {
  return {
    id: '1',
    host: HOST,
    owner: '5f'.repeat(32),
    role: 'owner',
    state: 'active',
    start: '2026-10-22T00:00:00Z',
    end: '2027-01-21T00:00:00Z',
    windows_total: 13,
    windows_proven: 3,
    windows_missed: 1,
    windows: [
      'proven',
      'proven',
      'missed',
      'proven',
      'running',
      ...Array.from({ length: 8 }, (): B.AgreementWindow => 'to_come'),
    ],
    window_rent_xlm: '0.07',
    missed_window_xlm: '0.0153846',
    misses_allowed: 1,
    renewable_from: '2026-12-31T00:00:00Z',
    next_proof: { from: '2026-11-24T00:00:00Z', until: '2026-11-26T00:00:00Z' },
    price_xlm_per_gib_month: '0.3',
    deposit_xlm: '0.99',
    collateral_xlm: '0.2',
    paid_xlm: '0.21',
    held_xlm: '1.19',
    left_xlm: '0.78',
    leaf_count: 1_048_576,
    auto_renew: false,
    escrow: '0a'.repeat(32),
    ...changes,
  };
}

/** Both roles, and every state that is shown. */
export function fakeAgreements(changes: Partial<B.AgreementsReport> = {}): B.AgreementsReport {
  const over = { windows: Array.from({ length: 13 }, (): B.AgreementWindow => 'proven') };
  return {
    agreements: [
      fakeAgreement(),
      fakeAgreement({
        id: '2',
        host: `${HOST.slice(0, -3)}Two`,
        state: 'ending',
        start: '2026-09-03T00:00:00Z',
        end: '2026-12-03T00:00:00Z',
        renewable_from: '2026-11-12T00:00:00Z',
      }),
      fakeAgreement({ id: '3', role: 'host', owner: '7c'.repeat(32) }),
      fakeAgreement({ id: '4', state: 'ended', ...over, end: '2026-09-03T00:00:00Z', held_xlm: '0' }),
      fakeAgreement({ id: '5', state: 'dropped' }),
    ],
    limits: { max_price_xlm_per_gib_month: '0.3', monthly_cap_xlm: '20', auto_renew: false },
    month_fees_xlm: '0.0731',
    runway_days: 11,
    now: '2026-11-22T10:00:00Z',
    ...changes,
  };
}

export function fakeRenewPlan(changes: Partial<B.AgreementsRenewPlan> = {}): B.AgreementsRenewPlan {
  const term: B.PlannedTerm = {
    host: HOST,
    is_renewal: true,
    start: '2026-12-03T00:00:00Z',
    end: '2027-03-04T00:00:00Z',
    leaf_count: 1_048_576,
    price_xlm_per_gib_month: '0.3',
    deposit_xlm: '0.99',
  };
  return {
    terms: [
      term,
      { ...term, host: `${HOST.slice(0, -3)}Two`, is_renewal: false },
      { ...term, host: `${HOST.slice(0, -3)}Dea`, obstacle: 'Its price is above the limit.' },
    ],
    deposits_xlm: '1.98',
    fee_cap_xlm: '1.2',
    spendable_xlm: '9875.5432101',
    missing_xlm: '0',
    ...changes,
  };
}

export function fakeChecked(changes: Partial<B.AgreementsCheckReport> = {}): B.AgreementsCheckReport {
  return {
    opened: 0,
    deposited_xlm: '0',
    windows_proven: 0,
    windows_missed: 0,
    settled: 0,
    obstacles: [],
    ...changes,
  };
}
