//! The library as reports: listings, everything about one file, the trash.
//!
//! All functions block on the database for a moment; the node calls them on blocking threads.

use layr_library::{
    EntryKind, Failure, FileId, Library, LibraryPath, ListOptions, ListRow, MAX_PAGE_ROWS, MAX_SEARCH_BYTES,
    NameError, PageQuery, PartEvent as Happened, SegmentGroup, SegmentRecord, ShardRecord, StoreError,
    TrashRow,
};

use crate::api::{
    FileDetails, Health, HealthState, InfoReport, ListReport, ListedFile, PageKind, PageReport, PageRequest,
    PageSort, PageState, PartEvent, PartEventKind, PartHistory, SegmentInfo, ShardFailure, ShardInfo,
    ShardState, WeakSegment,
};
use crate::durability::{Durability, FailureRate};
use crate::error::{ErrorCode, NodeError};

/// Most rows of a page for a window: some screens full, and about 200 KiB as JSON.
pub const PAGE_ROWS: u64 = 500;
/// Segments fetched at a time.
const SEGMENT_PAGE: usize = 256;
/// Segments that a window shows of one file: each has up to 255 shards to draw.
const SHOWN_SEGMENTS: usize = 6;
/// Happenings that are told of one file: more than a person reads, and a window's answer stays small.
const SHOWN_EVENTS: usize = 100;
const SECONDS_A_DAY: u64 = 86_400;

/// `ls`.
///
/// # Errors
/// [`ErrorCode::NotFound`], [`ErrorCode::InvalidRequest`], or what the database says.
pub fn list(
    library: &Library,
    dir: Option<&str>,
    is_recursive: bool,
    with_versions: bool,
) -> Result<ListReport, NodeError> {
    let dir = match dir {
        None => LibraryPath::root(),
        Some(name) => library.resolve(name).map_err(name_error)?.path,
    };
    let options = ListOptions { is_recursive, with_versions };
    let mut durability = durability(library)?;
    let mut files = Vec::new();
    let mut after = None;
    loop {
        let page = library.ls(&dir, options, after.as_ref(), MAX_PAGE_ROWS).map_err(name_error)?;
        files.extend(page.rows.iter().map(|row| listed_row(row, &mut durability)));
        after = page.next;
        if after.is_none() {
            return Ok(ListReport { files, model: Some(durability.model()) });
        }
    }
}

/// The versions of a file or link that can be brought back, the current one among them, the newest first.
///
/// # Errors
/// As [`list`]; [`ErrorCode::InvalidRequest`] for a directory, which has none.
pub fn versions(library: &Library, name: &str, now_unix_s: u64) -> Result<ListReport, NodeError> {
    let row = library.resolve(name).map_err(name_error)?;
    if row.kind == EntryKind::Directory {
        return Err(NodeError::new(
            ErrorCode::InvalidRequest,
            format!("{name} is a directory: it has no versions."),
        ));
    }
    let options = ListOptions { is_recursive: false, with_versions: true };
    let rows = library.ls(&row.path, options, None, MAX_PAGE_ROWS).map_err(name_error)?.rows;
    let mut durability = durability(library)?;
    let version = |row: &ListRow| ListedFile {
        expires: row.kept_for_s.map(|kept_for_s| rfc3339(now_unix_s.saturating_add(kept_for_s))),
        ..listed_row(row, &mut durability)
    };
    let mut files: Vec<_> = rows.iter().map(version).collect();
    files.sort_by_key(|file| std::cmp::Reverse(file.version));
    Ok(ListReport { files, model: Some(durability.model()) })
}

