#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use stellar_rpc_client::{SimulateHostFunctionResultRaw, SimulateTransactionResponse};
use stellar_xdr as xdr;
use xdr::WriteXdr as _;

use super::{Approval, approve};
use crate::address::{Account, Contract};
use crate::amount::Stroops;
use crate::bounded::limits;
use crate::error::LedgerError;

fn invocation(function: &str, amount: u32) -> xdr::SorobanAuthorizedInvocation {
    xdr::SorobanAuthorizedInvocation {
        function: xdr::SorobanAuthorizedFunction::ContractFn(xdr::InvokeContractArgs {
            contract_address: Contract::from_bytes([1; 32]).to_xdr(),
            function_name: xdr::ScSymbol(function.as_bytes().to_vec().try_into().unwrap()),
            args: vec![xdr::ScVal::U32(amount)].try_into().unwrap(),
        }),
        sub_invocations: xdr::VecM::default(),
    }
}

fn with_call(
    mut outer: xdr::SorobanAuthorizedInvocation,
    inner: xdr::SorobanAuthorizedInvocation,
) -> xdr::SorobanAuthorizedInvocation {
    outer.sub_invocations = vec![inner].try_into().unwrap();
    outer
}

fn own(root_invocation: xdr::SorobanAuthorizedInvocation) -> xdr::SorobanAuthorizationEntry {
    xdr::SorobanAuthorizationEntry { credentials: xdr::SorobanCredentials::SourceAccount, root_invocation }
}

fn simulated(keys: u8, fee: i64, auth: &[xdr::SorobanAuthorizationEntry]) -> SimulateTransactionResponse {
    let read_write: Vec<xdr::LedgerKey> = (0..keys).map(|key| Account::from_bytes([key; 32]).key()).collect();
    let data = xdr::SorobanTransactionData {
        resources: xdr::SorobanResources {
            footprint: xdr::LedgerFootprint {
                read_only: xdr::VecM::default(),
                read_write: read_write.try_into().unwrap(),
            },
            instructions: 1,
            disk_read_bytes: 1,
            write_bytes: 1,
        },
        resource_fee: fee,
        ext: xdr::SorobanTransactionDataExt::V0,
    };
    SimulateTransactionResponse {
        transaction_data: data.to_xdr_base64(limits()).unwrap(),
        results: vec![SimulateHostFunctionResultRaw {
            auth: auth.iter().map(|entry| entry.to_xdr_base64(limits()).unwrap()).collect(),
            xdr: xdr::ScVal::Void.to_xdr_base64(limits()).unwrap(),
        }],
        ..Default::default()
    }
}

fn approval(invocations: Vec<xdr::SorobanAuthorizedInvocation>) -> Approval {
    Approval { invocations, footprint_keys: 4, ..Approval::of_nothing() }
}

#[test]
fn a_call_brings_archived_entries_back_only_within_its_cap() {
    let mut answer = simulated(4, 700, &[]);
    let mut data =
        crate::bounded::decode::<xdr::SorobanTransactionData>("", &answer.transaction_data).unwrap();
    let archived_soroban_entries = vec![2].try_into().unwrap();
    data.ext = xdr::SorobanTransactionDataExt::V1(xdr::SorobanResourcesExtV0 { archived_soroban_entries });
    answer.transaction_data = data.to_xdr_base64(limits()).unwrap();
    let within = |stroops| Approval { restore_fee_cap: stroops, ..approval(Vec::new()) };
    let refused = approve(&answer, &[], &within(None));
    assert!(matches!(refused, Err(LedgerError::NotApproved { .. })), "{refused:?}");
    let refused = approve(&answer, &[], &within(Some(Stroops::small(699))));
    assert!(matches!(refused, Err(LedgerError::FeeAboveCap { .. })), "{refused:?}");
    approve(&answer, &[], &within(Some(Stroops::small(700)))).unwrap();
    approve(&simulated(4, 700, &[]), &[], &within(None)).unwrap();
}

