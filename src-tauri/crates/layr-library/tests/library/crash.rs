//! Whatever instant the machine dies, the library is in the state before or after a change, never between.

use layr_library::{Library, NewContent, NewVersion};

use crate::kit::{
    DAY_S, Kit, NOW_S, OWNER, assert_consistent, beside, copy_of, dump, entropy, file, library_key, path,
    plan, segment, shard, shards, with_keys,
};

type Step = (&'static str, fn(&Kit));

fn steps() -> Vec<Step> {
    vec![
        ("plan", |kit| kit.library.plan_segment(&plan(1, &[10, 11, 12])).unwrap()),
        ("first shards", |kit| kit.library.shards_stored(&segment(1), &shards(1, 3)).unwrap()),
        ("safe", |kit| kit.library.segment_safe(&segment(1)).unwrap()),
        ("commit", |kit| {
            let batch = [file("/a/b/c", &[10, 11]), file("/a/d", &[12]), file("/e", &[])];
            kit.library.commit_versions(&batch, NOW_S).unwrap();
        }),
        ("last shards", |kit| kit.library.shards_stored(&segment(1), &shards(1, 6)).unwrap()),
        ("second version", |kit| assert!(kit.put("/a/d", &[10]).is_new)),
        ("second plan", |kit| kit.library.plan_segment(&plan(2, &[20])).unwrap()),
        ("one shard", |kit| kit.library.shards_stored(&segment(2), &[shard(2, 0, 9)]).unwrap()),
        ("abandon", |kit| kit.library.abandon_segment(&segment(2)).unwrap()),
        ("move", |kit| drop(kit.library.rename(&path("/a"), &path("/x/y")).unwrap())),
        ("remove", |kit| drop(kit.library.remove(&path("/x/y"), NOW_S).unwrap())),
        ("new file there", |kit| assert!(kit.put("/x/y/d", &[11]).is_new)),
        ("join", |kit| drop(kit.library.restore(&path("/x/y/d"), None).unwrap())),
        ("link", |kit| {
            let content = NewContent::Symlink { target: "e".to_owned() };
            let link = NewVersion { content, ..file("/e", &[]) };
            kit.library.commit_versions(&[link], NOW_S).unwrap();
        }),
        ("import", |kit| {
            let (secrets, library_key) = (crate::kit::secrets_of(60), library_key());
            let other = Kit::new();
            other.upload(5, &[50]);
            other.put("/theirs", &[50]);
            let keys = layr_library::ManifestKeys { codec: &secrets, library_key: &library_key };
            let manifest = other.library.manifest(&path("/theirs"), None, keys, NOW_S).unwrap();
            with_keys(|keys| kit.library.import(&manifest, &path("/in"), keys, NOW_S)).unwrap();
        }),
        ("maintain", |kit| {
            kit.pass_days(NOW_S, 31);
            kit.library.maintain(NOW_S + 31 * DAY_S).unwrap();
        }),
        ("remove again", |kit| drop(kit.library.remove(&path("/e"), NOW_S).unwrap())),
        ("empty", |kit| assert!(kit.library.empty_trash(None).unwrap() > 0)),
    ]
}

#[test]
fn a_kill_after_any_step_leaves_what_the_step_left() {
    let kit = Kit::new();
    for (name, step) in steps() {
        step(&kit);
        let dir = tempfile::tempdir().unwrap();
        let copy = copy_of(&kit.file(), dir.path());
        let expected = dump(&kit.file());
        assert_eq!(dump(&copy), expected, "{name}");
        drop(Library::open(&copy, OWNER, entropy(), 0).unwrap());
        assert_consistent(&copy);
        // Opening looked at the clock, and that is all.
        let without_clock = |dump: &str| -> Vec<String> {
            dump.lines().filter(|line| !line.starts_with("clock ")).map(str::to_owned).collect()
        };
        assert_eq!(without_clock(&dump(&copy)), without_clock(&expected), "{name}");
    }
}

#[test]
fn a_power_cut_within_a_step_leaves_the_state_before_or_after_it() {
    let kit = Kit::new();
    for (name, step) in steps() {
        if name == "maintain" {
            // Many transactions, each like the others.
            continue;
        }
        let before = dump(&kit.file());
        let journal = beside(&kit.file(), "-wal");
        let from = std::fs::metadata(&journal).map_or(0, |metadata| metadata.len());
        step(&kit);
        let after = dump(&kit.file());
        let to = std::fs::metadata(&journal).unwrap().len();
        assert!(to > from, "{name} wrote nothing, or the journal began anew");
        let mut seen_before = false;
        for cut in (from..to).step_by(3001).chain([to - 1, to]) {
            let dir = tempfile::tempdir().unwrap();
            let copy = copy_of(&kit.file(), dir.path());
            std::fs::File::options().write(true).open(beside(&copy, "-wal")).unwrap().set_len(cut).unwrap();
            let found = dump(&copy);
            assert!(found == before || found == after, "{name}: half a step at {cut} of {from} to {to}");
            seen_before |= found == before;
            assert_eq!(
                found == after,
                cut == to,
                "{name}: acknowledged, then lost, at {cut} of {from} to {to}"
            );
        }
        assert!(seen_before);
    }
}

#[test]
fn resuming_finds_exactly_what_was_not_finished() {
    let kit = Kit::new();
    kit.upload(1, &[10]);
    kit.library.plan_segment(&plan(2, &[20, 21])).unwrap();
    kit.library.shards_stored(&segment(2), &shards(2, 2)).unwrap();
    kit.library.plan_segment(&plan(3, &[30])).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let copy = copy_of(&kit.file(), dir.path());
    let library = Library::open(&copy, OWNER, entropy(), NOW_S).unwrap();
    assert_eq!(library.unfinished_segments().unwrap(), [segment(2), segment(3)]);
    let unfinished = library.unfinished_segment(&segment(2)).unwrap().unwrap();
    assert_eq!((unfinished.plan, unfinished.stored), (plan(2, &[20, 21]), shards(2, 2)));
    // The rest is sent, and the file is there.
    library.shards_stored(&segment(2), &shards(2, 6)[2..]).unwrap();
    library.segment_safe(&segment(2)).unwrap();
    library.commit_versions(&[file("/a", &[20, 21])], NOW_S).unwrap();
    assert_eq!(library.unfinished_segments().unwrap(), [segment(3)]);
    drop(library);
    assert_consistent(&copy);
}
