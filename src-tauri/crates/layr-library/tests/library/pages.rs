//! Pages for a window say the same as the plain listing, however they are sorted, searched and cut.

use layr_codec::Profile;
use layr_library::{
    Health, HealthState, LibraryPath, ListOptions, ListRow, NameError, NewContent, NewVersion, PageKind,
    PageQuery, PageSort, PageState, SegmentPlan, ShardMark, ShardState,
};

use crate::kit::{Kit, NOW_S, file, path, peer, plan, segment, shards};

const SORTS: [PageSort; 4] = [PageSort::Name, PageSort::Size, PageSort::Modified, PageSort::Health];

#[test]
fn a_whole_file_of_few_shards_hides_none_of_many_that_is_at_risk() {
    let kit = Kit::new();
    let upload = |number, k, n| {
        let plan = SegmentPlan { profile: Profile::new(k, n).unwrap(), ..plan(number, &[number]) };
        kit.library.plan_segment(&plan).unwrap();
        kit.library.shards_stored(&plan.id, &shards(number, n)).unwrap();
        kit.library.segment_safe(&plan.id).unwrap();
    };
    let lose = |number, n, alive| {
        let missing = |index| ShardMark {
            segment: segment(number),
            index,
            host: peer(u64::from(index)),
            shard: None,
            state: ShardState::Missing,
        };
        kit.library.mark_shards(&(alive..n).map(missing).collect::<Vec<_>>(), NOW_S).unwrap();
    };
    for (number, k, n) in [(1, 1, 3), (2, 10, 30), (3, 10, 30), (4, 1, 3)] {
        upload(number, k, n);
    }
    for (name, chunks) in
        [("/whole", &[1][..]), ("/weak", &[2]), ("/lost", &[3]), ("/one left", &[4]), ("/mixed", &[1, 2, 4])]
    {
        kit.put(name, chunks);
    }
    for (number, n, alive) in [(2, 30, 13), (3, 30, 9), (4, 3, 1)] {
        lose(number, n, alive);
    }
    let alive =
        |name: &str| kit.rows("/").iter().find(|row| row.path.as_str() == name).unwrap().health.unwrap();
    assert_eq!(alive("/mixed"), Health { alive: 1, needed: 1, total: 3, is_stale: false });
    let mixed = kit.library.resolve("/mixed").unwrap().segments;
    let groups: Vec<_> = mixed.iter().map(|group| (group.health(), group.is_ours, group.segments)).collect();
    let of = |alive, needed, total| (Health { alive, needed, total, is_stale: false }, true, 1);
    assert_eq!(groups, [of(1, 1, 3), of(3, 1, 3), of(13, 10, 30)]);
    let dir = LibraryPath::root();
    let query = PageQuery {
        dir: &dir,
        search: None,
        state: None,
        kind: None,
        sort: PageSort::Health,
        is_descending: false,
        offset: 0,
        limit: 10,
    };
    let names = |query: &PageQuery<'_>| -> Vec<_> {
        kit.library.page(query).unwrap().rows.iter().map(|row| row.path.as_str().to_owned()).collect()
    };
    assert_eq!(names(&query), ["/lost", "/mixed", "/one left", "/weak", "/whole"]);
    let at_risk = names(&PageQuery { state: Some(PageState::AtRisk), ..query });
    assert_eq!(at_risk, ["/lost", "/mixed", "/one left", "/weak"]);
    assert_eq!(names(&PageQuery { state: Some(PageState::Safe), ..query }), ["/whole"]);
    let mixed = kit.library.resolve("/mixed").unwrap();
    let weakest = kit.library.weakest_segments(mixed.file, None, 2).unwrap();
    let places: Vec<_> = weakest.segments.iter().map(|(place, record)| (*place, record.id)).collect();
    assert_eq!((weakest.count, places), (3, vec![(3, segment(4)), (2, segment(2))]));
    kit.put("/mixed", &[1, 2]);
    assert_eq!(alive("/mixed"), Health { alive: 13, needed: 10, total: 30, is_stale: false });
}

