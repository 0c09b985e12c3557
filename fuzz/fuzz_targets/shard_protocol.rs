//! Messages of the shard protocol, as owner and host get them from each other.
#![no_main]

use layr_node::wire::{
    LeafAnswer, ListItem, LogNews, Offer, PutTrailer, Request, Response, WireReceipt, decode_body, encode_frame,
    read_listed_shards,
};
use libfuzzer_sys::fuzz_target;

macro_rules! means_one_thing {
    ($bytes:ident, $decoded:expr) => {
        if let Ok(message) = $decoded {
            assert_eq!(&encode_frame(&message).expect("it was a frame")[4..], $bytes);
        }
    };
}

fuzz_target!(|bytes: &[u8]| {
    means_one_thing!(bytes, decode_body::<Request>(bytes));
    means_one_thing!(bytes, decode_body::<Response>(bytes));
    means_one_thing!(bytes, decode_body::<PutTrailer>(bytes));
    means_one_thing!(bytes, decode_body::<LeafAnswer>(bytes));
    means_one_thing!(bytes, decode_body::<ListItem>(bytes));
    means_one_thing!(bytes, decode_body::<LogNews>(bytes));
    means_one_thing!(bytes, decode_body::<WireReceipt>(bytes));
    // Whatever they name: reading them is bounded and answers.
    if let Ok(Request::Agree { terms, seat, .. }) = decode_body(bytes) {
        let _ = (terms.terms(), seat.terms());
    }
    let _ = read_listed_shards(bytes);
    means_one_thing!(bytes, Offer::decode_bounded(bytes));
});