/// A page of the library or of the trash.
///
/// # Errors
/// As [`list`]; [`ErrorCode::InvalidRequest`] also for more than [`PAGE_ROWS`] rows at once or a very long search.
pub fn page(library: &Library, request: &PageRequest, now_unix_s: u64) -> Result<PageReport, NodeError> {
    let invalid = |message: String| NodeError::new(ErrorCode::InvalidRequest, message);
    if request.limit > PAGE_ROWS {
        return Err(invalid(format!("A page has at most {PAGE_ROWS} rows."))
            .with("limit", request.limit)
            .with("most", PAGE_ROWS));
    }
    let search = request.search.as_deref().filter(|text| !text.is_empty());
    if search.is_some_and(|text| text.len() > MAX_SEARCH_BYTES) {
        return Err(invalid(format!("A search has at most {MAX_SEARCH_BYTES} bytes.")));
    }
    let dir = match request.dir.as_deref() {
        Some(name) if !request.trash => library.resolve(name).map_err(name_error)?.path,
        _ => LibraryPath::root(),
    };
    let query = PageQuery {
        dir: &dir,
        search,
        state: request.state.map(|state| match state {
            PageState::Safe => layr_library::PageState::Safe,
            PageState::Waiting => layr_library::PageState::Waiting,
            PageState::AtRisk => layr_library::PageState::AtRisk,
        }),
        kind: request.kind.map(|kind| match kind {
            PageKind::Directory => layr_library::PageKind::Directory,
            PageKind::File => layr_library::PageKind::File,
        }),
        sort: match request.sort {
            PageSort::Name => layr_library::PageSort::Name,
            PageSort::Size => layr_library::PageSort::Size,
            PageSort::Modified => layr_library::PageSort::Modified,
            PageSort::Health => layr_library::PageSort::Health,
        },
        is_descending: request.descending,
        offset: request.offset,
        limit: usize::try_from(request.limit).unwrap_or(usize::MAX),
    };
    if request.trash {
        let page = library.trash_page(&query).map_err(|error| store_error(&error))?;
        return Ok(PageReport {
            total: page.total,
            rows: page.rows.iter().map(|row| trashed_row(row, now_unix_s)).collect(),
        });
    }
    let page = library.page(&query).map_err(name_error)?;
    let mut durability = durability(library)?;
    let rows = page.rows.iter().map(|row| listed_row(row, &mut durability)).collect();
    Ok(PageReport { total: page.total, rows })
}

/// `info`.
///
/// # Errors
/// As [`list`].
pub fn info(library: &Library, name: &str) -> Result<InfoReport, NodeError> {
    let row = library.resolve(name).map_err(name_error)?;
    let mut segments = Vec::new();
    let mut after = None;
    if row.kind != EntryKind::Directory {
        loop {
            let page = library.segments(row.file, row.version, after, SEGMENT_PAGE).map_err(name_error)?;
            segments.extend(page.iter().map(segment_info));
            match page.last() {
                Some(last) => after = Some(last.cursor),
                None => break,
            }
        }
    }
    let mut durability = durability(library)?;
    let file = listed_row(&row, &mut durability);
    Ok(InfoReport { file, model: durability.model(), segments, history: history(library, &row)? })
}

/// The line of one entry.
///
/// # Errors
/// As [`list`].
pub fn entry(library: &Library, name: &str) -> Result<ListedFile, NodeError> {
    Ok(listed_row(&library.resolve(name).map_err(name_error)?, &mut durability(library)?))
}

/// One file with its weakest segments.
///
/// # Errors
/// As [`list`].
pub fn details(library: &Library, name: &str) -> Result<FileDetails, NodeError> {
    let row = library.resolve(name).map_err(name_error)?;
    let weakest = library.weakest_segments(row.file, row.version, SHOWN_SEGMENTS).map_err(name_error)?;
    let shown = weakest.segments.iter();
    let mut durability = durability(library)?;
    Ok(FileDetails {
        file: listed_row(&row, &mut durability),
        model: durability.model(),
        segment_count: weakest.count,
        weakest: shown
            .map(|(position, segment)| WeakSegment { position: *position, segment: segment_info(segment) })
            .collect(),
        history: history(library, &row)?,
    })
}

