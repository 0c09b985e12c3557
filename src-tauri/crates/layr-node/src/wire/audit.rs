//! Messages of an audit: which leaves are asked, and what a host says to each.
//!
//! → [`super::Request::Audit`]; ← [`super::Response::Auditing`] or a refusal; ← one [`LeafAnswer`] a leaf, in the order asked.
//! The caller names the leaves, so that the two sides need no common list of shards.

use minicbor::{Decode, Encode};

use super::WireRoot;

/// Leaves asked in one request: with a root for each that is 41 KiB, below a frame's limit.
pub const MAX_AUDITED_LEAVES: usize = 1024;

/// Leaves of one shard that are to be proven.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Question {
    /// The shard. Shards of a request ascend by root, so that none comes twice.
    #[n(0)]
    pub root: WireRoot,
    /// Numbers of its leaves, ascending: a host reads no part of a shard twice.
    #[n(1)]
    pub leaves: Vec<u32>,
}

/// What a host says to one leaf.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum LeafAnswer {
    /// Here it is, with the path to the root.
    #[n(0)]
    Proven {
        /// The leaf's 1024 bytes.
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        leaf: Vec<u8>,
        /// An encoded `layr_proof::Path`.
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        path: Vec<u8>,
    },
    /// The shard is not here.
    #[n(1)]
    Missing,
    /// The shard is here, damaged.
    #[n(2)]
    Corrupt,
    /// Nothing about the shard: ask again.
    #[n(3)]
    Later,
}

/// Whether a request is within its bounds: leaves in it, at most [`MAX_AUDITED_LEAVES`], roots and leaves ascending.
pub(crate) fn is_well_formed(questions: &[Question]) -> bool {
    let leaves: usize = questions.iter().map(|question| question.leaves.len()).sum();
    !questions.is_empty()
        && leaves <= MAX_AUDITED_LEAVES
        && questions
            .iter()
            .all(|question| !question.leaves.is_empty() && question.leaves.is_sorted_by(|a, b| a < b))
        && questions.is_sorted_by(|a, b| a.root.0 < b.root.0)
}

#[cfg(test)]
mod tests {
    use super::{LeafAnswer, MAX_AUDITED_LEAVES, Question, is_well_formed};
    use crate::wire::{MAX_FRAME_BYTES, Request, Response, WireRoot, decode_body, encode_frame};

    fn question(root: u8, leaves: &[u32]) -> Question {
        Question { root: WireRoot([root; 32]), leaves: leaves.to_vec() }
    }

    /// The examples of `docs/formats.md`.
    #[test]
    fn examples_are_encoded_as_written_down() {
        let body = |frame: Vec<u8>| hex::encode(&frame[4..]);
        let root = format!("5820{}", "11".repeat(32));
        let audit = Request::Audit { questions: vec![question(0x11, &[0, 100])] };
        assert_eq!(body(encode_frame(&audit).unwrap()), format!("8206818182{root}82001864"));
        for (leaves_in_s, expected) in [(None, "820880"), (Some(1_209_600), "8208811a00127500")] {
            let frame = encode_frame(&Response::Auditing { leaves_in_s }).unwrap();
            assert_eq!(body(frame.clone()), expected);
            assert_eq!(decode_body::<Response>(&frame[4..]).unwrap(), Response::Auditing { leaves_in_s });
        }
        let written_out = [0x82, 0x08, 0x81, 0xf6];
        assert!(decode_body::<Response>(&written_out).is_err(), "who stays does not say so");
        let proven = LeafAnswer::Proven { leaf: vec![1, 2], path: vec![7] };
        for (answer, expected) in [
            (proven, "8200824201024107"),
            (LeafAnswer::Missing, "820180"),
            (LeafAnswer::Corrupt, "820280"),
            (LeafAnswer::Later, "820380"),
        ] {
            let frame = encode_frame(&answer).unwrap();
            assert_eq!(body(frame.clone()), expected);
            assert_eq!(decode_body::<LeafAnswer>(&frame[4..]).unwrap(), answer);
        }
    }

    #[test]
    fn the_longest_request_fits_a_frame() {
        let questions = (0..MAX_AUDITED_LEAVES)
            .map(|number| {
                let mut root = [0xff; 32];
                root[..2].copy_from_slice(&u16::try_from(number).unwrap().to_be_bytes());
                Question { root: WireRoot(root), leaves: vec![u32::MAX] }
            })
            .collect::<Vec<_>>();
        assert!(is_well_formed(&questions));
        assert!(encode_frame(&Request::Audit { questions }).unwrap().len() <= MAX_FRAME_BYTES);
    }

    #[test]
    fn a_request_is_bounded_and_asks_nothing_twice() {
        assert!(is_well_formed(&[question(1, &[0, 5]), question(2, &[0])]));
        for bad in [
            vec![],
            vec![question(1, &[])],
            vec![question(1, &[5, 5])],
            vec![question(1, &[5, 4])],
            vec![question(1, &[0]), question(1, &[1])],
            vec![question(2, &[0]), question(1, &[0])],
            vec![question(1, &(0..=1024).collect::<Vec<_>>())],
        ] {
            assert!(!is_well_formed(&bad), "{bad:?}");
        }
    }
}
