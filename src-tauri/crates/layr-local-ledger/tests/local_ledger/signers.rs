//! Who may sign for an account: weights, hashes, promises, and those who pay for others.

use sha2::{Digest, Sha256};
use stellar_xdr::{
    DecoratedSignature, OperationBody, SetOptionsOp, Signature, SignatureHint, Signer, SignerKey,
    TransactionEnvelope, TransactionResultResult as Code, TransactionV1Envelope, Uint256,
};

use crate::support::{Account, Client, LUMEN, Net, bump, payment, result};

fn options() -> SetOptionsOp {
    SetOptionsOp {
        inflation_dest: None,
        clear_flags: None,
        set_flags: None,
        master_weight: None,
        low_threshold: None,
        med_threshold: None,
        high_threshold: None,
        home_domain: None,
        signer: None,
    }
}

fn signer(key: SignerKey, weight: u32) -> OperationBody {
    OperationBody::SetOptions(SetOptionsOp { signer: Some(Signer { key, weight }), ..options() })
}

fn key_of(account: &Account) -> SignerKey {
    let stellar_xdr::AccountId(stellar_xdr::PublicKey::PublicKeyTypeEd25519(key)) = account.id();
    SignerKey::Ed25519(key)
}

async fn done(client: &Client, from: &Account, bodies: Vec<OperationBody>, signers: &[&Account]) {
    let transaction = client.transaction(from, bodies).await;
    let answer = client.carried_out(&client.sign(transaction, signers)).await;
    assert_eq!(answer["status"], "SUCCESS", "{:?}", result(&answer));
}

#[tokio::test]
async fn weights_reach_thresholds_together() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob, carol) = (client.funded(1).await, Account::new(2), Account::new(3));
    let thresholds = SetOptionsOp { med_threshold: Some(2), high_threshold: Some(3), ..options() };
    let bodies =
        vec![signer(key_of(&bob), 1), signer(key_of(&carol), 1), OperationBody::SetOptions(thresholds)];
    done(&client, &alice, bodies, &[&alice]).await;
    assert_eq!(client.account(&alice.id()).await.unwrap().num_sub_entries, 2);

    let pay = || vec![payment(&alice.id(), 1)];
    let alone = client.transaction(&alice, pay()).await;
    let code = client.refused(&client.sign(alone, &[&alice])).await;
    assert!(matches!(code, Code::TxFailed(_)), "{code:?}");
    done(&client, &alice, pay(), &[&bob, &carol]).await;
    let extra = client.transaction(&alice, pay()).await;
    assert_eq!(client.refused(&client.sign(extra, &[&alice, &bob, &carol])).await, Code::TxBadAuthExtra);
    // High: all three. And with weight 0 a signer is gone, and its reserve free.
    done(&client, &alice, vec![signer(key_of(&carol), 0)], &[&alice, &bob, &carol]).await;
    assert_eq!(client.account(&alice.id()).await.unwrap().num_sub_entries, 1);
}

#[tokio::test]
async fn a_secret_signs_for_its_hash() {
    let net = Net::start().await;
    let client = net.client();
    let alice = client.funded(1).await;
    let image: [u8; 32] = Sha256::digest(b"open sesame").into();
    done(&client, &alice, vec![signer(SignerKey::HashX(Uint256(image)), 1)], &[&alice]).await;
    let reveal = |secret: &[u8]| DecoratedSignature {
        hint: SignatureHint(image[28..].try_into().unwrap()),
        signature: Signature(secret.to_vec().try_into().unwrap()),
    };
    let transaction = client.transaction(&alice, vec![payment(&alice.id(), 1)]).await;
    let with = |signature| {
        TransactionEnvelope::Tx(TransactionV1Envelope {
            tx: transaction.clone(),
            signatures: vec![signature].try_into().unwrap(),
        })
    };
    assert_eq!(client.refused(&with(reveal(b"open barley"))).await, Code::TxBadAuth);
    assert_eq!(client.carried_out(&with(reveal(b"open sesame"))).await["status"], "SUCCESS");
}

#[tokio::test]
async fn a_promise_signs_for_one_transaction_and_is_gone() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    let mut promised = client.transaction(&alice, vec![payment(&bob.id(), 5 * LUMEN)]).await;
    promised.seq_num.0 += 1;
    let hash = promised.hash(client.id).unwrap();
    done(&client, &alice, vec![signer(SignerKey::PreAuthTx(Uint256(hash)), 1)], &[&alice]).await;
    let unsigned = client.sign(promised, &[]);
    assert_eq!(client.carried_out(&unsigned).await["status"], "SUCCESS");
    let after = client.account(&alice.id()).await.unwrap();
    assert!(after.signers.is_empty() && after.num_sub_entries == 0, "{after:?}");
    assert_eq!(client.refused(&unsigned).await, Code::TxBadSeq);
}

#[tokio::test]
async fn somebody_else_pays() {
    let net = Net::start().await;
    let client = net.client();
    let (alice, bob) = (client.funded(1).await, client.funded(2).await);
    let mut transaction = client.transaction(&alice, vec![payment(&bob.id(), LUMEN)]).await;
    transaction.fee = 0;
    let TransactionEnvelope::Tx(inner) = client.sign(transaction, &[&alice]) else { unreachable!() };
    assert_eq!(client.refused(&TransactionEnvelope::Tx(inner.clone())).await, Code::TxInsufficientFee);
    assert_eq!(client.refused(&bump(&client, &bob, 199, inner.clone())).await, Code::TxInsufficientFee);
    assert_eq!(client.refused(&bump(&client, &Account::new(9), 200, inner.clone())).await, Code::TxNoAccount);

    // A bump may not bid less for each operation than what it is around.
    let mut generous = client.transaction(&alice, vec![payment(&bob.id(), LUMEN)]).await;
    generous.fee = 1000;
    let TransactionEnvelope::Tx(generous) = client.sign(generous, &[&alice]) else { unreachable!() };
    assert_eq!(client.refused(&bump(&client, &bob, 1999, generous)).await, Code::TxInsufficientFee);

    let mut forged = inner.clone();
    forged.signatures = vec![bob.sign(&[0; 32])].try_into().unwrap();
    let code = client.refused(&bump(&client, &bob, 200, forged)).await;
    assert!(matches!(code, Code::TxFeeBumpInnerFailed(_)), "{code:?}");

    let answer = client.carried_out(&bump(&client, &bob, 5_000, inner)).await;
    assert_eq!((&answer["status"], &answer["feeBump"]), (&"SUCCESS".into(), &true.into()));
    assert!(matches!(result(&answer).result, Code::TxFeeBumpInnerSuccess(_)));
    // Two operations' worth, one of them the bump; not what was bid.
    assert_eq!(client.balance(&bob.id()).await, 10_001 * LUMEN - 200);
    assert_eq!(client.balance(&alice.id()).await, 9_999 * LUMEN);
}
