//! Making and opening a library.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use layr_keys::OwnerId;
use rusqlite::{Connection, OpenFlags};

use crate::entropy::Entropy;
use crate::error::StoreError;
use crate::library::{Inner, Library, Writer};
use crate::summary::Counted;
use crate::{connection, inspect, ownership, schema};

/// A library could not be made or opened. The file is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no file.
    #[error("there is no library at {}; `layr init` makes one", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There is one already, where one was to be made.
    #[error("there is a library at {} already", path.display())]
    AlreadyExists {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else, or its first page was overwritten.
    #[error("{} is not a Layr library; move it away, or put the right file or its backup in its place", path.display())]
    NotALibrary {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later release.
    #[error("{} was written by a newer Layr (format {found}, this one knows {supported}); install the newer release", path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version known here.
        supported: u32,
    },
    /// Written by an earlier release and opened for reading only, so that it cannot be brought up to date.
    #[error("{} was written by an older Layr (format {found}); start the node once to bring it up to date", path.display())]
    OlderSchema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// The file is a library, but not whole.
    #[error("{} is damaged ({detail}); nothing was changed. {what_to_do}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
        /// What the person can do, a sentence.
        what_to_do: String,
    },
    /// It is somebody else's: what it lists was stored with other keys.
    #[error(
        "the library {} belongs to the owner {found}, and these keys to the owner {asked}; nothing was changed. Use the 24 words of its owner, or another home", path.display()
    )]
    OtherOwner {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        found: OwnerId,
        /// Who asked.
        asked: OwnerId,
    },
    /// Another process has it open for writing.
    #[error("another process has the library {} open; stop it first", path.display())]
    LockedByOther {
        /// The file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot open the library {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// The database engine refused for another reason.
    #[error("cannot open the library {}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// The reason.
        #[source]
        source: StoreError,
    },
}

/// What whoever puts a copy in place has to know: under which names something was paid since is not in it.
const PAYMENTS_SINCE: &str = " (payments made since the copy are not in it: before you repeat one under its name, look into the account)";

impl OpenError {
    /// The file is gone, and beside it lies what it can be replaced with, which an empty one would be copied over.
    fn gone(path: &Path, backup: &Path) -> Self {
        let what_to_do = format!(
            "Copy {1} to {0} and start again{PAYMENTS_SINCE}; or move the copy aside to begin an empty library",
            path.display(),
            backup.display(),
        );
        let detail = "the database is gone, but its copy is there".to_owned();
        Self::Damaged { path: path.to_owned(), detail, what_to_do }
    }

    pub(crate) fn damaged(path: &Path, detail: &str) -> Self {
        let backup = Library::backup_path(path);
        let what_to_do = format!(
            "Move it and the files {0}-wal and {0}-shm aside, copy {1} to {0} and start again; keep the damaged files{PAYMENTS_SINCE}",
            path.display(),
            backup.display(),
        );
        Self::Damaged { path: path.to_owned(), detail: detail.to_owned(), what_to_do }
    }

    pub(crate) fn from_store(path: &Path, error: StoreError) -> Self {
        match error {
            StoreError::Damaged { detail } => Self::damaged(path, &detail),
            StoreError::Busy => Self::LockedByOther { path: path.to_owned() },
            source => Self::Store { path: path.to_owned(), source },
        }
    }
}

impl Library {
    /// File name of the database in a home.
    pub const FILE_NAME: &str = "library.sqlite";

    /// Where [`Library::backup`] of the database at `path` belongs: `library.backup.sqlite` beside it.
    pub fn backup_path(path: &Path) -> PathBuf {
        path.with_extension("backup.sqlite")
    }

    /// Makes an empty library of `owner` at `path` and opens it for writing; refused where a backup is, which is not worth
    /// less than an empty library. Until it is whole it has a temporary name, so a crash leaves none or a whole one.
    /// `now_unix_s` starts the library's clock.
    pub fn create(path: &Path, owner: OwnerId, entropy: Entropy, now_unix_s: u64) -> Result<Self, OpenError> {
        let lock = lock(path)?;
        let io = |source| OpenError::Io { path: path.to_owned(), source };
        if path.try_exists().map_err(io)? {
            return Err(OpenError::AlreadyExists { path: path.to_owned() });
        }
        if std::fs::metadata(inspect::journal_path(path)).is_ok_and(|journal| journal.len() > 0) {
            // The engine would replay the old journal into the new database.
            return Err(OpenError::damaged(path, "the database is gone, but its journal is still there"));
        }
        let backup = Self::backup_path(path);
        if backup.try_exists().map_err(io)? {
            return Err(OpenError::gone(path, &backup));
        }
        let draft = draft_of(path);
        make_private(&draft).map_err(io)?;
        draw_up(&draft, &owner, &entropy, now_unix_s).map_err(|error| OpenError::from_store(path, error))?;
        publish(&draft, path).map_err(io)?;
        open_locked(path, owner, entropy, now_unix_s, lock)
    }

    /// Opens the library of `owner` at `path` for reading and writing, brings an older one up to date and looks at the
    /// clock. One that no owner is on record for, from an earlier release, is from now on that owner's.
    ///
    /// Checks the whole database when it is small or was not closed cleanly (about 0.3 s per 100 MiB).
    pub fn open(path: &Path, owner: OwnerId, entropy: Entropy, now_unix_s: u64) -> Result<Self, OpenError> {
        // Looked at before locking, so that a wrong path gets no lock file beside it.
        inspect::outside(path)?;
        let lock = lock(path)?;
        open_locked(path, owner, entropy, now_unix_s, lock)
    }

