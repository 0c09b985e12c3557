//! The shard protocol's messages: one encoding each, pinned, and nothing that hostile bytes could break.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use layr_agreement::{Calendar, ReceiptBody};
use layr_ledger::Account;
use layr_ledger::agreement::{EscrowTerms, HostTerms, Receipt};
use layr_node::wire::{
    ByteRange, HostHint, LONGEST_LEAVE_S, ListItem, ListedShard, LogNews, MAX_FRAME_BYTES, MAX_PROVEN_PIECES,
    MAX_REPORTED, MAX_ROOTS, Offer, PutTrailer, Refusal, Request, Response, WireBytes, WireKey, WireReceipt,
    WireRoot, WireSeat, WireTerms, decode_body, encode_frame, read_frame,
};
use minicbor::{Decode, Encode};
use proptest::collection::vec;
use proptest::prelude::*;

fn roots() -> impl Strategy<Value = Vec<WireRoot>> {
    vec(any::<[u8; 32]>().prop_map(WireRoot), 0..40)
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..most)
}

fn request() -> impl Strategy<Value = Request> {
    let range = (any::<u32>(), any::<u32>()).prop_map(|(offset, len)| ByteRange { offset, len });
    let root = any::<[u8; 32]>().prop_map(WireRoot);
    prop_oneof![
        Just(Request::Offer),
        (bytes(600), any::<u32>())
            .prop_map(|(certificate, size_bytes)| Request::Put { certificate, size_bytes }),
        (root.clone(), vec(range, 0..80)).prop_map(|(root, ranges)| Request::Get { root, ranges }),
        (root, any::<u32>(), any::<u32>()).prop_map(|(root, first_piece, count)| Request::Prove {
            root,
            first_piece,
            count
        }),
        roots().prop_map(|roots| Request::Has { roots }),
        (bytes(600), roots()).prop_map(|(certificate, roots)| Request::Delete { certificate, roots }),
        (bytes(600), bytes(600))
            .prop_map(|(certificate, delegation)| Request::Entrust { certificate, delegation }),
        (bytes(600), any::<u64>()).prop_map(|(certificate, after)| Request::Report { certificate, after }),
        bytes(600).prop_map(|certificate| Request::Release { certificate }),
        about_agreements(),
    ]
}

fn about_agreements() -> impl Strategy<Value = Request> {
    let key = || any::<[u8; 32]>().prop_map(WireKey);
    prop_oneof![
        (bytes(600), any::<[u8; 32]>(), any::<[u32; 3]>(), any::<[u64; 5]>()).prop_map(
            |(
                certificate,
                account,
                [first_window, samples, shards],
                [price, deposit, collateral, refund, leaves],
            )| {
                let account = Account::from_bytes(account);
                let calendar = Calendar { first_window, windows: 13, window_s: 604_800, response_s: 172_800 };
                let terms = EscrowTerms {
                    owner: account,
                    receipt_keys: vec![*account.as_bytes()],
                    calendar,
                    samples,
                    missed_allowed: 1,
                    nonce: [7; 16],
                };
                let seat = HostTerms {
                    account,
                    receipt_key: *account.as_bytes(),
                    price_stroops_per_gib: price,
                    deposit_stroops: deposit,
                    collateral_stroops: collateral,
                    proof_refund_stroops: refund,
                    data_root: [8; 32],
                    leaves,
                };
                Request::Agree {
                    certificate,
                    terms: WireTerms::of(&terms),
                    seat: WireSeat::of(&seat),
                    shards,
                }
            }
        ),
        (bytes(600), key(), bytes(300), any::<u8>()).prop_map(|(certificate, escrow, path, hosts)| {
            Request::Opened { certificate, escrow, path, hosts }
        }),
        (bytes(600), key(), any::<[u8; 2]>(), key()).prop_map(
            |(certificate, escrow, [host, window], randomness)| Request::Window {
                certificate,
                escrow,
                host,
                window,
                randomness
            }
        ),
        (bytes(600), key(), any::<u8>(), any::<[u64; 2]>()).prop_map(
            |(certificate, escrow, host, [to_host_stroops, until_unix_s])| Request::Close {
                certificate,
                escrow,
                host,
                to_host_stroops,
                until_unix_s
            }
        ),
    ]
}

fn receipt() -> impl Strategy<Value = WireReceipt> {
    (any::<[u32; 4]>(), any::<u64>(), any::<[u8; 32]>()).prop_map(
        |([decided, proven, revision, key], earned, half)| {
            let mut signature = [0; 64];
            signature[..32].copy_from_slice(&half);
            WireReceipt::of(&Receipt {
                body: ReceiptBody { decided, proven, earned, revision },
                key,
                signature,
            })
        },
    )
}