/// `trash`.
///
/// # Errors
/// What the database says.
pub fn trash(library: &Library, now_unix_s: u64) -> Result<ListReport, NodeError> {
    let mut files = Vec::new();
    let mut after: Option<FileId> = None;
    loop {
        let page = library.trash(after, MAX_PAGE_ROWS).map_err(|error| store_error(&error))?;
        files.extend(page.iter().map(|row| trashed_row(row, now_unix_s)));
        match page.last() {
            Some(last) => after = Some(last.file),
            None => return Ok(ListReport { files, model: None }),
        }
    }
}

/// How all files are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OverallHealth {
    /// The worst of all; `None` while there is nothing to lose.
    pub worst: Option<Health>,
    /// Files with few shards to spare.
    pub at_risk: u64,
    /// Files with fewer shards left than it takes.
    pub lost: u64,
    /// Files in either state that only others can repair, as they stored all that is in danger of it. Not among the former.
    pub theirs: u64,
}

impl OverallHealth {
    /// Counts a file of this health and these segments.
    fn count(&mut self, found: layr_library::Health, segments: &[SegmentGroup]) {
        use layr_library::HealthState::{AtRisk, Lost, Safe, Waiting};

        let mut in_danger = segments.iter().filter(|group| group.health().state() < Waiting);
        let is_theirs = in_danger.all(|group| !group.is_ours);
        match found.state() {
            Safe | Waiting => {}
            AtRisk | Lost if is_theirs => self.theirs += 1,
            AtRisk => self.at_risk += 1,
            Lost => self.lost += 1,
        }
    }
}

/// Whether results are old of what audits look after. What others stored is looked at when a person asks for it, and says so itself:
/// one shared file would else make a whole library wait.
fn waits_for_audits(segments: &[SegmentGroup]) -> bool {
    segments.iter().any(|group| group.is_ours && group.health().is_stale)
}

/// The worst health of all files, and how many are in danger. Walks the whole library.
///
/// # Errors
/// What the database says.
pub fn overall_health(library: &Library) -> Result<OverallHealth, NodeError> {
    let options = ListOptions { is_recursive: true, with_versions: false };
    let mut worst: Option<layr_library::Health> = None;
    let mut overall = OverallHealth::default();
    let mut after = None;
    loop {
        let page =
            library.ls(&LibraryPath::root(), options, after.as_ref(), MAX_PAGE_ROWS).map_err(name_error)?;
        for (row, found) in page.rows.iter().filter_map(|row| Some((row, row.health?))) {
            let found =
                layr_library::Health { is_stale: found.is_stale && waits_for_audits(&row.segments), ..found };
            if worst.is_none_or(|worst| found.rank() < worst.rank()) {
                worst = Some(found);
            }
            overall.count(found, &row.segments);
        }
        after = page.next;
        if after.is_none() {
            return Ok(OverallHealth { worst: worst.map(health), ..overall });
        }
    }
}

/// The chances of this library's files, at the rate at which its hosts were lost until now.
fn durability(library: &Library) -> Result<Durability, NodeError> {
    let losses = library.host_losses().map_err(|error| store_error(&error))?;
    Ok(Durability::new(FailureRate::from_evidence(&losses)))
}

/// Two digits of a chance: the model knows no more, and a listing of 100 000 files tells one of each.
fn two_digits(chance: f64) -> f64 {
    format!("{chance:.1e}").parse().unwrap_or(chance)
}

/// One line of a listing.
fn listed_row(row: &ListRow, durability: &mut Durability) -> ListedFile {
    let modified_unix_s = row
        .mtime_ns
        .map(|mtime_ns| u64::try_from(mtime_ns / 1_000_000_000).unwrap_or(0))
        .or(row.committed_unix_s)
        .unwrap_or(0);
    ListedFile {
        id: row.file.to_string(),
        name: row.path.as_str().to_owned(),
        kind: kind_name(row.kind).to_owned(),
        size: row.size_bytes,
        modified: rfc3339(modified_unix_s),
        version: row.version.map_or(0, |version| version.0),
        health: row.health.map(health),
        durability: durability.of_file(&row.segments).map(two_digits),
        deleted: None,
        expires: None,
    }
}

