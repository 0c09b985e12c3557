//! An owner that hides an escrow: it opens through a contract of its own, so that no transaction shows the hosts' terms.

use layr_agreement::State;
use layr_ledger::agreement::{AgreementContract, Offer, Seat};
use layr_ledger::{Approval, Contract, ContractCall, EventsFrom};
use stellar_xdr as xdr;

use crate::agreement::Market;
use crate::kit::lumens;

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
    let owner = market.owner.queue.account();
    let function = xdr::HostFunction::UploadContractWasm(RELAY.to_vec().try_into().unwrap());
    let upload = ContractCall { function, auth: Vec::new(), approval: Approval::of_nothing() };
    let uploaded = market.call_with(&market.owner, upload, lumens("5")).await.unwrap();
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
    let creation = ContractCall { function, auth: Vec::new(), approval };
    market.call_with(&market.owner, creation, lumens("5")).await.unwrap();
    // What a contract is called does not follow from its code.
    AgreementContract::of(market.net.ledger.network_id(), owner, SALT).unwrap().contract
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
async fn a_host_finds_its_seats_where_the_owner_opened_through_a_contract_of_its_own() {
    let market = Market::open().await;
    let relay = relay(&market).await;
    let terms = market.terms().await;
    // The same part twice, of which the host joins the second.
    let hosts = [market.host_terms(1), market.host_terms(0), market.host_terms(0)];
    let offer = |host: usize, consent| Offer { terms: hosts[host].clone(), consent };
    let offers = [offer(0, None), offer(1, None), offer(2, Some(market.consent(&terms, 0).await))];
    let open = relayed(relay, market.contract.open(&terms, &offers).unwrap());
    let opened = market.call(&market.owner, open).await.unwrap();

    let from = EventsFrom::Ledger(opened.ledger);
    let found = market.net.ledger.opened_escrows(market.contract.contract, &from).await.unwrap();
    let [escrow] = &found.escrows[..] else { panic!("{found:?}") };
    assert_eq!(escrow.id, terms.id(&hosts).unwrap());
    let seat = |host: u8| (Seat::of(&hosts, host).unwrap(), host, 3);
    assert_eq!(escrow.seats(&terms, &hosts[0]).unwrap(), [seat(0)]);
    assert_eq!(escrow.seats(&terms, &hosts[2]).unwrap(), [seat(1), seat(2)]);
    let kept = market.escrow(escrow.id).await.unwrap();
    assert_eq!([1, 2].map(|host| kept.slot(host, 3).state), [State::Offered, State::Active]);
}