const REFUSALS: [Refusal; 17] = [
    Refusal::NotHosting,
    Refusal::QuotaFull,
    Refusal::DiskUnusable,
    Refusal::Paused,
    Refusal::Busy,
    Refusal::BadCertificate,
    Refusal::NotFound,
    Refusal::Corrupt,
    Refusal::RootMismatch,
    Refusal::BadRequest,
    Refusal::RelayedStream,
    Refusal::NotAccepted,
    Refusal::TermsRefused,
    Refusal::CannotAfford,
    Refusal::NoAgreement,
    Refusal::NotOnLedger,
    Refusal::NotYet,
];

fn response() -> impl Strategy<Value = Response> {
    prop_oneof![
        bytes(4000).prop_map(|record| Response::Offer { record }),
        Just(Response::Accepted),
        Just(Response::Stored),
        any::<u32>().prop_map(|shard_bytes| Response::Found { shard_bytes }),
        vec(bytes(700).prop_map(WireBytes), 0..64).prop_map(|paths| Response::Proofs { paths }),
        bytes(128).prop_map(|bits| Response::Has { bits }),
        bytes(128).prop_map(|bits| Response::Deleted { bits }),
        prop::sample::select(REFUSALS.to_vec()).prop_map(|reason| Response::Refused { reason }),
        any::<Option<u32>>().prop_map(|leaves_in_s| Response::Auditing { leaves_in_s }),
        any::<u64>().prop_map(|segments| Response::Entrusted { segments }),
        Just(Response::Released),
        (bytes(600), any::<u32>())
            .prop_map(|(consent, until_ledger)| Response::Consent { consent, until_ledger }),
        roots().prop_map(|roots| Response::Lacking { roots }),
        Just(Response::Answering),
        Just(Response::Taken),
        any::<u8>().prop_map(|byte| Response::Closed { signature: [byte; 64] }),
        (vec(bytes(300).prop_map(WireBytes), 0..9), vec(hint(), 0..9), any::<bool>())
            .prop_map(|(entries, hosts, is_last)| Response::Report { entries, hosts, is_last }),
    ]
}

fn hint() -> impl Strategy<Value = HostHint> {
    (any::<[u8; 32]>(), vec("[ -~]{0,99}", 0..3)).prop_map(|(peer, addresses)| HostHint { peer, addresses })
}

fn item() -> impl Strategy<Value = ListItem> {
    let shard = (any::<u8>(), any::<[u8; 32]>(), any::<u32>(), any::<Option<u8>>())
        .prop_map(|(index, root, host, failure)| ListedShard { index, root: WireRoot(root), host, failure });
    prop_oneof![
        hint().prop_map(|HostHint { peer, addresses }| ListItem::Host { peer, addresses }),
        any::<u64>().prop_map(|segments| ListItem::End { segments }),
        (any::<[u8; 16]>(), any::<[u8; 2]>(), any::<u32>(), any::<[u8; 32]>(), vec(shard, 0..40)).prop_map(
            |(id, [k, n], len_bytes, blind_key, shards)| ListItem::Segment {
                id,
                k,
                n,
                len_bytes,
                blind_key,
                shards
            }
        ),
    ]
}

fn offer() -> impl Strategy<Value = Offer> {
    (
        vec("[ -~]{0,256}", 0..8),
        any::<u64>(),
        any::<u64>(),
        any::<u32>(),
        any::<bool>(),
        any::<u64>(),
        prop::option::of(0..=LONGEST_LEAVE_S),
        prop::option::of(any::<[u8; 32]>().prop_map(WireKey)),
        prop::option::of(any::<u8>()),
    )
        .prop_map(
            |(
                addresses,
                free_bytes,
                price_stroops_per_gib_window,
                max_term_days,
                accepting,
                issued_at_unix_s,
                leaves_in_s,
                account,
                collateral_percent,
            )| Offer {
                addresses,
                free_bytes,
                price_stroops_per_gib_window,
                max_term_days,
                accepting,
                issued_at_unix_s,
                leaves_in_s,
                account,
                collateral_percent,
            },
        )
}

fn body<T: Encode<()>>(message: &T) -> Vec<u8> {
    encode_frame(message).unwrap().split_off(4)
}

/// Whatever decodes is the one encoding of what it decodes to.
fn is_sound<T: for<'b> Decode<'b, ()> + Encode<()>>(bytes: &[u8]) {
    if let Ok(message) = decode_body::<T>(bytes) {
        assert_eq!(body(&message), bytes);
    }
}

