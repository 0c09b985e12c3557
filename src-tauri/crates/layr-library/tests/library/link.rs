//! `layr://` links: one text for one content, and a sentence for everything else.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use layr_library::{
    LayrFileError, LinkError, MAX_LINK_BYTES, Manifest, ManifestContent, ManifestEntry, RelativePath,
    is_link, read_layr, read_link, write_bearer, write_link, write_private,
};
use proptest::prelude::*;

use crate::kit::{Kit, NOW_S, library_key, path, with_keys};

const HEAD: &str = "layr://import/1#";

fn manifest() -> Manifest {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.put("/a file", &[10]);
    with_keys(|keys| kit.library.manifest(&path("/a file"), None, keys, NOW_S)).unwrap()
}

/// Empty files with names of this many letters in all, which no compression makes shorter.
fn names(letters: usize) -> Manifest {
    let entry = |number: usize, length: usize| ManifestEntry {
        path: RelativePath::parse(&format!("{number:05}{}", "x".repeat(length))).unwrap(),
        content: ManifestContent::File { size_bytes: 0, chunks: Vec::new() },
        mtime_ns: 0,
        mode: None,
    };
    let full = letters / 200;
    let lengths = std::iter::repeat_n(195, full).chain([letters % 200]);
    Manifest {
        entries: lengths.enumerate().map(|(number, length)| entry(number, length)).collect(),
        created_unix_s: NOW_S,
        ..Manifest::default()
    }
}

#[test]
fn a_link_carries_a_manifest_as_the_fixed_text_says() {
    let link = write_link(&manifest()).unwrap();
    assert!(is_link(&link) && link.starts_with(HEAD));
    assert_eq!(read_link(&link), Ok(manifest()));
    let file = URL_SAFE_NO_PAD.decode(&link[HEAD.len()..]).unwrap();
    assert_eq!(file.as_slice(), write_bearer(&manifest()).unwrap().as_slice());
}

#[test]
fn a_link_of_the_first_release_opens() {
    let file = std::fs::read(crate::golden::fixture("bearer.layr")).unwrap();
    let link = format!("{HEAD}{}", URL_SAFE_NO_PAD.encode(&file));
    let manifest = read_link(&link).unwrap();
    assert_eq!(manifest, read_layr(&file, None).unwrap());
    assert_eq!(write_link(&manifest).unwrap().as_str(), link);
}

#[test]
fn what_is_changed_on_the_way_is_refused() {
    let link = write_link(&manifest()).unwrap().to_string();
    let body = &link[HEAD.len()..];
    let file = write_bearer(&manifest()).unwrap();
    // Some other text for the same bytes.
    assert!(body.contains(['-', '_']), "else the alphabets are the same: {body}");
    let others = [
        format!("{HEAD}{}", STANDARD_NO_PAD.encode(&file)),
        format!("{HEAD}{}", URL_SAFE.encode([file.as_slice(), &[0]].concat())),
        format!("{HEAD}{}%2D{}", &body[..8], &body[8..]),
        format!("{HEAD}{} {}", &body[..8], &body[8..]),
        format!("{link}="),
        format!("{link}\n"),
        format!("{link}A"),
        link[..link.len() - 1].to_owned(),
        link[..link.len() / 2].to_owned(),
        HEAD.to_owned(),
    ];
    for other in others {
        assert_eq!(read_link(&other), Err(LinkError::Damaged), "{other}");
    }
}

#[test]
fn every_other_letter_is_refused() {
    let link = write_link(&manifest()).unwrap().to_string();
    for at in 0..link.len() {
        for letter in ['A', 'b', '/', '#'] {
            let mut other = link.clone();
            other.replace_range(at..=at, &letter.to_string());
            assert_eq!(read_link(&other).is_ok(), other == link, "{letter} at {at}");
        }
    }
}

#[test]
fn other_forms_and_other_things_are_told_apart() {
    let body = write_link(&manifest()).unwrap()[HEAD.len()..].to_owned();
    for form in
        ["import/2#", "import/01#", "import/1?x#", "import/1/#", "Import/1#", "share/1#", "/import/1#", ""]
    {
        assert_eq!(read_link(&format!("layr://{form}{body}")), Err(LinkError::UnknownForm), "{form}");
    }
    for text in
        ["", "layr:import/1#", "LAYR://import/1#", " layr://import/1#", "https://import/1#", "/a.layr"]
    {
        assert_eq!(read_link(&format!("{text}{body}")), Err(LinkError::NotALink), "{text}");
        assert!(!is_link(text));
    }
    let private = write_private(&manifest(), &library_key(), [3; 12]).unwrap();
    let private = format!("{HEAD}{}", URL_SAFE_NO_PAD.encode(&private));
    assert_eq!(read_link(&private), Err(LinkError::Private));
    let mut newer = write_bearer(&manifest()).unwrap().to_vec();
    newer[5] = 2;
    let newer = format!("{HEAD}{}", URL_SAFE_NO_PAD.encode(&newer));
    assert_eq!(read_link(&newer), Err(LinkError::File(LayrFileError::NewerFormat { found: 2 })));
}

#[test]
fn a_link_has_an_end() {
    let (mut fits, mut too_many) = (40_000, 50_000);
    while too_many - fits > 1 {
        let middle = usize::midpoint(fits, too_many);
        *(if write_link(&names(middle)).is_ok() { &mut fits } else { &mut too_many }) = middle;
    }
    let link = write_link(&names(fits)).unwrap();
    assert!((MAX_LINK_BYTES - 64..=MAX_LINK_BYTES).contains(&link.len()), "{}", link.len());
    assert_eq!(read_link(&link), Ok(names(fits)));
    let Err(LinkError::TooLarge { len_bytes }) = write_link(&names(too_many)) else { panic!() };
    assert!(len_bytes > MAX_LINK_BYTES);
    let longer = format!("{}A", "x".repeat(MAX_LINK_BYTES));
    assert_eq!(read_link(&longer), Err(LinkError::TooLong { len_bytes: MAX_LINK_BYTES + 1 }));
}

proptest! {
    #[test]
    fn arbitrary_texts_never_panic(text in ".{0,200}") {
        for link in [text.clone(), format!("layr://{text}"), format!("{HEAD}{text}")] {
            prop_assert!(read_link(&link).is_err());
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = URL_SAFE_NO_PAD.encode([b"LAYR\0\x01\0".as_slice(), &bytes].concat());
        let link = format!("{HEAD}{text}");
        prop_assert!(read_link(&link).is_err());
    }

    #[test]
    fn what_is_written_is_read(letters in 0_usize..2000) {
        let link = write_link(&names(letters)).unwrap();
        prop_assert_eq!(read_link(&link), Ok(names(letters)));
    }
}
