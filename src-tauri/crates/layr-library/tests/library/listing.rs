//! Listing in pages gives everything once and in order.

use layr_library::{LibraryPath, ListOptions, NameError};
use proptest::prelude::*;

use crate::kit::{Kit, NOW_S, file, path};

const FLAT: ListOptions = ListOptions { is_recursive: false, with_versions: false };
const DEEP: ListOptions = ListOptions { is_recursive: true, with_versions: false };

fn pages(kit: &Kit, dir: &str, options: ListOptions, limit: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut after: Option<LibraryPath> = None;
    loop {
        let page = kit.library.ls(&path(dir), options, after.as_ref(), limit).unwrap();
        assert!(page.rows.len() <= limit);
        names.extend(page.rows.iter().map(|row| row.path.as_str().to_owned()));
        after = page.next;
        if after.is_none() {
            return names;
        }
    }
}

#[test]
fn a_directory_its_files_and_everything_below() {
    let kit = Kit::new();
    for name in ["/b/x", "/a", "/b/deep/y", "/b-c"] {
        kit.put(name, &[]);
    }
    assert_eq!(pages(&kit, "/", FLAT, 10), ["/a", "/b", "/b-c"]);
    assert_eq!(pages(&kit, "/b", FLAT, 10), ["/b/deep", "/b/x"]);
    assert_eq!(pages(&kit, "/b/x", FLAT, 10), ["/b/x"]);
    let all = ["/a", "/b", "/b/deep", "/b/deep/y", "/b/x", "/b-c"];
    for limit in 1..8 {
        assert_eq!(pages(&kit, "/", DEEP, limit), all);
    }
    assert!(matches!(kit.library.ls(&path("/nothing"), FLAT, None, 1), Err(NameError::NotFound { .. })));
}

#[test]
fn paging_goes_on_behind_an_entry_that_was_deleted_meanwhile() {
    let kit = Kit::new();
    for name in ["/a/1", "/a/2", "/b/1"] {
        kit.put(name, &[]);
    }
    let page = kit.library.ls(&path("/"), DEEP, None, 2).unwrap();
    kit.library.remove(&path("/a"), NOW_S).unwrap();
    let rest = kit.library.ls(&path("/"), DEEP, page.next.as_ref(), 10).unwrap();
    let rest: Vec<_> = rest.rows.iter().map(|row| row.path.as_str()).collect();
    assert_eq!(rest, ["/b", "/b/1"]);
}

#[test]
fn the_summary_counts_what_is_there() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.library.plan_segment(&crate::kit::plan(2, &[11])).unwrap();
    kit.put("/a", &[10]);
    kit.put("/dir/b", &[10]);
    kit.put("/dir/c", &[10]);
    kit.library.remove(&path("/dir"), NOW_S).unwrap();
    let summary = kit.library.summary().unwrap();
    assert_eq!((summary.files, summary.bytes, summary.trashed), (1, 4096, 1));
    assert_eq!((summary.unsafe_segments, summary.lost_segments), (1, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pages_of_any_size_give_the_same(
        names in prop::collection::btree_set("[ab]{1,2}(/[ab\n]{1,2}){0,3}", 1..40),
        limit in 1_usize..9,
    ) {
        let kit = Kit::new();
        for name in &names {
            // Some names lead through others that are files by now.
            let _ = kit.library.commit_versions(&[file(name, &[])], NOW_S);
        }
        let whole = pages(&kit, "/", DEEP, 10_000);
        prop_assert_eq!(pages(&kit, "/", DEEP, limit), whole.clone());
        let mut sorted = whole.clone();
        sorted.sort_by(|a, b| a.split('/').cmp(b.split('/')));
        sorted.dedup();
        prop_assert_eq!(whole, sorted);
    }
}
