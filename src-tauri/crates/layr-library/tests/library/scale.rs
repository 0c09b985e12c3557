//! Large libraries stay quick. Timed runs are for people: `cargo test --release -- --ignored --nocapture scale`.

use std::time::{Duration, Instant};

use layr_library::{
    Library, ListOptions, NewContent, NewVersion, PageQuery, PageSort, PageState, SourceFile, SourceProbe,
    SourceStamp, VersionNumber,
};

use crate::kit::{
    DAY_S, Kit, NOW_S, OWNER, PLAIN_BYTES, assert_consistent, chunk, entropy, file, path, plan, segment,
    shards, with_keys,
};

/// Small files that share a segment.
const PACKED: u64 = 1000;

fn fill(kit: &Kit, files: u64) {
    for first in (0..files).step_by(usize::try_from(PACKED).unwrap()) {
        let numbers: Vec<u64> = (first..first + PACKED).collect();
        kit.library.plan_segment(&plan(first, &numbers)).unwrap();
        kit.library.shards_stored(&segment(first), &shards(first, 6)).unwrap();
        kit.library.segment_safe(&segment(first)).unwrap();
        let batch: Vec<_> = numbers.iter().map(|number| small_file(*number)).collect();
        kit.library.commit_versions(&batch, NOW_S).unwrap();
    }
}

fn small_file(number: u64) -> NewVersion {
    let stamp = SourceStamp { size_bytes: 4096, mtime_ns: 1, ctime_ns: 1, inode: number, device: 1 };
    let local_path = format!("/home/ann/pictures/{}/{number}.jpg", number / 100).into_bytes();
    NewVersion {
        source: Some(SourceFile { local_path, stamp }),
        ..file(&format!("/pictures/{}/{number}.jpg", number / 100), &[number])
    }
}

/// Prints how long `work` took and how much of that this thread was computing.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> (T, Duration) {
    let (start, cpu) = (Instant::now(), cpu_time());
    let value = work();
    println!("{what}: {:?}, {:?} of it CPU", start.elapsed(), cpu_time().saturating_sub(cpu));
    (value, start.elapsed())
}

fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

fn unchanged(library: &Library, files: u64) -> usize {
    let news: Vec<_> = (0..files).map(small_file).collect();
    let probes: Vec<_> = news
        .iter()
        .map(|new| {
            let source = new.source.as_ref().unwrap();
            SourceProbe { local_path: &source.local_path, stamp: source.stamp, target: &new.path }
        })
        .collect();
    let known = library.known_sources(&probes).unwrap();
    known.iter().filter(|known| matches!(known, layr_library::KnownSource::Current { .. })).count()
}

#[test]
fn ten_thousand_small_files_keep_their_order_and_are_recognised() {
    let kit = Kit::new();
    fill(&kit, 10_000);
    assert_eq!(unchanged(&kit.library, 10_000), 10_000);
    let summary = kit.library.summary().unwrap();
    assert_eq!((summary.files, summary.bytes), (10_000, 10_000 * u64::from(PLAIN_BYTES)));
    kit.library.remove(&path("/pictures"), NOW_S).unwrap();
    for day in 1..=31 {
        kit.library.maintain(NOW_S + day * DAY_S).unwrap();
    }
    assert_eq!(kit.library.summary().unwrap(), layr_library::Summary::default());
    assert_consistent(&kit.file());
}

#[test]
fn a_file_of_8192_chunks_comes_back_whole() {
    let kit = Kit::new();
    let numbers: Vec<u64> = (0..8192).collect();
    for numbers in numbers.chunks(32) {
        kit.upload(numbers[0], numbers);
    }
    let file = kit.put("/big", &numbers);
    let info = kit.library.info(&path("/big"), None).unwrap();
    assert_eq!((info.chunks, info.segments), (8192, 256));
    let manifest =
        with_keys(|keys| kit.library.manifest(file.file, Some(VersionNumber(1)), keys, NOW_S)).unwrap();
    let ids: Vec<_> = manifest.chunks.iter().map(|chunk| chunk.id).collect();
    assert_eq!(ids, numbers.iter().map(|number| chunk(*number)).collect::<Vec<_>>());
    let mut seen = 0;
    let mut after = None;
    loop {
        let page = kit.library.segments(file.file, None, after, 100).unwrap();
        let Some(last) = page.last() else { break };
        seen += page.len();
        after = Some(last.cursor);
    }
    assert_eq!(seen, 256);
}