fn all_are_sound(bytes: &[u8]) {
    is_sound::<Request>(bytes);
    is_sound::<Response>(bytes);
    is_sound::<PutTrailer>(bytes);
    is_sound::<Offer>(bytes);
    is_sound::<ListItem>(bytes);
    is_sound::<LogNews>(bytes);
    is_sound::<WireReceipt>(bytes);
    let _ = Offer::decode_bounded(bytes);
}

proptest! {
    #[test]
    fn every_request_comes_back(message in request()) {
        prop_assert_eq!(decode_body::<Request>(&body(&message)).unwrap(), message);
    }

    #[test]
    fn every_response_comes_back(message in response()) {
        prop_assert_eq!(decode_body::<Response>(&body(&message)).unwrap(), message);
    }

    #[test]
    fn every_part_of_a_list_comes_back(message in item()) {
        prop_assert_eq!(decode_body::<ListItem>(&body(&message)).unwrap(), message);
    }

    #[test]
    fn every_receipt_comes_back(message in receipt()) {
        prop_assert_eq!(decode_body::<WireReceipt>(&body(&message)).unwrap(), message);
    }

    #[test]
    fn every_offer_comes_back(message in offer()) {
        prop_assert_eq!(Offer::decode_bounded(&body(&message)).unwrap(), message);
    }

    #[test]
    fn any_bytes_are_refused_or_mean_one_thing(bytes in vec(any::<u8>(), 0..512)) {
        all_are_sound(&bytes);
    }

    #[test]
    fn damaged_messages_are_refused_or_mean_one_thing(
        request in request(),
        response in response(),
        offer in offer(),
        item in item(),
        receipt in receipt(),
        at in any::<prop::sample::Index>(),
        flip in 1..=u8::MAX,
        cut in any::<prop::sample::Index>(),
    ) {
        for mut bytes in [body(&request), body(&response), body(&offer), body(&item), body(&receipt)] {
            all_are_sound(&bytes[..cut.index(bytes.len())]);
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            all_are_sound(&bytes);
        }
    }

    #[test]
    fn a_frame_cut_anywhere_is_an_error_and_never_waits_for_more_than_it_claims(
        message in request(),
        cut in any::<prop::sample::Index>(),
    ) {
        let frame = encode_frame(&message).unwrap();
        let cut = cut.index(frame.len());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let outcome = runtime.block_on(read_frame::<Request>(&mut &frame[..cut]));
        prop_assert!(outcome.is_err());
        let mut whole = frame.clone();
        whole.extend_from_slice(b"what follows is not read");
        let mut rest = whole.as_slice();
        prop_assert_eq!(runtime.block_on(read_frame::<Request>(&mut rest)).unwrap(), message);
        prop_assert_eq!(rest, b"what follows is not read");
    }
}

#[test]
fn the_largest_messages_fit_a_frame_and_larger_ones_are_not_made() {
    let roots = vec![WireRoot([0xAB; 32]); MAX_ROOTS];
    encode_frame(&Request::Delete { certificate: vec![0; 512], roots }).unwrap();
    let path = WireBytes(vec![0xFF; 12 * 41 + 1]);
    encode_frame(&Response::Proofs { paths: vec![path; MAX_PROVEN_PIECES as usize] }).unwrap();
    let hint = HostHint { peer: [0xFF; 32], addresses: vec!["x".repeat(256); 2] };
    let entries = vec![WireBytes(vec![0xFF; 280]); MAX_REPORTED];
    encode_frame(&Response::Report { entries, hosts: vec![hint; MAX_REPORTED], is_last: true }).unwrap();
    let root = WireRoot([0xFF; 32]);
    let shard = ListedShard { index: 254, root, host: u32::MAX, failure: Some(3) };
    let (id, blind_key, shards) = ([0xFF; 16], [0xFF; 32], vec![shard; 255]);
    encode_frame(&ListItem::Segment { id, k: 85, n: 255, len_bytes: u32::MAX, blind_key, shards }).unwrap();
    let too_long = Response::Offer { record: vec![0; MAX_FRAME_BYTES] };
    assert!(encode_frame(&too_long).is_err());
}

#[tokio::test]
async fn a_claim_of_length_is_not_believed() {
    for claim in [u32::try_from(MAX_FRAME_BYTES).unwrap() + 1, u32::MAX] {
        let mut frame = claim.to_be_bytes().to_vec();
        frame.resize(64, 0);
        assert!(read_frame::<Request>(&mut frame.as_slice()).await.is_err());
    }
    // An array said to have four thousand million elements.
    assert!(decode_body::<Request>(&[0x82, 0x04, 0x81, 0x9a, 0xff, 0xff, 0xff, 0xff]).is_err());
}