/// A few thousand entries with equal sizes, times and names but for their case; files from several segments.
fn varied(files: u64) -> Kit {
    let kit = Kit::new();
    for number in 0..8 {
        kit.upload(number, &[number * 10, number * 10 + 1]);
    }
    for number in 0..4 {
        let marks: Vec<_> = (0..u8::try_from(number).unwrap())
            .map(|index| ShardMark {
                segment: segment(number),
                index,
                host: peer(u64::from(index)),
                shard: None,
                state: ShardState::Missing,
            })
            .collect();
        kit.library.mark_shards(&marks, NOW_S).unwrap();
    }
    let mut news = Vec::new();
    for number in 0..files {
        let folder =
            ["", "/docs", "/Docs", "/docs/Übung", "/z/deep/er"][usize::try_from(number % 5).unwrap()];
        let name = ["Photo", "photo", "ÄPFEL", "äpfel", "a"][usize::try_from(number / 5 % 5).unwrap()];
        let chunks: Vec<u64> = (0..number % 4).map(|chunk| (number + chunk) % 8 * 10 + chunk % 2).collect();
        let mtime_ns = i64::try_from(number % 7).unwrap() * 1_000_000_000;
        news.push(NewVersion { mtime_ns, ..file(&format!("{folder}/{name} {}", number / 25), &chunks) });
    }
    news.push(NewVersion { content: NewContent::Directory, mtime_ns: 5_000_000_000, ..file("/empty", &[]) });
    kit.library.commit_versions(&news, NOW_S).unwrap();
    kit
}

/// The same question asked of the plain listing.
fn expected(kit: &Kit, query: &PageQuery<'_>) -> (u64, Vec<ListRow>) {
    let is_recursive = query.search.is_some() || query.state.is_some();
    let options = ListOptions { is_recursive, with_versions: false };
    let mut rows = kit.library.ls(query.dir, options, None, 10_000).unwrap().rows;
    let below = |row: &ListRow| {
        let whole = row.path.as_str();
        whole[if query.dir.is_root() { 0 } else { query.dir.as_str().len() }..].to_lowercase()
    };
    if let Some(needle) = query.search {
        rows.retain(|row| below(row).contains(&needle.to_lowercase()));
    }
    if let Some(state) = query.state {
        rows.retain(|row| {
            row.health.is_some_and(|health| match state {
                PageState::Safe => health.state() == HealthState::Safe,
                PageState::Waiting => health.state() == HealthState::Waiting,
                PageState::AtRisk => health.state() < HealthState::Waiting,
            })
        });
    }
    rows.retain(|row| query.kind.is_none_or(|kind| (kind == PageKind::Directory) == row.version.is_none()));
    rows.sort_by(|a, b| {
        let key = |row: &ListRow| match query.sort {
            PageSort::Name => (HealthState::Safe, 0),
            PageSort::Size => (HealthState::Safe, i64::try_from(row.size_bytes).unwrap()),
            PageSort::Modified => (HealthState::Safe, row.mtime_ns.unwrap_or(0)),
            PageSort::Health => row.health.map_or((HealthState::Safe, i64::MAX), Health::rank),
        };
        let order = (key(a), below(a), a.path.as_str()).cmp(&(key(b), below(b), b.path.as_str()));
        let order = if query.is_descending { order.reverse() } else { order };
        b.version.is_none().cmp(&a.version.is_none()).then(order)
    });
    (rows.len() as u64, rows)
}

fn all_pages(kit: &Kit, query: &PageQuery<'_>) -> (u64, Vec<ListRow>) {
    let mut rows = Vec::new();
    loop {
        let page = kit.library.page(&PageQuery { offset: rows.len() as u64, ..*query }).unwrap();
        assert!(page.rows.len() <= query.limit);
        let is_end = page.rows.is_empty();
        rows.extend(page.rows);
        if is_end {
            return (page.total, rows);
        }
    }
}

#[test]
fn every_order_and_search_agrees_with_the_plain_listing() {
    let kit = varied(3000);
    for (dir, search) in [
        ("/", None),
        ("/docs", None),
        ("/", Some("photo")),
        ("/", Some("DOCS/ü")),
        ("/", Some("/a 1")),
        ("/docs", Some("äPFel 3")),
        ("/", Some("nowhere")),
        ("/", Some("")),
        ("/", Some("%")),
    ] {
        for sort in SORTS {
            for is_descending in [false, true] {
                let dir = &path(dir);
                let query = PageQuery {
                    dir,
                    search,
                    state: None,
                    kind: None,
                    sort,
                    is_descending,
                    offset: 0,
                    limit: 500,
                };
                let (total, rows) = expected(&kit, &query);
                let found = all_pages(&kit, &query);
                assert_eq!(found.0, total, "{query:?}");
                assert!(found.1 == rows, "{query:?}");
            }
        }
    }
    assert!(
        expected(
            &kit,
            &PageQuery {
                dir: &path("/"),
                search: Some("docs/ü"),
                state: None,
                kind: None,
                sort: SORTS[0],
                is_descending: false,
                offset: 0,
                limit: 1
            }
        )
        .0 > 100
    );
}

