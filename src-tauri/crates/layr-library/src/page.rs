//! Pages of the library for a window: any part of a sorted or searched listing, chosen inside the database.
//!
//! Directories come first. A listing without search is of one directory; a search goes through everything below it. Only the
//! rows of the page leave the database; a search looks at every path below, about 0.4 s of computing for 100 000 without
//! optimisation (`page_figures`).

use rusqlite::{Connection, params};

use crate::clock;
use crate::error::{StoreError, unsigned};
use crate::health;
use crate::ids::FileId;
use crate::library::Library;
use crate::listing::{self, ListRow, MAX_PAGE_ROWS};
use crate::path::{LibraryPath, RelativePath};
use crate::trash::{self, TrashRow};
use crate::tree::{self, Found, NameError};

/// Longest text to search for: a name's length, and some directories before it.
pub const MAX_SEARCH_BYTES: usize = 1024;

/// What decides the order within directories and within files; paths decide between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageSort {
    /// The path below the directory, whatever the case of its letters.
    Name,
    /// Length in bytes; in the trash, of all that was deleted with it.
    Size,
    /// Last change; in the trash, when it was deleted.
    Modified,
    /// From worst to best, as [`crate::Health::rank`] has it; what has no shards is best. In the trash as the name.
    Health,
}

/// How a file is, by its worst segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageState {
    /// [`crate::HealthState::Safe`].
    Safe,
    /// [`crate::HealthState::Waiting`].
    Waiting,
    /// [`crate::HealthState::AtRisk`] or [`crate::HealthState::Lost`].
    AtRisk,
}

/// What to list of what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// Directories.
    Directory,
    /// Files and symbolic links.
    File,
}

/// Which part of which listing.
#[derive(Debug, Clone, Copy)]
pub struct PageQuery<'a> {
    /// The directory to list or to search in; the trash has none.
    pub dir: &'a LibraryPath,
    /// Lists what has this in its path below `dir`, whatever the case; callers bound it by [`MAX_SEARCH_BYTES`].
    pub search: Option<&'a str>,
    /// Lists the files below `dir` that are so, instead of the directory itself; what has no shards is neither. The trash
    /// knows no states.
    pub state: Option<PageState>,
    /// Lists only these; the trash does not tell kinds apart.
    pub kind: Option<PageKind>,
    /// The order.
    pub sort: PageSort,
    /// The reverse order; directories stay in front.
    pub is_descending: bool,
    /// Rows before the page.
    pub offset: u64,
    /// Rows of the page, at most [`MAX_PAGE_ROWS`].
    pub limit: usize,
}

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRows {
    /// Rows of the whole listing.
    pub total: u64,
    /// The rows of the page.
    pub rows: Vec<ListRow>,
}

/// A page of the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashPage {
    /// Rows of the whole listing.
    pub total: u64,
    /// The rows of the page.
    pub rows: Vec<TrashRow>,
}

const CHILDREN: &str = "WITH listed(id, file_id, is_directory, path, mtime_ns) AS (
        SELECT id, file_id, is_directory, name, mtime_ns FROM entry WHERE parent = ?1)";
const BELOW: &str = "WITH RECURSIVE listed(id, file_id, is_directory, path, mtime_ns) AS (
        SELECT id, file_id, is_directory, name, mtime_ns FROM entry WHERE parent = ?1
        UNION ALL
        SELECT e.id, e.file_id, e.is_directory, l.path || '/' || e.name, e.mtime_ns
        FROM entry e JOIN listed l ON e.parent = l.id)";
/// The slash in front lets a person search for what begins with something.
const MATCHES: &str = "(?2 IS NULL OR instr(layr_fold('/' || path), ?2) > 0)";

