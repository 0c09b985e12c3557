//! What the queue keeps in the library: requests as CBOR, as paths need not be text, and outcomes as JSON. Formats: see
//! `docs/formats.md`.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use layr_library::MAX_TRANSFER_OUTCOME_BYTES;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::api::{GetRequest, PutReport, PutRequest, SkippedPath};
use crate::error::{ErrorCode, NodeError, Retry};
use crate::look::Look;
use crate::upload::Filled;

/// Skipped paths that a transfer keeps: as many as a person reads.
pub(super) const MAX_SKIPPED: usize = 100;
/// Letters of a reason that are kept.
const MAX_REASON_CHARS: usize = 1000;

/// What a transfer is to do.
#[derive(Debug, Clone)]
pub(super) enum Request {
    /// Store files; and which of the directories held something when the person chose them.
    Put(PutRequest, Filled),
    /// Bring files back; the name is an id or the root, and the output is the target itself. A file at the target gives way
    /// where the person said so, and only the very one that they were asked about.
    Get(GetRequest, Option<Look>),
}

#[derive(Debug, Encode, Decode)]
enum Stored {
    #[n(0)]
    Put(#[n(0)] StoredPut),
    #[n(1)]
    Get(#[n(0)] StoredGet),
}

#[derive(Debug, Encode, Decode)]
#[cbor(map)]
struct StoredPut {
    #[n(0)]
    paths: Vec<ByteVec>,
    #[n(1)]
    to: Option<String>,
    #[n(2)]
    redundancy: Option<(u8, u8)>,
    /// For each path whether it was a directory that held something; absent where none was, and from an earlier release.
    #[n(3)]
    filled: Option<Filled>,
}

#[derive(Debug, Encode, Decode)]
#[cbor(map)]
struct StoredGet {
    #[n(0)]
    name: String,
    #[n(1)]
    output: ByteVec,
    #[n(2)]
    range: Option<(u64, u64)>,
    #[n(3)]
    version: Option<u64>,
    /// The file at the target that gives way, as it was when the person said so; absent for none. (4 is what an earlier
    /// release wrote: a yes that did not say to which file, and counts as none.)
    #[n(5)]
    gives_way: Option<Look>,
}

/// A stored request is none.
#[derive(Debug, thiserror::Error)]
#[error("a request in the queue cannot be read: {reason}")]
pub(super) struct StoredError {
    reason: String,
}

/// A request as it is stored.
pub(super) fn encode(request: &Request) -> Result<Vec<u8>, StoredError> {
    let stored = match request {
        Request::Put(put, filled) => Stored::Put(StoredPut {
            paths: put.paths.iter().map(|path| bytes_of(path)).collect(),
            to: put.to.clone(),
            redundancy: put.redundancy,
            filled: (!filled.is_none()).then(|| filled.clone()),
        }),
        Request::Get(get, gives_way) => Stored::Get(StoredGet {
            name: get.name.clone(),
            output: bytes_of(&get.output),
            range: get.range,
            version: get.version,
            gives_way: *gives_way,
        }),
    };
    minicbor::to_vec(stored).map_err(|source| StoredError { reason: source.to_string() })
}

/// A stored request. Its length is bounded by the library.
pub(super) fn decode(bytes: &[u8]) -> Result<Request, StoredError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let stored: Stored = decoder.decode().map_err(|source| StoredError { reason: source.to_string() })?;
    if decoder.position() != bytes.len() {
        return Err(StoredError { reason: "something follows it".to_owned() });
    }
    Ok(match stored {
        Stored::Put(put) => {
            let request = PutRequest {
                paths: put.paths.into_iter().map(path_of).collect(),
                to: put.to,
                redundancy: put.redundancy,
                dry_run: false,
            };
            Request::Put(request, put.filled.unwrap_or_default())
        }
        Stored::Get(get) => {
            let request = GetRequest {
                name: get.name,
                output: path_of(get.output),
                range: get.range,
                version: get.version,
            };
            Request::Get(request, get.gives_way)
        }
    })
}

fn bytes_of(path: &Path) -> ByteVec {
    path.as_os_str().as_bytes().to_vec().into()
}

fn path_of(bytes: ByteVec) -> PathBuf {
    OsString::from_vec(bytes.into()).into()
}

/// What became of a transfer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outcome {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<SkippedPath>,
    #[serde(default)]
    pub skipped_total: u64,
    /// Library directory of what an upload has stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

impl Outcome {
    /// Of a failure.
    pub(super) fn failed(error: &NodeError) -> Self {
        Self {
            code: Some(error.code),
            retry: Some(error.retry),
            reason: Some(error.message.chars().take(MAX_REASON_CHARS).collect()),
            ..Self::default()
        }
    }