fn trashed_row(row: &TrashRow, now_unix_s: u64) -> ListedFile {
    ListedFile {
        id: row.file.to_string(),
        name: row.path.as_str().to_owned(),
        kind: kind_name(row.kind).to_owned(),
        size: row.bytes,
        modified: rfc3339(row.trashed_unix_s),
        version: 0,
        health: None,
        durability: None,
        deleted: Some(rfc3339(row.trashed_unix_s)),
        expires: Some(rfc3339(now_unix_s.saturating_add(row.kept_for_s))),
    }
}

fn segment_info(segment: &SegmentRecord) -> SegmentInfo {
    let shard = |index: u8| {
        let stored = segment.shards.iter().find(|shard| shard.index == index);
        ShardInfo {
            index: u32::from(index),
            root: stored.map(|shard| shard.root.to_string()),
            host: stored.map(|shard| shard.host.to_string()),
            state: stored.map_or(ShardState::Missing, shard_state),
            last_audit: stored.and_then(|shard| shard.checked_unix_s).map(rfc3339),
            last_proven: stored.and_then(|shard| shard.shown_unix_s).map(rfc3339),
            last_read: stored.and_then(|shard| shard.whole_unix_s).map(rfc3339),
            failed: stored.and_then(|shard| shard.failed).map(shard_failure),
            question_open: stored.is_some_and(|shard| shard.open_leaf.is_some() && shard.failed.is_none()),
        }
    };
    let alive =
        segment.shards.iter().filter(|shard| shard.state == layr_library::ShardState::Healthy).count();
    let (k, n) = (segment.profile.k(), segment.profile.n());
    SegmentInfo {
        id: segment.id.to_string(),
        k,
        n,
        health: health(layr_library::Health {
            alive: u32::try_from(alive).unwrap_or(u32::MAX),
            needed: u32::from(k),
            total: u32::from(n),
            is_stale: segment.is_stale,
        }),
        shards: (0..segment.profile.n()).map(shard).collect(),
    }
}

fn shard_state(shard: &ShardRecord) -> ShardState {
    use layr_library::ShardState as Recorded;
    match shard.state {
        Recorded::Healthy => ShardState::Healthy,
        Recorded::Missing => ShardState::Missing,
        Recorded::Corrupt => ShardState::Corrupt,
        Recorded::Unreachable => ShardState::Unreachable,
    }
}

fn shard_failure(failure: Failure) -> ShardFailure {
    match failure {
        Failure::Missing => ShardFailure::Missing,
        Failure::Corrupt => ShardFailure::Corrupt,
        Failure::WrittenOff => ShardFailure::WrittenOff,
    }
}

/// What happened to the parts of a file.
fn history(library: &Library, row: &ListRow) -> Result<PartHistory, NodeError> {
    let history = library.part_history(row.file, row.version, SHOWN_EVENTS).map_err(name_error)?;
    let events = history.happenings.iter().map(|happening| {
        let (event, from) = match happening.event {
            Happened::Failed(Failure::Missing) => (PartEventKind::Missing, None),
            Happened::Failed(Failure::Corrupt) => (PartEventKind::Corrupt, None),
            Happened::Failed(Failure::WrittenOff) => (PartEventKind::WrittenOff, None),
            Happened::Renewed { from } => (PartEventKind::Renewed, Some(from)),
            Happened::Moved { from } => (PartEventKind::Moved, Some(from)),
        };
        PartEvent {
            at: rfc3339(happening.noted_unix_s),
            segment: happening.position,
            shard: u32::from(happening.index),
            event,
            host: happening.host.to_string(),
            from: from.map(|from| from.to_string()),
        }
    });
    Ok(PartHistory { events: events.collect(), older: history.older })
}

