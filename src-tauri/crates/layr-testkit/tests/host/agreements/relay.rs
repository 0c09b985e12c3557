//! An owner that hides an escrow: it opens through a contract of its own, so that no transaction shows the hosts' terms, among parts that
//! look like this host's and are not.

use layr_agreement::State;
use layr_ledger::agreement::{AgreementContract, HostTerms, Offer, Place, Seat};
use layr_ledger::{Approval, Contract, ContractCall};
use layr_node::wire::Response;
use stellar_xdr as xdr;

use super::market::{Market, Opened};

/// A contract of one function, `relay(contract, function, arguments)`, which calls that.
const RELAY: &[u8] = b"\0asm\x01\0\0\0\
    \x01\x08\x01\x60\x03\x7e\x7e\x7e\x01\x7e\
    \x02\x07\x01\x01d\x01_\0\0\
    \x03\x02\x01\0\
    \x07\x09\x01\x05relay\0\x01\
    \x0a\x0c\x01\x0a\0\x20\0\x20\x01\x20\x02\x10\0\x0b\
    \0\x1e\x11contractenvmetav0\0\0\0\0\0\0\0\x16\0\0\0\0";
const SALT: [u8; 32] = [8; 32];

fn symbol(name: &str) -> xdr::ScSymbol {
    xdr::ScSymbol(name.as_bytes().to_vec().try_into().unwrap())
}

/// Brings the owner's contract onto the ledger.
async fn relay(market: &Market) -> Contract {
    let owner = market.purse.account();
    let function = xdr::HostFunction::UploadContractWasm(RELAY.to_vec().try_into().unwrap());
    let uploaded =
        market.call(ContractCall { function, auth: Vec::new(), approval: Approval::of_nothing() }).await;
    let Some(xdr::ScVal::Bytes(code)) = uploaded.returned else { panic!("{uploaded:?}") };
    let key = xdr::PublicKey::PublicKeyTypeEd25519(xdr::Uint256(*owner.as_bytes()));
    let address = xdr::ScAddress::Account(xdr::AccountId(key));
    let from = xdr::ContractIdPreimageFromAddress { address, salt: xdr::Uint256(SALT) };
    let made = xdr::CreateContractArgsV2 {
        contract_id_preimage: xdr::ContractIdPreimage::Address(from),
        executable: xdr::ContractExecutable::Wasm(xdr::Hash(code.as_slice().try_into().unwrap())),
        constructor_args: xdr::VecM::default(),
    };
    let approved = xdr::SorobanAuthorizedInvocation {
        function: xdr::SorobanAuthorizedFunction::CreateContractV2HostFn(made.clone()),
        sub_invocations: xdr::VecM::default(),
    };
    let approval = Approval { invocations: vec![approved], ..Approval::of_nothing() };
    let function = xdr::HostFunction::CreateContractV2(made);
    market.call(ContractCall { function, auth: Vec::new(), approval }).await;
    // What a contract is called does not follow from its code.
    AgreementContract::of(market.ledger.network_id(), owner, SALT).unwrap().contract
}

/// The same call, by way of the owner's contract.
fn relayed(relay: Contract, call: ContractCall) -> ContractCall {
    let xdr::HostFunction::InvokeContract(called) = call.function else { panic!("{call:?}") };
    let args = vec![
        xdr::ScVal::Address(called.contract_address),
        xdr::ScVal::Symbol(called.function_name),
        xdr::ScVal::Vec(Some(xdr::ScVec(called.args))),
    ];
    let function = xdr::HostFunction::InvokeContract(xdr::InvokeContractArgs {
        contract_address: relay.to_xdr(),
        function_name: symbol("relay"),
        args: args.try_into().unwrap(),
    });
    ContractCall { function, ..call }
}

#[tokio::test]
async fn an_escrow_that_its_owner_hides_behind_a_contract_and_decoys_is_found() {
    let market = Market::open().await;
    let relay = relay(&market).await;
    let deal = market.deal(market.stored(1..4).await, 1).await;
    let consent = market.agreed(&deal).await;
    let other = HostTerms { receipt_key: [3; 32], ..deal.seat.clone() };
    let offered = |terms: &HostTerms| Offer { terms: terms.clone(), consent: None };

    // One escrow on these terms that the host did not join, and that the owner takes back.
    let decoy = [deal.seat.clone()];
    market.call(market.contract.open(&deal.terms, &[offered(&deal.seat)]).unwrap()).await;
    let place = (deal.terms.id(&decoy).unwrap(), 0);
    let seat = Seat::of(&decoy, 0).unwrap();
    market.call(market.contract.withdraw(&deal.terms, &seat, place).unwrap()).await;
    assert_eq!(market.escrow(place.0).await.unwrap().slot(0, 13).state, State::Closed);

    // And one in which the same part is offered once more, before the one that it consented to.
    let hosts = [other.clone(), deal.seat.clone(), deal.seat.clone()];
    let joined = Offer { terms: deal.seat.clone(), consent: Some(consent) };
    let offers = [offered(&other), offered(&deal.seat), joined];
    market.call(relayed(relay, market.contract.open(&deal.terms, &offers).unwrap())).await;
    let place = Place { escrow: deal.terms.id(&hosts).unwrap(), host: 2 };
    let opened = Opened { deal, place, seat: Seat::of(&hosts, 2).unwrap(), hosts: 3 };

    market.look().await;
    market.pass_until(opened.calendar().question_s(0) + 86_400).await;
    market.look().await;
    let slot = market.escrow(place.escrow).await.unwrap().slot(2, 13);
    assert_eq!((slot.state, slot.decided, slot.proven), (State::Active, 1, 1), "it is found, and proven");
    assert_eq!(market.tell(&opened).await, Response::Taken);
}