    /// Of an upload into `folder` that is through.
    pub(super) fn stored(report: PutReport, folder: String) -> Self {
        let skipped_total = report.skipped.len() as u64;
        let mut skipped = report.skipped;
        skipped.truncate(MAX_SKIPPED);
        Self { skipped, skipped_total, folder: Some(folder), ..Self::default() }
    }

    /// As it is stored: with as many skipped paths as fit.
    pub(super) fn encode(mut self) -> Vec<u8> {
        loop {
            // Only a map with keys that are no text can fail here.
            let bytes = serde_json::to_vec(&self).unwrap_or_default();
            if bytes.len() <= MAX_TRANSFER_OUTCOME_BYTES {
                return bytes;
            }
            if self.skipped.is_empty() {
                // Nothing else grows with what was asked for.
                self.folder = None;
            }
            let half = self.skipped.len() / 2;
            self.skipped.truncate(half);
        }
    }

    /// A stored outcome; one that another release wrote and this one cannot read says nothing.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    use std::path::PathBuf;

    use layr_library::MAX_TRANSFER_OUTCOME_BYTES;
    use proptest::prelude::*;

    use super::{MAX_SKIPPED, Outcome, Request, decode, encode};
    use crate::api::{GetRequest, PutReport, PutRequest, SkippedPath};
    use crate::error::{ErrorCode, NodeError};
    use crate::look::Look;
    use crate::upload::Filled;

    const OLD: Look = Look { device: 1, inode: 2, size_bytes: 3, mtime_ns: -4, ctime_ns: 5, mode: 0o644 };

    fn put() -> PutRequest {
        let odd = PathBuf::from(OsString::from_vec(b"/home/\xff/a".to_vec()));
        PutRequest {
            paths: vec![odd, "/b".into()],
            to: Some("/in".into()),
            redundancy: Some((2, 6)),
            dry_run: false,
        }
    }

    fn filled() -> Filled {
        minicbor::decode(&[0x82, 0xf4, 0xf5]).unwrap()
    }

    fn get() -> GetRequest {
        GetRequest { name: "/docs".into(), output: "/tmp/docs".into(), range: Some((1, 2)), version: Some(3) }
    }

    #[test]
    fn requests_come_back_as_they_were() {
        for filled in [Filled::default(), filled()] {
            let stored = encode(&Request::Put(put(), filled.clone())).unwrap();
            let Request::Put(back, is_filled) = decode(&stored).unwrap() else { panic!() };
            assert_eq!((&back.paths, &back.to, back.redundancy), (&put().paths, &put().to, put().redundancy));
            assert_eq!(is_filled, filled);
        }
        for gives_way in [None, Some(OLD)] {
            let Request::Get(_, back) = decode(&encode(&Request::Get(get(), gives_way)).unwrap()).unwrap()
            else {
                panic!()
            };
            assert_eq!(back, gives_way);
        }
        let Request::Get(back, _) = decode(&encode(&Request::Get(get(), None)).unwrap()).unwrap() else {
            panic!()
        };
        assert_eq!((&back.name, &back.output), (&get().name, &get().output));
        assert_eq!((back.range, back.version), (get().range, get().version));
    }

