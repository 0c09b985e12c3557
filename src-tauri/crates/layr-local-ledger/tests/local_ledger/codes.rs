//! Result codes, in the order in which stellar-core finds what is wrong.

use stellar_xdr::{
    AccountMergeResult, BumpSequenceOp, CreateAccountOp, CreateAccountResult, Duration, LedgerBounds,
    OperationBody, OperationResult, OperationResultTr, PaymentResult, Preconditions, PreconditionsV2,
    SequenceNumber, TimeBounds, TimePoint, TransactionEnvelope, TransactionResultResult as Code,
    TransactionV1Envelope, VecM,
};

use crate::support::{Account, Client, LUMEN, Net, START, payment, result};

fn bounds(min: u64, max: u64) -> Preconditions {
    Preconditions::Time(TimeBounds { min_time: TimePoint(min), max_time: TimePoint(max) })
}

#[tokio::test]
async fn of_whole_transactions() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    let good = client.transaction(&alice, vec![payment(&bob.id(), LUMEN)]).await;
    let change = |change: &dyn Fn(&mut stellar_xdr::Transaction)| {
        let mut changed = good.clone();
        change(&mut changed);
        client.sign(changed, &[&alice])
    };
    // The right key's, but of something else.
    let forged = TransactionEnvelope::Tx(TransactionV1Envelope {
        tx: good.clone(),
        signatures: vec![alice.sign(&[7; 32])].try_into().unwrap(),
    });
    let cases = [
        (change(&|one| one.operations = VecM::default()), Code::TxMissingOperation),
        (change(&|one| one.cond = bounds(START + 1, 0)), Code::TxTooEarly),
        (change(&|one| one.cond = bounds(0, START - 1)), Code::TxTooLate),
        (change(&|one| one.fee = 99), Code::TxInsufficientFee),
        (change(&|one| one.source_account = Account::new(9).id().into()), Code::TxNoAccount),
        (change(&|one| one.seq_num = SequenceNumber(good.seq_num.0 + 1)), Code::TxBadSeq),
        (change(&|one| one.seq_num = SequenceNumber(good.seq_num.0 - 1)), Code::TxBadSeq),
        (client.sign(good.clone(), &[&bob]), Code::TxBadAuth),
        (client.sign(good.clone(), &[]), Code::TxBadAuth),
        (forged, Code::TxBadAuth),
        (client.sign(good.clone(), &[&alice, &bob]), Code::TxBadAuthExtra),
        // What comes first in that order is what is told.
        (change(&|one| (one.fee, one.cond) = (1, bounds(0, START - 1))), Code::TxTooLate),
        (change(&|one| (one.fee, one.seq_num) = (1, SequenceNumber(5))), Code::TxInsufficientFee),
    ];
    for (place, (envelope, code)) in cases.into_iter().enumerate() {
        assert_eq!(client.refused(&envelope).await, code, "case {place}");
    }
    // Nothing of all that used anything up.
    let answer = client.carried_out(&client.sign(good, &[&alice])).await;
    assert_eq!(answer["status"], "SUCCESS");
    assert_eq!(client.balance(&alice.id()).await, 9_999 * LUMEN - 100);
}

#[tokio::test]
async fn of_preconditions() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let good = client.transaction(&alice, vec![payment(&alice.id(), 1)]).await;
    let plain = || PreconditionsV2 {
        time_bounds: None,
        ledger_bounds: None,
        min_seq_num: None,
        min_seq_age: Duration(0),
        min_seq_ledger_gap: 0,
        extra_signers: VecM::default(),
    };
    let signed = |cond: PreconditionsV2| {
        let mut changed = good.clone();
        changed.cond = Preconditions::V2(cond);
        client.sign(changed, &[&alice])
    };
    let ledgers = |min_ledger, max_ledger| Some(LedgerBounds { min_ledger, max_ledger });
    // The next ledger is number 4: genesis, the native contract, the gift.
    let cases = [
        (PreconditionsV2 { ledger_bounds: ledgers(5, 0), ..plain() }, Code::TxTooEarly),
        (PreconditionsV2 { ledger_bounds: ledgers(0, 4), ..plain() }, Code::TxTooLate),
        (PreconditionsV2 { min_seq_num: Some(SequenceNumber(i64::MAX)), ..plain() }, Code::TxBadSeq),
        (PreconditionsV2 { min_seq_age: Duration(START + 1), ..plain() }, Code::TxBadMinSeqAgeOrGap),
        (PreconditionsV2 { min_seq_ledger_gap: 5, ..plain() }, Code::TxBadMinSeqAgeOrGap),
    ];
    for (cond, code) in cases {
        assert_eq!(client.refused(&signed(cond)).await, code);
    }
    let fits = PreconditionsV2 { ledger_bounds: ledgers(4, 5), min_seq_ledger_gap: 4, ..plain() };
    assert_eq!(client.carried_out(&signed(fits)).await["status"], "SUCCESS");
}

