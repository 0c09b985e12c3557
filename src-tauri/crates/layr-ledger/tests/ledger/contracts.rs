//! Contract calls: the token contract of the lumen itself, which needs the payer's authorisation.

use layr_ledger::{Account, Approval, Contract, ContractCall, EventsFrom, Intent, LedgerError, Stroops};
use sha2::{Digest, Sha256};
use stellar_xdr as xdr;
use xdr::{Limits, WriteXdr};

use crate::kit::{Net, lumens};

/// The contract of the lumen: its id follows from the network's.
fn lumen_contract(network_id: [u8; 32]) -> Contract {
    let preimage = xdr::HashIdPreimage::ContractId(xdr::HashIdPreimageContractId {
        network_id: xdr::Hash(network_id),
        contract_id_preimage: xdr::ContractIdPreimage::Asset(xdr::Asset::Native),
    });
    Contract::from_bytes(Sha256::digest(preimage.to_xdr(Limits::none()).unwrap()).into())
}

fn address(account: Account) -> xdr::ScVal {
    let key = xdr::PublicKey::PublicKeyTypeEd25519(xdr::Uint256(*account.as_bytes()));
    xdr::ScVal::Address(xdr::ScAddress::Account(xdr::AccountId(key)))
}

fn stroops(amount: Stroops) -> xdr::ScVal {
    xdr::ScVal::I128(xdr::Int128Parts { hi: 0, lo: amount.stroops() })
}

/// `transfer(from, to, amount)`, and the approval of exactly that.
fn transfer(token: Contract, from: Account, to: Account, amount: Stroops) -> (ContractCall, Approval) {
    let args = vec![address(from), address(to), stroops(amount)];
    let invocation = xdr::SorobanAuthorizedInvocation {
        function: xdr::SorobanAuthorizedFunction::ContractFn(xdr::InvokeContractArgs {
            contract_address: token.to_xdr(),
            function_name: xdr::ScSymbol("transfer".try_into().unwrap()),
            args: args.clone().try_into().unwrap(),
        }),
        sub_invocations: xdr::VecM::default(),
    };
    let approval = Approval { invocations: vec![invocation], spends: amount, ..Approval::of_nothing() };
    (ContractCall::invoke(token, "transfer", args, approval.clone()).unwrap(), approval)
}

#[tokio::test]
async fn a_call_is_signed_as_approved_settled_once_and_published() {
    let net = Net::start().await;
    let (ann, bob) = (net.funded(1).await, net.funded(2).await);
    let (payer, friend) = (ann.queue.account(), bob.queue.account());
    let token = lumen_contract(net.ledger.network_id());
    let from = net.ledger.tip().await.unwrap().sequence;
    let (call, approval) = transfer(token, payer, friend, lumens("25"));

    let unapproved = ContractCall { approval: Approval::of_nothing(), ..call.clone() };
    let refused = ann.queue.submit("a", &Intent::Call(unapproved), lumens("1")).await;
    assert!(matches!(refused, Err(LedgerError::NotApproved { .. })), "{refused:?}");
    let (_, other) = transfer(token, payer, friend, lumens("26"));
    let refused = ann
        .queue
        .submit("a", &Intent::Call(ContractCall { approval: other, ..call.clone() }), lumens("1"))
        .await;
    assert!(matches!(refused, Err(LedgerError::NotApproved { .. })), "{refused:?}");
    let narrow = Approval { footprint_keys: 1, ..approval };
    let refused = ann
        .queue
        .submit("a", &Intent::Call(ContractCall { approval: narrow, ..call.clone() }), lumens("1"))
        .await;
    assert!(matches!(refused, Err(LedgerError::NotApproved { .. })), "{refused:?}");
    let refused = ann.queue.submit("a", &Intent::Call(call.clone()), Stroops::small(1000)).await;
    assert!(matches!(refused, Err(LedgerError::FeeAboveCap { .. })), "{refused:?}");
    assert_eq!(net.balance(payer).await, lumens("10000"), "nothing was signed");

    let settled = ann.queue.submit("a", &Intent::Call(call.clone()), lumens("1")).await.unwrap();
    assert_eq!(settled.returned, Some(xdr::ScVal::Void));
    assert_eq!(ann.queue.submit("a", &Intent::Call(call), lumens("1")).await, Ok(settled.clone()));
    assert_eq!(net.balance(friend).await, lumens("10025"));
    let paid = lumens("10000").checked_sub(net.balance(payer).await).unwrap();
    assert_eq!(paid, lumens("25").checked_add(settled.fee).unwrap());

    let page = net.ledger.events(token, &EventsFrom::Ledger(from)).await.unwrap();
    let amounts: Vec<_> = page
        .events
        .iter()
        .filter(|event| {
            event.transaction == hex::encode(settled.hash) && event.topics.contains(&address(friend))
        })
        .map(|event| event.value.clone())
        .collect();
    assert_eq!(amounts, [stroops(lumens("25"))]);
    let rest = net.ledger.events(token, &EventsFrom::Cursor(page.cursor)).await.unwrap();
    assert_eq!(rest.events, []);
}

#[tokio::test]
async fn a_call_that_the_contract_refuses_costs_nothing() {
    let net = Net::start().await;
    let (ann, bob) = (net.funded(1).await, net.funded(2).await);
    let (payer, friend) = (ann.queue.account(), bob.queue.account());
    let token = lumen_contract(net.ledger.network_id());
    // Somebody else's money, and more than there is.
    for (from, amount) in [(friend, "25"), (payer, "10001")] {
        let (call, _) = transfer(token, from, payer, lumens(amount));
        let refused = ann.queue.submit("a", &Intent::Call(call), lumens("1")).await;
        let is_refused = matches!(
            refused,
            Err(LedgerError::Refused { .. }
                | LedgerError::NotApproved { .. }
                | LedgerError::InsufficientFunds { .. })
        );
        assert!(is_refused, "{refused:?}");
    }
    assert_eq!(net.balance(payer).await, lumens("10000"));
}