/// The segments of the current version of the file `l`, as the table `s`.
macro_rules! segments_of_l {
    () => {
        "SELECT 1 FROM version sv JOIN version_segment vs ON vs.version = sv.id JOIN segment s ON s.id = vs.segment
         WHERE sv.entry = l.id AND sv.superseded_s IS NULL"
    };
}
const ANYTHING: &str = "TRUE";
const AT_RISK: &str = concat!("EXISTS (", segments_of_l!(), " AND ", health::is_in_danger_sql!(), ")");
const SAFE: &str = concat!(
    "EXISTS (",
    segments_of_l!(),
    ")
     AND NOT EXISTS (",
    segments_of_l!(),
    " AND (",
    health::is_in_danger_sql!(),
    " OR ",
    health::is_stale_sql!(),
    "))"
);
const WAITING: &str = concat!(
    "EXISTS (",
    segments_of_l!(),
    " AND ",
    health::is_stale_sql!(),
    ")
     AND NOT EXISTS (",
    segments_of_l!(),
    " AND ",
    health::is_in_danger_sql!(),
    ")"
);
/// What has no segments is behind all that has.
const HEALTH_KEY: &str = concat!(
    "coalesce((SELECT min(",
    health::rank_sql!(),
    ") FROM version_segment vs JOIN segment s ON s.id = vs.segment WHERE vs.version = v.id), 9223372036854775807)"
);

impl Library {
    /// A page of a directory, or of what a search or a state finds below it.
    pub fn page(&self, query: &PageQuery<'_>) -> Result<PageRows, NameError> {
        self.read(|connection| {
            let dir = tree::find(connection, query.dir)?.ok_or_else(|| NameError::not_found(query.dir))?;
            if !dir.is_directory {
                return Err(NameError::NotADirectory { path: query.dir.clone() });
            }
            let goes_deep = query.search.is_some() || query.state.is_some();
            let listed = if goes_deep { BELOW } else { CHILDREN };
            let (needle, state, kind) = (query.needle(), query.state_condition(), query.kind_condition());
            let total: i64 = connection
                .prepare_cached(&format!(
                    "{listed} SELECT count(*) FROM listed l WHERE {MATCHES} AND {state} AND {kind}"
                ))?
                .query_row(params![dir.id, needle], |row| row.get(0))?;
            let key = match query.sort {
                PageSort::Name => "NULL",
                PageSort::Size => "coalesce(v.size_bytes, 0)",
                PageSort::Modified => "coalesce(v.mtime_ns, l.mtime_ns, 0)",
                PageSort::Health => HEALTH_KEY,
            };
            let order = query.order();
            let mut statement = connection.prepare_cached(&format!(
                "{listed} SELECT l.id, l.file_id, l.is_directory, l.path FROM listed l
                 LEFT JOIN version v ON v.entry = l.id AND v.superseded_s IS NULL
                 WHERE {MATCHES} AND {state} AND {kind}
                 ORDER BY l.is_directory DESC, {key} {order}, layr_fold(l.path) {order}, l.path {order}
                 LIMIT ?3 OFFSET ?4"
            ))?;
            let (limit, offset) = query.bounds();
            let mut found = statement.query(params![dir.id, needle, limit, offset])?;
            let mut rows = Vec::new();
            while let Some(row) = found.next()? {
                let file: i64 = row.get(1)?;
                let entry = Found {
                    id: row.get(0)?,
                    file: FileId::from_bits(file.cast_unsigned()),
                    is_directory: row.get(2)?,
                };
                let path: String = row.get(3)?;
                rows.extend(listing::row_of(connection, path_below(query.dir, &path)?, entry, None)?);
            }
            Ok(PageRows { total: unsigned(total)?, rows })
        })
    }

    /// A page of the trash, of what a search finds in it where there is one.
    pub fn trash_page(&self, query: &PageQuery<'_>) -> Result<TrashPage, StoreError> {
        self.read(|connection| {
            let now_s = clock::observed(connection)?;
            let needle = query.needle();
            // Paths of the trash begin with a slash.
            let matches = "(?1 IS NULL OR instr(layr_fold(t.path), ?1) > 0)";
            let total: i64 = connection
                .prepare_cached(&format!("SELECT count(*) FROM trash t WHERE {matches}"))?
                .query_row([&needle], |row| row.get(0))?;
            let (limit, offset) = query.bounds();
            let mut statement = connection.prepare_cached(&trash_statement(query, matches))?;
            let mut found = statement.query(params![needle, limit, offset])?;
            let mut rows = Vec::new();
            while let Some(row) = found.next()? {
                rows.push(trash::trash_row(connection, row, now_s)?);
            }
            Ok(TrashPage { total: unsigned(total)?, rows })
        })
    }
}

fn trash_statement(query: &PageQuery<'_>, matches: &str) -> String {
    let key = match query.sort {
        PageSort::Name | PageSort::Health => "NULL",
        PageSort::Modified => "t.trashed_unix_s",
        PageSort::Size => {
            "(WITH RECURSIVE below(id) AS (
                SELECT t.entry UNION ALL SELECT b.id FROM entry b JOIN below ON b.parent = below.id)
              SELECT coalesce(sum(v.size_bytes), 0) FROM below
              JOIN version v ON v.entry = below.id AND v.superseded_s IS NULL)"
        }
    };
    let order = query.order();
    format!(
        "SELECT t.entry, e.file_id, t.path, e.is_directory, t.trashed_unix_s, t.trashed_s
         FROM trash t JOIN entry e ON e.id = t.entry
         WHERE {matches}
         ORDER BY e.is_directory DESC, {key} {order}, layr_fold(t.path) {order}, t.path {order}, t.entry {order}
         LIMIT ?2 OFFSET ?3"
    )
}

impl PageQuery<'_> {
    fn needle(&self) -> Option<String> {
        self.search.map(str::to_lowercase)
    }

    fn state_condition(&self) -> &'static str {
        match self.state {
            None => ANYTHING,
            Some(PageState::Safe) => SAFE,
            Some(PageState::Waiting) => WAITING,
            Some(PageState::AtRisk) => AT_RISK,
        }
    }

    fn kind_condition(&self) -> &'static str {
        match self.kind {
            None => ANYTHING,
            Some(PageKind::Directory) => "l.is_directory",
            Some(PageKind::File) => "NOT l.is_directory",
        }
    }

    fn order(&self) -> &'static str {
        if self.is_descending { "DESC" } else { "ASC" }
    }

    fn bounds(&self) -> (i64, i64) {
        let limit = i64::try_from(self.limit.min(MAX_PAGE_ROWS)).unwrap_or(i64::MAX);
        (limit, i64::try_from(self.offset).unwrap_or(i64::MAX))
    }
}

fn path_below(dir: &LibraryPath, path: &str) -> Result<LibraryPath, StoreError> {
    let damaged =
        |error: &dyn std::fmt::Display| StoreError::damaged(format!("an entry has no valid path: {error}"));
    let relative = RelativePath::parse(path).map_err(|error| damaged(&error))?;
    dir.join(&relative).map_err(|error| damaged(&error))
}

/// Teaches a connection to compare texts whatever the case of their letters, in every script.
pub(crate) fn add_functions(connection: &Connection) -> Result<(), StoreError> {
    use rusqlite::functions::FunctionFlags;
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    let fold = |context: &rusqlite::functions::Context<'_>| {
        let text =
            context.get_raw(0).as_str().map_err(|error| rusqlite::Error::UserFunctionError(error.into()))?;
        Ok(text.to_lowercase())
    };
    Ok(connection.create_scalar_function("layr_fold", 1, flags, fold)?)
}