async fn operation_code(client: &Client, from: &Account, body: OperationBody) -> OperationResultTr {
    let transaction = client.transaction(from, vec![body]).await;
    let before = client.account(&from.id()).await.unwrap();
    let answer = client.carried_out(&client.sign(transaction, &[from])).await;
    assert_eq!(answer["status"], "FAILED", "{answer}");
    // A failed one costs its fee and its number, and nothing else.
    let after = client.account(&from.id()).await.unwrap();
    assert_eq!((after.balance, after.seq_num.0), (before.balance - 100, before.seq_num.0 + 1));
    let Code::TxFailed(operations) = result(&answer).result else { panic!("{answer}") };
    let OperationResult::OpInner(inner) = operations[0].clone() else { panic!("{answer}") };
    inner
}

fn create(account: &Account, stroops: i64) -> OperationBody {
    OperationBody::CreateAccount(CreateAccountOp { destination: account.id(), starting_balance: stroops })
}

#[tokio::test]
async fn of_operations() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob, nobody) = (client.funded(1).await, client.funded(2).await, Account::new(9));
    // Ten thousand lumens, less the reserve of one, less fees so far.
    let too_much = 9_999 * LUMEN;
    let cases = [
        (payment(&nobody.id(), 1), OperationResultTr::Payment(PaymentResult::NoDestination)),
        (payment(&bob.id(), too_much), OperationResultTr::Payment(PaymentResult::Underfunded)),
        (payment(&bob.id(), i64::MAX), OperationResultTr::Payment(PaymentResult::LineFull)),
        (create(&bob, LUMEN), OperationResultTr::CreateAccount(CreateAccountResult::AlreadyExist)),
        (create(&nobody, LUMEN - 1), OperationResultTr::CreateAccount(CreateAccountResult::LowReserve)),
        (create(&nobody, too_much), OperationResultTr::CreateAccount(CreateAccountResult::Underfunded)),
        (
            OperationBody::AccountMerge(nobody.id().into()),
            OperationResultTr::AccountMerge(AccountMergeResult::NoAccount),
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(operation_code(&client, &alice, body).await, expected);
    }
    // What is wrong by itself does not even get in.
    for body in [payment(&bob.id(), 0), payment(&bob.id(), -1), create(&alice, LUMEN), create(&nobody, -1)] {
        let transaction = client.transaction(&alice, vec![body]).await;
        let code = client.refused(&client.sign(transaction, &[&alice])).await;
        assert!(matches!(code, Code::TxFailed(_)), "{code:?}");
    }
}

#[tokio::test]
async fn of_operations_that_are_not_there() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let transaction = client.transaction(&alice, vec![OperationBody::Inflation]).await;
    let code = client.refused(&client.sign(transaction, &[&alice])).await;
    assert_eq!(code, Code::TxFailed(vec![OperationResult::OpNotSupported].try_into().unwrap()));
}

#[tokio::test]
async fn all_operations_or_none() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    let bodies =
        vec![payment(&bob.id(), LUMEN), payment(&Account::new(9).id(), 1), payment(&bob.id(), LUMEN)];
    let transaction = client.transaction(&alice, bodies).await;
    let answer = client.carried_out(&client.sign(transaction, &[&alice])).await;
    assert_eq!(answer["status"], "FAILED");
    assert_eq!(client.balance(&bob.id()).await, 10_000 * LUMEN);
    assert_eq!(client.balance(&alice.id()).await, 10_000 * LUMEN - 300);
}

#[tokio::test]
async fn an_account_that_is_merged_leaves_all_it_has_and_cannot_be_replayed() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    // A number of a ledger that has not come keeps an account from leaving.
    let far = OperationBody::BumpSequence(BumpSequenceOp { bump_to: SequenceNumber(1 << 40) });
    let transaction = client.transaction(&bob, vec![far]).await;
    assert_eq!(client.carried_out(&client.sign(transaction, &[&bob])).await["status"], "SUCCESS");
    let stays = operation_code(&client, &bob, OperationBody::AccountMerge(alice.id().into())).await;
    assert_eq!(stays, OperationResultTr::AccountMerge(AccountMergeResult::SeqnumTooFar));

    let transaction = client.transaction(&alice, vec![OperationBody::AccountMerge(bob.id().into())]).await;
    let envelope = client.sign(transaction, &[&alice]);
    assert_eq!(client.carried_out(&envelope).await["status"], "SUCCESS");
    assert_eq!(client.account(&alice.id()).await, None);
    assert_eq!(client.balance(&bob.id()).await, 20_000 * LUMEN - 300);
    let again = client.funded(1).await;
    assert_eq!(client.refused(&envelope).await, Code::TxBadSeq);
    assert_eq!(client.balance(&again.id()).await, 10_000 * LUMEN);
}

#[tokio::test]
async fn nobody_pays_a_fee_out_of_the_reserve() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, poor) = (client.funded(1).await, Account::new(3));
    let transaction = client.transaction(&alice, vec![create(&poor, LUMEN + 99)]).await;
    assert_eq!(client.carried_out(&client.sign(transaction, &[&alice])).await["status"], "SUCCESS");
    let transaction = client.transaction(&poor, vec![payment(&alice.id(), 1)]).await;
    let code = client.refused(&client.sign(transaction, &[&poor])).await;
    assert_eq!(code, Code::TxInsufficientBalance);
}