    /// Opens the library at `path` for reading, whether or not a node has it open too. Every change then fails with
    /// [`StoreError::ReadOnly`].
    pub fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        let store = |error| OpenError::from_store(path, error);
        let (reader, immutable) = reader(path)?;
        let found = schema::version(&reader).map_err(store)?;
        match found.cmp(&schema::SCHEMA_VERSION) {
            std::cmp::Ordering::Greater => return Err(newer(path, found)),
            std::cmp::Ordering::Less => return Err(OpenError::OlderSchema { path: path.to_owned(), found }),
            std::cmp::Ordering::Equal => {}
        }
        if !schema::is_complete(&reader).map_err(store)? {
            return Err(OpenError::damaged(path, "tables are missing"));
        }
        Ok(Self::new(Inner {
            path: path.to_owned(),
            writer: None,
            readers: Mutex::new(vec![reader]),
            immutable,
            entropy: Entropy::system(),
            counted: Counted::default(),
        }))
    }

    /// Whose library is at `path`, whichever release wrote it; `None` where no owner is on record.
    pub fn owner_at(path: &Path) -> Result<Option<OwnerId>, OpenError> {
        let (reader, _) = reader(path)?;
        ownership::recorded(&reader).map_err(|error| OpenError::from_store(path, error))
    }

    fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }
}

/// A connection that reads the database at `path`, and whether it does so as if nobody could change the file.
fn reader(path: &Path) -> Result<(Connection, bool), OpenError> {
    let outside = inspect::outside(path)?;
    let store = |error| OpenError::from_store(path, error);
    match connection::open_reader(path, false, true) {
        // A directory that cannot be written to has no room for the engine's shared memory. Without a journal the
        // file alone is the whole truth.
        Err(StoreError::Io { .. } | StoreError::ReadOnly) if !outside.has_journal => {
            Ok((connection::open_reader(path, true, true).map_err(store)?, true))
        }
        other => Ok((other.map_err(store)?, false)),
    }
}

fn open_locked(
    path: &Path,
    owner: OwnerId,
    entropy: Entropy,
    now_unix_s: u64,
    lock: File,
) -> Result<Library, OpenError> {
    let outside = inspect::outside(path)?;
    let store = |error| OpenError::from_store(path, error);
    let mut writer = connection::open_writer(path, outside.has_journal).map_err(store)?;
    let found = schema::version(&writer).map_err(store)?;
    if found > schema::SCHEMA_VERSION {
        return Err(newer(path, found));
    }
    inspect::inside(path, &writer, outside)?;
    if let Some(found) = ownership::recorded(&writer).map_err(store)?
        && found != owner
    {
        return Err(OpenError::OtherOwner { path: path.to_owned(), found, asked: owner });
    }
    [path, &Library::backup_path(path)].into_iter().for_each(remove_draft);
    // Only what has passed the checks may be written to.
    connection::use_journal(&writer).map_err(store)?;
    schema::migrate(&mut writer, schema::SCHEMA_VERSION).map_err(store)?;
    ownership::claim(&writer, &owner).map_err(store)?;
    let library = Library::new(Inner {
        path: path.to_owned(),
        writer: Some(Mutex::new(Some(Writer { connection: writer, _lock: lock }))),
        readers: Mutex::new(Vec::new()),
        immutable: false,
        entropy,
        counted: Counted::default(),
    });
    library.tick(now_unix_s).map_err(store)?;
    Ok(library)
}

fn newer(path: &Path, found: u32) -> OpenError {
    OpenError::NewerSchema { path: path.to_owned(), found, supported: schema::SCHEMA_VERSION }
}

/// Takes the writer's lock, a file beside the database: the engine's own locks lie on the database itself and would
/// be lost if this process opened and closed it a second time.
fn lock(path: &Path) -> Result<File, OpenError> {
    let io = |source| OpenError::Io { path: path.to_owned(), source };
    let lock_path = path.with_extension("lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(lock_path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::LockedByOther { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

/// Writes an empty library into the empty file `draft`.
fn draw_up(draft: &Path, owner: &OwnerId, entropy: &Entropy, now_unix_s: u64) -> Result<(), StoreError> {
    let mut connection = Connection::open_with_flags(draft, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "journal_mode", "MEMORY")?;
    schema::migrate(&mut connection, schema::SCHEMA_VERSION)?;
    let root = i64::from_be_bytes(entropy.bytes()?);
    let now_s = crate::error::signed("the time", now_unix_s)?;
    schema::found(&connection, root, now_s)?;
    ownership::claim(&connection, owner)?;
    connection.close().map_err(|(_, error)| StoreError::from(error))
}

/// The temporary name of the database or the copy at `path`.
pub(crate) fn draft_of(path: &Path) -> PathBuf {
    path.with_extension("sqlite.new")
}

/// Removes what a crash left of a draft, and of the engine's journal for it. Where that fails it is replaced when the next
/// one is made.
fn remove_draft(path: &Path) {
    let draft = draft_of(path);
    let mut journal = draft.clone().into_os_string();
    journal.push("-journal");
    for leftover in [journal.into(), draft] {
        let _ = std::fs::remove_file(leftover);
    }
}

/// Makes `path` an empty file that only this user can read, replacing a leftover.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Gives a finished file its name, so that a power cut leaves the old one or the new one.
pub(crate) fn publish(draft: &Path, path: &Path) -> io::Result<()> {
    File::open(draft)?.sync_all()?;
    std::fs::rename(draft, path)?;
    #[cfg(unix)]
    if let Some(directory) = path.parent() {
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}