#[test]
fn a_state_finds_the_files_that_are_so_everywhere_below() {
    let kit = varied(1000);
    for (dir, search) in [("/", None), ("/docs", None), ("/", Some("photo"))] {
        let totals = [PageState::Safe, PageState::AtRisk].map(|state| {
            let dir = &path(dir);
            let (sort, is_descending) = (PageSort::Health, false);
            let query = PageQuery {
                dir,
                search,
                state: Some(state),
                kind: None,
                sort,
                is_descending,
                offset: 0,
                limit: 500,
            };
            let (total, rows) = expected(&kit, &query);
            let found = all_pages(&kit, &query);
            assert_eq!(found.0, total, "{query:?}");
            assert!(found.1 == rows, "{query:?}");
            total
        });
        assert!(totals.iter().all(|total| *total > 20), "{dir} {search:?} {totals:?}");
    }
}

#[test]
fn directories_and_files_are_listed_alone() {
    let kit = varied(200);
    for (dir, search) in [("/", None), ("/docs", None), ("/", Some("docs"))] {
        for kind in [PageKind::Directory, PageKind::File] {
            let (dir, sort, is_descending) = (&path(dir), PageSort::Name, false);
            let query = PageQuery {
                dir,
                search,
                state: None,
                kind: Some(kind),
                sort,
                is_descending,
                offset: 0,
                limit: 500,
            };
            let (total, rows) = expected(&kit, &query);
            let found = all_pages(&kit, &query);
            assert!(total > 0 && found.0 == total && found.1 == rows, "{query:?}");
        }
    }
}

#[test]
fn a_page_is_what_lies_at_its_offset() {
    let kit = varied(200);
    let dir = LibraryPath::root();
    let query = PageQuery {
        dir: &dir,
        search: Some("p"),
        state: None,
        kind: None,
        sort: PageSort::Size,
        is_descending: true,
        offset: 37,
        limit: 11,
    };
    let page = kit.library.page(&query).unwrap();
    let (total, rows) = expected(&kit, &query);
    assert_eq!(page.total, total);
    assert_eq!(page.rows, rows[37..48]);
    let behind = kit.library.page(&PageQuery { offset: u64::MAX, ..query }).unwrap();
    assert_eq!((behind.total, behind.rows.len()), (total, 0));
    let nowhere = kit.library.page(&PageQuery { dir: &path("/nowhere"), ..query });
    assert!(matches!(nowhere, Err(NameError::NotFound { .. })));
    let leaf = kit.library.page(&PageQuery { dir: &path("/a 0"), ..query });
    assert!(matches!(leaf, Err(NameError::NotFound { .. } | NameError::NotADirectory { .. })), "{leaf:?}");
}

#[test]
fn the_trash_is_paged_alike() {
    let kit = varied(300);
    for (number, name) in (0..).zip(["/docs", "/Photo 0", "/ÄPFEL 1", "/a 5", "/empty"]) {
        kit.library.remove(&path(name), NOW_S + (7 - number) % 3).unwrap();
    }
    let rows = kit.library.trash(None, 100).unwrap();
    assert!(rows.iter().any(|row| row.bytes > 10 * 4096), "a directory has the size of what is in it");
    for search in [None, Some("ä"), Some("/DOCS")] {
        for sort in SORTS {
            for is_descending in [false, true] {
                let mut expected = rows.clone();
                expected.retain(|row| {
                    search.is_none_or(|needle: &str| {
                        row.path.as_str().to_lowercase().contains(&needle.to_lowercase())
                    })
                });
                expected.sort_by(|a, b| {
                    let key = |row: &layr_library::TrashRow| match sort {
                        PageSort::Size => row.bytes,
                        PageSort::Modified => row.trashed_unix_s,
                        PageSort::Name | PageSort::Health => 0,
                    };
                    let name = |row: &layr_library::TrashRow| row.path.as_str().to_lowercase();
                    let order = (key(a), name(a)).cmp(&(key(b), name(b)));
                    let order = if is_descending { order.reverse() } else { order };
                    let leaf = |row: &layr_library::TrashRow| row.kind != layr_library::EntryKind::Directory;
                    leaf(a).cmp(&leaf(b)).then(order)
                });
                let dir = &LibraryPath::root();
                let query = PageQuery {
                    dir,
                    search,
                    state: None,
                    kind: None,
                    sort,
                    is_descending,
                    offset: 1,
                    limit: 2,
                };
                let page = kit.library.trash_page(&query).unwrap();
                assert_eq!(page.total, expected.len() as u64, "{query:?}");
                let expected: Vec<_> = expected.into_iter().skip(1).take(2).collect();
                assert_eq!(page.rows, expected, "{query:?}");
            }
        }
    }
}