/// `docs/formats.md` shows these; a second implementation must make and take the same bytes.
#[test]
fn the_encoding_is_the_one_that_is_written_down() {
    let root = WireRoot([0x11; 32]);
    let hex_root = format!("5820{}", "11".repeat(32));
    let range = ByteRange { offset: 65_536, len: 1024 };
    let requests = [
        (Request::Offer, "820080".to_owned()),
        (
            Request::Put { certificate: vec![0xC0, 0xDE], size_bytes: 1024 },
            "8201 82 42c0de 190400".to_owned(),
        ),
        (Request::Get { root, ranges: vec![range] }, format!("8202 82 {hex_root} 81 82 1a00010000 190400")),
        (Request::Prove { root, first_piece: 0, count: 16 }, format!("8203 83 {hex_root} 00 10")),
        (Request::Has { roots: vec![root] }, format!("8204 81 81 {hex_root}")),
        (
            Request::Delete { certificate: vec![0xC0], roots: vec![root] },
            format!("8205 82 41c0 81 {hex_root}"),
        ),
        (
            Request::Entrust { certificate: vec![0xC0], delegation: vec![0xDE] },
            "8207 82 41c0 41de".to_owned(),
        ),
        (Request::Report { certificate: vec![0xC0], after: 9 }, "8208 82 41c0 09".to_owned()),
        (Request::Release { certificate: vec![0xC0] }, "8209 81 41c0".to_owned()),
    ];
    for (message, expected) in requests {
        assert_eq!(hex::encode(body(&message)), expected.replace(' ', ""), "{message:?}");
    }
    let responses = [
        (Response::Offer { record: vec![1, 2] }, "8200 81 420102"),
        (Response::Accepted, "820180"),
        (Response::Stored, "820280"),
        (Response::Found { shard_bytes: 1024 }, "8203 81 190400"),
        (Response::Proofs { paths: vec![WireBytes(vec![7])] }, "8204 81 81 4107"),
        (Response::Has { bits: vec![0x80] }, "8205 81 4180"),
        (Response::Deleted { bits: vec![0x40] }, "8206 81 4140"),
        (Response::Entrusted { segments: 2 }, "8209 81 02"),
        (
            Response::Report { entries: vec![WireBytes(vec![7])], hosts: Vec::new(), is_last: true },
            "820a 83 81 4107 80 f5",
        ),
        (Response::Released, "820b80"),
        (Response::Refused { reason: Refusal::QuotaFull }, "8207 81 01"),
    ];
    for (message, expected) in responses {
        assert_eq!(hex::encode(body(&message)), expected.replace(' ', ""), "{message:?}");
    }
    assert_eq!(hex::encode(body(&PutTrailer { root })), format!("81{hex_root}"));
    for (code, reason) in REFUSALS.into_iter().enumerate() {
        assert_eq!(hex::encode(body(&Response::Refused { reason })), format!("820781{code:02x}"));
    }
}

#[test]
fn an_offers_encoding_is_the_one_that_is_written_down() {
    let hex_root = format!("5820{}", "11".repeat(32));
    let offer = Offer {
        addresses: vec!["/ip4/1.2.3.4/tcp/4100".to_owned()],
        free_bytes: 1 << 32,
        price_stroops_per_gib_window: 0,
        max_term_days: 91,
        accepting: true,
        issued_at_unix_s: 1_767_225_600,
        leaves_in_s: None,
        account: None,
        collateral_percent: None,
    };
    let text = hex::encode("/ip4/1.2.3.4/tcp/4100");
    let expected = format!("86 81 75{text} 1b0000000100000000 00 185b f5 1a6955b900");
    assert_eq!(hex::encode(body(&offer)), expected.replace(' ', ""));
    let leaving = Offer { accepting: false, leaves_in_s: Some(1_209_600), ..offer.clone() };
    let expected = format!("87 81 75{text} 1b0000000100000000 00 185b f4 1a6955b900 1a00127500");
    assert_eq!(hex::encode(body(&leaving)), expected.replace(' ', ""));
    let (account, collateral_percent) = (Some(WireKey([0x11; 32])), Some(20));
    let paid =
        Offer { price_stroops_per_gib_window: 7_000_000, account, collateral_percent, ..offer.clone() };
    let expected =
        format!("89 81 75{text} 1b0000000100000000 1a006acfc0 185b f5 1a6955b900 f6 {hex_root} 14");
    assert_eq!(hex::encode(body(&paid)), expected.replace(' ', ""));
    for (leaves_in_s, is_fine) in [(LONGEST_LEAVE_S, true), (LONGEST_LEAVE_S + 1, false)] {
        let offer = Offer { leaves_in_s: Some(leaves_in_s), ..offer.clone() };
        assert_eq!(Offer::decode_bounded(&body(&offer)).is_ok(), is_fine, "{leaves_in_s} s");
    }
}
