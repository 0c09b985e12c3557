//! What the ledger tells of an opening: enough for a host to find its seat, whoever called.

use layr_agreement::MAX_HOSTS;
use layr_proof::{Node, subtree_path};
use soroban_sdk::testutils::Events as _;
use soroban_sdk::xdr::{self, Limits, WriteXdr as _};
use soroban_sdk::{Address, Bytes, BytesN, Env, IntoVal, Val, Vec, contract, contractimpl, vec};
use storage_agreement::StorageAgreementClient;

use crate::data::Data;
use crate::shown::{HostTerms, Offer, Seat, steps};
use crate::world::{Refusal, World, bytes_of};

/// Bytes of events that the network lets a transaction have, and its return value among them.
const MAX_EVENT_BYTES: usize = 16_384;

/// An owner's own contract: the transaction has the call of this one, and not the arguments of what it calls.
#[contract]
struct Relay;

#[contractimpl]
#[allow(unreachable_pub, reason = "the macro exports what is public")]
impl Relay {
    pub fn relay(
        env: Env,
        agreement: Address,
        owner: Address,
        terms: Bytes,
        accounts: Vec<Address>,
        hosts: Bytes,
        joins: u64,
    ) -> Bytes {
        StorageAgreementClient::new(&env, &agreement).open(&owner, &terms, &accounts, &hosts, &joins)
    }
}

/// What the contract told of the last call.
fn told(world: &World) -> std::vec::Vec<xdr::ContractEvent> {
    world.env.events().all().filter_by_contract(&world.contract).events().to_vec()
}

/// The hosts' digests in the event of an opening, and its id.
fn opened(event: &xdr::ContractEvent) -> (std::vec::Vec<[u8; 32]>, std::vec::Vec<u8>) {
    let xdr::ContractEventBody::V0(body) = &event.body;
    let [xdr::ScVal::Symbol(agreement), xdr::ScVal::Symbol(call), xdr::ScVal::Bytes(id)] = &body.topics[..]
    else {
        panic!("{body:?}")
    };
    assert_eq!((agreement.to_string(), call.to_string()), ("agreement".into(), "open".into()));
    let xdr::ScVal::Vec(Some(values)) = &body.data else { panic!("{body:?}") };
    let [xdr::ScVal::U64(_), xdr::ScVal::Bytes(digests)] = &values[..] else { panic!("{values:?}") };
    let (digests, rest) = digests.as_slice().as_chunks::<32>();
    assert!(rest.is_empty());
    (digests.to_vec(), id.to_vec())
}

/// Hosts of which every other one joins.
fn offers(world: &World, count: usize) -> std::vec::Vec<Offer> {
    let data = Data::new(1, 8);
    let offer = |host| Offer { terms: world.host_terms(host, &data), joins: host % 2 == 0 };
    (0..count).map(offer).collect()
}

#[test]
fn a_host_finds_its_seat_where_the_owner_opened_through_a_contract_of_its_own() {
    let world = World::new(5);
    let (terms, offers) = (world.terms(1), offers(&world, 5));
    let relay = world.env.register(Relay, ());
    let mut args: Vec<Val> = vec![&world.env, world.contract.to_val()];
    args.append(&terms.values(&world.env));
    args.append(&Offer::values(&world.env, &offers));
    let approvals = world.opening(&terms, &offers);
    let opened_id: Bytes = world.call_by((&relay, "relay"), args, ("open", &approvals)).unwrap();
    let [event] = &told(&world)[..] else { panic!("one event") };
    let (digests, id) = opened(event);
    assert_eq!(id, bytes_of(&opened_id));

    // The host knows its own terms and the escrow's, and nothing of the others.
    let own: &HostTerms = &offers[2].terms;
    let place = digests.iter().position(|digest| *digest == own.digest()).unwrap();
    let nodes: std::vec::Vec<Node> = digests.into_iter().map(Node::leaf).collect();
    let (_, path) = subtree_path(&nodes, place, 1).unwrap();
    let seat = Seat { terms: own.clone(), path: steps(&path) };
    let approved = (BytesN::<32>::from_array(&world.env, &id.try_into().unwrap()), 2_u32);
    let args = terms.values_with(&world.env, &seat);
    let by_owner = crate::world::Approval {
        by: world.owner.account.clone(),
        args: approved.into_val(&world.env),
        pays: 0,
    };
    world.call::<()>("terminate", args, &[by_owner]).expect("the contract knows that seat");
}

#[test]
fn what_the_fullest_opening_tells_fits_a_transaction() {
    let world = World::new(u8::try_from(MAX_HOSTS).unwrap());
    let mut offers = offers(&world, MAX_HOSTS as usize);
    offers.iter_mut().skip(1).for_each(|offer| offer.joins = false);
    let id = world.open(&world.terms(1), &offers).unwrap();
    let all = world.env.events().all();
    let size = |event: &xdr::ContractEvent| event.to_xdr(Limits::none()).unwrap().len();
    let [collateral, deposit, opening] = all.events() else { panic!("{all:?}") };
    assert_eq!(size(collateral), size(deposit));
    // Of the lumen, and from an account: its name takes 8 bytes where this token's takes 60, an account 4 more than a contract.
    let transfer = size(deposit) - 60 + 8 + 4;
    let returned = 8 + id.len() as usize;
    let bytes = transfer * (MAX_HOSTS as usize + 1) + size(opening) + returned;
    assert!((13_000..=MAX_EVENT_BYTES).contains(&bytes), "{bytes}");
}

#[test]
fn what_is_refused_is_told_to_nobody() {
    let world = World::new(1);
    let offers = offers(&world, 1);
    let mut args = world.terms(1).values(&world.env);
    args.append(&Offer::values(&world.env, &offers));
    assert_eq!(world.call::<Bytes>("open", args, &[]), Err(Refusal::Host));
    assert!(told(&world).is_empty());
}