#[test]
#[ignore = "figures, not a promise"]
fn figures() {
    let kit = Kit::new();
    timed("plan, shards, safe, commit of 10 000 files", || fill(&kit, 10_000));
    timed("10 000 unchanged files recognised", || unchanged(&kit.library, 10_000));
    let known: Vec<_> = (0..10_000).map(chunk).collect();
    timed("10 000 known chunks", || kit.library.known_chunks(&known).unwrap());
    let kit = Kit::new();
    timed("100 000 files", || fill(&kit, 100_000));
    let options = ListOptions { is_recursive: true, with_versions: false };
    timed("ls of 100 000 files in pages of 1000", || {
        let mut after = None;
        loop {
            after = kit.library.ls(&path("/"), options, after.as_ref(), 1000).unwrap().next;
            if after.is_none() {
                break;
            }
        }
    });
    timed("summary", || kit.library.summary().unwrap());
    timed("hosts", || kit.library.hosts().unwrap());
    timed("manifest of 100 000 files", || {
        with_keys(|keys| kit.library.manifest(&path("/"), None, keys, NOW_S)).unwrap().encode().unwrap().len()
    });
    timed("move of 100 000 files", || kit.library.rename(&path("/pictures"), &path("/p")).unwrap());
    timed("remove", || kit.library.remove(&path("/p"), NOW_S).unwrap());
    timed("trash", || kit.library.trash(None, 10).unwrap());
    timed("purge", || kit.library.empty_trash(None).unwrap());
    big_file();
    let Kit { dir, library } = kit;
    drop(library);
    let path = dir.path().join(Library::FILE_NAME);
    println!("database: {} MiB", std::fs::metadata(&path).unwrap().len() >> 20);
    timed("open with full check", || Library::open(&path, OWNER, entropy(), NOW_S).unwrap());
}

#[test]
#[ignore = "figures, not a promise"]
fn page_figures() {
    let kit = Kit::new();
    fill(&kit, 100_000);
    let flat: Vec<_> = (0..100_000).map(|number| file(&format!("/flat/{number}.jpg"), &[number])).collect();
    kit.library.commit_versions(&flat, NOW_S).unwrap();
    let (top, flat) = (&path("/"), &path("/flat"));
    let by_name = PageQuery {
        dir: flat,
        search: None,
        state: None,
        kind: None,
        sort: PageSort::Name,
        is_descending: false,
        offset: 0,
        limit: 500,
    };
    for (what, query) in [
        ("first page of 100 000 by name", by_name),
        ("page in the middle", PageQuery { offset: 50_000, ..by_name }),
        ("by size", PageQuery { sort: PageSort::Size, ..by_name }),
        ("by health", PageQuery { sort: PageSort::Health, ..by_name }),
        ("at risk in 200 000", PageQuery { dir: top, state: Some(PageState::AtRisk), ..by_name }),
        ("search in 200 000", PageQuery { dir: top, search: Some("99.JPG"), ..by_name }),
    ] {
        timed(what, || kit.library.page(&query).unwrap());
    }
}

/// A file of a tebibyte: a million chunks of 1 MiB in segments of 40, ten of thirty.
fn big_file() {
    let kit = Kit::new();
    let numbers: Vec<u64> = (0..1 << 20).collect();
    timed("1 TiB: plan and shards", || {
        for numbers in numbers.chunks(39) {
            let mut plan = plan(numbers[0], numbers);
            plan.profile = layr_codec::Profile::new(10, 30).unwrap();
            kit.library.plan_segment(&plan).unwrap();
            kit.library.shards_stored(&plan.id, &shards(numbers[0], 30)).unwrap();
            kit.library.segment_safe(&plan.id).unwrap();
        }
    });
    let chunks = numbers.iter().map(|number| chunk(*number)).collect();
    let content = NewContent::File { size_bytes: numbers.len() as u64 * u64::from(PLAIN_BYTES), chunks };
    let new = NewVersion { content, ..file("/big", &[]) };
    timed("1 TiB: commit", || kit.library.commit_versions(&[new], NOW_S).unwrap());
    timed("1 TiB: ls", || kit.rows("/"));
    timed("1 TiB: info", || kit.library.info(&path("/big"), None).unwrap());
    timed("1 TiB: hosts", || kit.library.hosts().unwrap());
    let (manifest, _) = timed("1 TiB: manifest", || {
        with_keys(|keys| kit.library.manifest(&path("/big"), None, keys, NOW_S)).unwrap()
    });
    let (bytes, _) = timed("1 TiB: encode", || manifest.encode().unwrap());
    println!("1 TiB: manifest of {} MiB", bytes.len() >> 20);
    timed("1 TiB: decode", || layr_library::Manifest::decode(&bytes).unwrap());
    println!("1 TiB: database of {} MiB", std::fs::metadata(kit.file()).unwrap().len() >> 20);
}
