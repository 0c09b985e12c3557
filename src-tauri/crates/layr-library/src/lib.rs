//! An owner's library: manifests, versions, segments and shards in one `SQLite` database.
//!
//! ```text
//! plan_segment → shards_stored → segment_safe → commit_versions      upload
//! ls, info, resolve, manifest                                        look and download
//! remove → trash → restore | maintain → garbage_due → garbage_done   let go
//! ```
//!
//! All calls are synchronous and safe at any crash: a change has happened wholly when its call returns, or not at all.
//! The database's format is specified in `docs/formats.md`.

mod activity;
mod agreement;
mod agreement_data;
mod audited;
mod backup;
mod chunks;
mod clock;
mod commit;
mod connection;
mod delegates;
mod endangered;
mod entropy;
mod error;
mod evidence;
mod garbage;
mod health;
mod history;
mod host;
mod ids;
mod info;
mod inspect;
mod journal;
mod layr_file;
mod leaving;
mod ledger_journal;
mod let_go;
mod library;
mod link;
mod listing;
mod maintain;
mod manifest;
mod open;
mod ownership;
mod page;
mod path;
mod reading;
mod rename;
mod schema;
mod seal;
mod settled_lists;
mod shard;
mod source;
mod summary;
mod sure_clock;
mod transfer;
mod trash;
mod tree;
mod version;
mod watch;

pub use activity::{
    ActivityLevel, ActivityRow, KEPT_ACTIVITY, MAX_ACTIVITY_BYTES, MAX_NEEDED_ACTIVITY, NewActivity,
};
pub use agreement::{AgreementRecord, AgreementRole, AgreementState, EscrowPlace};
pub use agreement_data::AgreementData;
pub use audited::{AskedShard, AuditMark, AuditOutcome, FailedCopy, Failure, HeldShard, HostDue, Noted};
pub use backup::BackupError;
pub use chunks::ChunkPlace;
pub use commit::{CommitError, Committed, MAX_LINK_TARGET_BYTES, NewContent, NewVersion};
pub use delegates::{DelegateRecord, DelegateVisit, PutOff};
pub use entropy::Entropy;
pub use error::StoreError;
pub use evidence::{HostEvidence, HostLook, HostLosses, HostPresence};
pub use garbage::GarbageItem;
pub use health::{Health, HealthState};
pub use history::{PartEvent, PartHappening, PartHistory};
pub use host::{HostError, HostRecord, HostUpdate, MAX_ADDRESS_BYTES, MAX_ADDRESSES, MAX_OFFER_BYTES, Offer};
pub use ids::{FileId, FileIdError, VersionNumber};
pub use info::{Info, SegmentRecord, Target, WeakestSegments};
pub use journal::{JournalError, PlannedChunk, SegmentPlan, SourceRef, UnfinishedSegment};
pub use layr_file::{
    LAYR_MAGIC, LAYR_VERSION, LayrFileError, LayrKind, MAX_LAYR_BYTES, ManifestDigest, layr_kind,
    manifest_digest, read_layr, write_bearer, write_private,
};
pub use leaving::LeavingCopy;
pub use ledger_journal::{LedgerFees, LedgerTransaction, TransactionState};
pub use library::Library;
pub use link::{LINK_SCHEME, LinkError, MAX_LINK_BYTES, is_link, read_link, write_link};
pub use listing::{ListOptions, ListPage, ListRow, MAX_PAGE_ROWS, SegmentGroup};
pub use maintain::Maintenance;
pub use manifest::{
    ExportError, ImportError, Imported, LibraryKey, MAX_CHUNK_REFERENCES, MAX_ENTRIES, MAX_HOSTS,
    MAX_MANIFEST_BYTES, MODE_MASK, Manifest, ManifestChunk, ManifestContent, ManifestEntry, ManifestError,
    ManifestHost, ManifestKeys, ManifestSegment, ManifestShard,
};
pub use open::OpenError;
pub use page::{MAX_SEARCH_BYTES, PageKind, PageQuery, PageRows, PageSort, PageState, TrashPage};
pub use path::{LibraryPath, MAX_NAME_BYTES, MAX_PATH_BYTES, MAX_PATH_PARTS, PathError, RelativePath};
pub use reading::{CopyToRead, HeldBytes, READING_DAYS};
pub use shard::{ShardMark, ShardRecord, ShardState, StoredShard};
pub use source::{KnownSource, SETTLE_NS, SourceFile, SourceProbe, SourceStamp};
pub use summary::Summary;
pub use transfer::{
    KEPT_FINISHED_TRANSFERS, MAX_PAUSE_S, MAX_TRANSFER_OUTCOME_BYTES, MAX_TRANSFER_REQUEST_BYTES,
    MAX_UNFINISHED_TRANSFERS, NewTransfer, PlacedFile, TimedPause, TransferCounts, TransferEnd,
    TransferError, TransferKind, TransferRow, TransferState, TransferTask,
};
pub use trash::{Restored, TrashRow};
pub use tree::{EntryKind, NameError};
pub use watch::{CopyFate, CopyNews, MAX_UNTOLD, Watch, WatchError, WatchedSegment, WatchedShard};