/// The library's health as reports have it.
pub fn health(health: layr_library::Health) -> Health {
    let state = match health.state() {
        layr_library::HealthState::Safe => HealthState::Safe,
        layr_library::HealthState::Waiting => HealthState::Waiting,
        layr_library::HealthState::AtRisk => HealthState::AtRisk,
        layr_library::HealthState::Lost => HealthState::Lost,
    };
    Health { alive: health.alive, needed: health.needed, total: health.total, state }
}

fn kind_name(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::File => "file",
        EntryKind::Directory => "directory",
        EntryKind::Symlink => "symlink",
    }
}

/// What a wrong name means to the caller.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err hands over")]
pub fn name_error(error: NameError) -> NodeError {
    let code = match &error {
        NameError::NotFound { .. } | NameError::NoSuchVersion { .. } => ErrorCode::NotFound,
        NameError::Occupied { .. } => ErrorCode::Conflict,
        NameError::Store(source) => return store_error(source),
        _ => ErrorCode::InvalidRequest,
    };
    NodeError::new(code, format!("{error}."))
}

/// What a failing database means to the caller.
pub fn store_error(error: &StoreError) -> NodeError {
    let code = match error {
        StoreError::Damaged { .. } => ErrorCode::DatabaseUnusable,
        StoreError::DiskFull => ErrorCode::DiskFull,
        StoreError::Busy => ErrorCode::HomeInUse,
        StoreError::Closed => ErrorCode::NoNode,
        StoreError::Io { .. } => ErrorCode::LocalFile,
        StoreError::OutOfRange { .. } => ErrorCode::InvalidRequest,
        _ => ErrorCode::Internal,
    };
    NodeError::new(code, format!("{error}."))
}

/// A time in RFC 3339, UTC, whole seconds. The civil date follows Howard Hinnant's `days_from_civil`, inverted.
pub(crate) fn rfc3339(unix_s: u64) -> String {
    // Year 9999 is the last that RFC 3339 can write.
    let unix_s = unix_s.min(253_402_300_799);
    let (days, second) = (unix_s / SECONDS_A_DAY, unix_s % SECONDS_A_DAY);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", second % 60)
}

#[cfg(test)]
mod tests {
    use layr_codec::Profile;
    use layr_library::SegmentGroup;

    use super::{OverallHealth, rfc3339};

    #[test]
    fn files_in_danger_are_counted_by_their_state_and_by_who_can_repair_them() {
        let group = |alive: u32, is_ours: bool| {
            let profile = Profile::new(4, 12).unwrap();
            SegmentGroup { profile, alive, is_stale: true, is_ours, segments: 1 }
        };
        let counted = |files: &[&[SegmentGroup]]| {
            let mut overall = OverallHealth::default();
            for segments in files {
                let worst = segments.iter().map(SegmentGroup::health).min_by_key(|health| health.rank());
                overall.count(worst.unwrap(), segments);
            }
            (overall.at_risk, overall.lost, overall.theirs)
        };
        assert_eq!(counted(&[&[group(12, true)], &[group(12, false)]]), (0, 0, 0));
        assert_eq!(counted(&[&[group(5, true)], &[group(3, true)], &[group(4, true)]]), (2, 1, 0));
        assert_eq!(counted(&[&[group(5, false)], &[group(3, false)], &[group(3, true)]]), (0, 1, 2));
        // What is in danger of it decides, and one segment of ours is something to do.
        assert_eq!(counted(&[&[group(12, true), group(5, false)]]), (0, 0, 1));
        assert_eq!(counted(&[&[group(5, true), group(3, false)]]), (0, 1, 0));
    }

    #[test]
    fn times_are_rfc_3339() {
        for (unix_s, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_767_225_600, "2026-01-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(unix_s), text);
        }
    }
}