    /// Written once by this code and checked by eye; a queue outlives releases.
    #[test]
    fn the_format_stays() {
        let golden = "8201 81a4 0065 2f646f6373 0149 2f746d702f646f6373 02820102 0303".replace(' ', "");
        assert_eq!(hex::encode(encode(&Request::Get(get(), None)).unwrap()), golden);
        let golden = "8201 81a5 0065 2f646f6373 0149 2f746d702f646f6373 02820102 0303 0586 01020323051901a4"
            .replace(' ', "");
        assert_eq!(hex::encode(encode(&Request::Get(get(), Some(OLD))).unwrap()), golden);
        // An earlier release's yes, which did not say to which file.
        let earlier = "8201 81a5 0065 2f646f6373 0149 2f746d702f646f6373 02820102 0303 04f5".replace(' ', "");
        let earlier = decode(&hex::decode(earlier).unwrap()).unwrap();
        assert!(matches!(earlier, Request::Get(_, None)), "{earlier:?}");
        let golden = "8200 81a3 0082 492f686f6d652fff2f61 422f62 01632f696e 02820206".replace(' ', "");
        assert_eq!(hex::encode(encode(&Request::Put(put(), Filled::default())).unwrap()), golden);
        let golden =
            "8200 81a4 0082 492f686f6d652fff2f61 422f62 01632f696e 02820206 0382f4f5".replace(' ', "");
        assert_eq!(hex::encode(encode(&Request::Put(put(), filled())).unwrap()), golden);
        let failed = NodeError::new(ErrorCode::NotFound, "Gone.");
        assert_eq!(
            String::from_utf8(Outcome::failed(&failed).encode()).unwrap(),
            r#"{"code":"not_found","retry":"never","reason":"Gone.","skipped_total":0}"#
        );
    }

    #[test]
    fn an_outcome_fits_whatever_was_skipped() {
        let skipped = |number: usize| SkippedPath {
            path: format!("/{number}{}", "\u{1}".repeat(1000)),
            reason: "no".into(),
        };
        let report = PutReport { skipped: (0..300).map(skipped).collect(), ..PutReport::default() };
        let bytes = Outcome::stored(report, "/in".to_owned()).encode();
        assert!(bytes.len() <= MAX_TRANSFER_OUTCOME_BYTES);
        let outcome = Outcome::decode(&bytes);
        assert_eq!((outcome.skipped_total, outcome.folder.as_deref()), (300, Some("/in")));
        assert!(!outcome.skipped.is_empty());
        let short = |number: usize| SkippedPath { path: number.to_string(), reason: "no".into() };
        let report = PutReport { skipped: (0..300).map(short).collect(), ..PutReport::default() };
        assert_eq!(
            Outcome::decode(&Outcome::stored(report, "/in".to_owned()).encode()).skipped.len(),
            MAX_SKIPPED
        );
        let deep = Outcome::stored(PutReport::default(), "\u{1}".repeat(100_000));
        assert_eq!(Outcome::decode(&deep.encode()).folder, None);
        let long = NodeError::new(ErrorCode::Internal, "\u{1}".repeat(100_000));
        assert!(Outcome::decode(&Outcome::failed(&long).encode()).code.is_some());
        assert_eq!(Outcome::decode(br#"{"code":"a_later_one"}"#), Outcome::default());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_request_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
            let _ = Outcome::decode(&bytes);
        }

        #[test]
        fn a_spoilt_request_is_a_request_or_an_error(at in 0_usize..40, value: u8) {
            let mut bytes = encode(&Request::Get(get(), None)).unwrap();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
            let _ = decode(&bytes);
            let mut longer = encode(&Request::Put(put(), filled())).unwrap();
            longer.push(value);
            prop_assert!(decode(&longer).is_err());
        }
    }
}