#[test]
fn a_call_has_room_for_what_others_write_and_offers_what_that_costs() {
    let roomy = Approval { room_bytes: 136, ..approval(Vec::new()) };
    let signed = approve(&simulated(4, 700, &[]), &[], &roomy).unwrap();
    assert_eq!(signed.data.resources.write_bytes, 1 + 136);
    assert_eq!((signed.data.resource_fee, signed.resource_fee.stroops()), (700 + 1163, 700 + 1163));
    let plain = approve(&simulated(4, 700, &[]), &[], &approval(Vec::new())).unwrap();
    assert_eq!((plain.data.resources.write_bytes, plain.data.resource_fee), (1, 700));
    let refused = approve(&simulated(4, i64::MAX, &[]), &[], &roomy);
    assert!(matches!(refused, Err(LedgerError::BadAmount(_))), "{refused:?}");
}

#[test]
fn what_was_approved_is_signed_and_nothing_else() {
    let transfer = invocation("transfer", 5);
    let open = with_call(invocation("open", 1), transfer.clone());
    let allowed = approval(vec![open.clone()]);
    let signed = approve(&simulated(4, 7, &[own(open.clone())]), &[], &allowed).unwrap();
    assert_eq!((signed.auth, signed.resource_fee.stroops()), (vec![own(open.clone())], 7));

    let other_amount = with_call(invocation("open", 1), invocation("transfer", 6));
    let bare = invocation("open", 1);
    let other_function = with_call(invocation("close", 1), transfer.clone());
    let deeper = with_call(invocation("open", 1), with_call(transfer.clone(), transfer.clone()));
    for wrong in [other_amount, bare, other_function, deeper, transfer] {
        let refused = approve(&simulated(4, 7, &[own(wrong)]), &[], &allowed);
        assert!(matches!(refused, Err(LedgerError::NotApproved { .. })), "{refused:?}");
    }
    let twice = approve(&simulated(4, 7, &[own(open.clone()), own(open.clone())]), &[], &allowed);
    assert!(matches!(twice, Err(LedgerError::NotApproved { .. })), "{twice:?}");
    let unasked = approve(&simulated(4, 7, &[own(open)]), &[], &approval(Vec::new()));
    assert!(matches!(unasked, Err(LedgerError::NotApproved { .. })), "{unasked:?}");
}

#[test]
fn a_simulation_that_wants_somebody_elses_word_or_too_many_entries_is_refused() {
    let call = invocation("open", 1);
    let credentials = xdr::SorobanCredentials::Address(xdr::SorobanAddressCredentials {
        address: xdr::ScAddress::Account(Account::from_bytes([9; 32]).to_xdr()),
        nonce: 1,
        signature_expiration_ledger: 1,
        signature: xdr::ScVal::Void,
    });
    let foreign = xdr::SorobanAuthorizationEntry { credentials, root_invocation: call.clone() };
    let allowed = approval(vec![call]);
    let refused = approve(&simulated(1, 1, std::slice::from_ref(&foreign)), &[], &allowed);
    assert!(matches!(refused, Err(LedgerError::NotApproved { .. })), "{refused:?}");
    assert!(approve(&simulated(1, 1, &[]), &[foreign], &allowed).is_ok(), "signed beforehand by its owner");
    let refused = approve(&simulated(5, 1, &[]), &[], &allowed);
    assert!(matches!(refused, Err(LedgerError::NotApproved { .. })), "{refused:?}");
    let refused = approve(&simulated(1, -1, &[]), &[], &allowed);
    assert!(matches!(refused, Err(LedgerError::MalformedAnswer { .. })), "{refused:?}");
}

proptest! {
    #[test]
    fn hostile_answers_never_panic(data in "[A-Za-z0-9+/=]{0,400}", auth in "[A-Za-z0-9+/=]{0,400}") {
        let mut answer = simulated(1, 1, &[]);
        answer.results[0].auth = vec![auth];
        let _ = approve(&answer, &[], &approval(Vec::new()));
        answer.transaction_data = data;
        let _ = approve(&answer, &[], &approval(Vec::new()));
    }

    #[test]
    fn a_mutated_answer_never_gets_more_approved(at: prop::sample::Index, bit in 0..8_u8) {
        let call = invocation("open", 1);
        let mut answer = simulated(1, 1, &[own(call.clone())]);
        let mut bytes = own(call.clone()).to_xdr(limits()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(entry) = <xdr::SorobanAuthorizationEntry as xdr::ReadXdr>::from_xdr(&bytes, limits()) {
            answer.results[0].auth = vec![entry.to_xdr_base64(limits()).unwrap()];
            prop_assert!(approve(&answer, &[], &approval(vec![call])).is_err());
        }
    }
}
