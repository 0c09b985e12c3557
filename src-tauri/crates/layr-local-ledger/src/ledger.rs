//! The ledger: its entries in memory, its database, and the transactions that wait to be closed in.

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use soroban_env_host::{Host, ModuleCache};
use stellar_xdr::{LedgerHeader, TransactionResult};

use crate::account;
use crate::beacon::Beacon;
use crate::checks::{self, Moment};
use crate::clock::{Clock, ledger_time};
use crate::closing::{self, Closed, Previous};
use crate::codec;
use crate::entries::{Changes, Entries};
use crate::envelope::Submitted;
use crate::error::{LedgerError, LocalLedgerError};
use crate::host;
use crate::network::{self, Network, TOTAL_STROOPS};
use crate::results;
use crate::store::{Birth, LedgerRow, Step, Store};
use crate::waiting;

/// Transactions that wait at once; each is a few hundred KiB at most, and the next ledger takes them all.
const MAX_PENDING: usize = 200;

/// Ledgers at the end of a leap that are made. Making each of two million would take minutes, and would tell nobody anything.
const LEAP_LEDGERS: u32 = 100;

/// What became of a transaction that was sent.
pub(crate) enum Sent {
    /// It waits for the next ledger, or is in it already.
    Pending,
    /// It waits already, by itself or in a fee bump.
    Duplicate,
    /// Another one of its account waits, or too many do.
    TryAgainLater,
    /// It was refused.
    Refused(TransactionResult),
}

/// A ledger and everything it needs to go on.
pub(crate) struct Ledger {
    pub(crate) store: Store,
    pub(crate) network: Arc<Network>,
    pub(crate) beacon: Arc<Beacon>,
    entries: Arc<Entries>,
    modules: ModuleCache,
    header: LedgerHeader,
    hash: [u8; 32],
    ahead: u64,
    clock: Clock,
    pending: Vec<Submitted>,
    /// Whether a ledger closes as soon as something waits.
    at_once: bool,
}

impl Ledger {
    /// Opens the ledger of a directory, and begins one where there is none.
    pub(crate) fn open(directory: &Path, clock: Clock, at_once: bool) -> Result<Self, LocalLedgerError> {
        let mut store = Store::open(directory)?;
        let birth = match store.birth()? {
            Some(birth) => birth,
            None => begin(&mut store, &clock)?,
        };
        let entries = store.entries()?;
        let newest = store.newest()?;
        let ledger = Self {
            network: Arc::new(Network::new(birth.passphrase, &entries)?),
            beacon: Arc::new(Beacon::new(birth.beacon_secret, birth.time)?),
            modules: host::modules(&entries)?,
            entries: Arc::new(entries),
            header: codec::stored(&newest.header)?,
            hash: newest.hash,
            ahead: store.ahead()?,
            store,
            clock,
            pending: Vec::new(),
            at_once,
        };
        ledger.with_native_contract()
    }

    pub(crate) fn entries(&self) -> &Arc<Entries> {
        &self.entries
    }

    pub(crate) fn header(&self) -> &LedgerHeader {
        &self.header
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        self.hash
    }

    pub(crate) fn sequence(&self) -> u32 {
        self.header.ledger_seq
    }

    pub(crate) fn close_time(&self) -> u64 {
        self.header.scp_value.close_time.0
    }

    /// Ledger time now, in seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        ledger_time(self.close_time(), self.clock.unix_s(), self.ahead)
    }

    /// The ledger to come, as far as it can be known.
    pub(crate) fn next(&self) -> Moment {
        Moment { sequence: self.sequence().saturating_add(1), time: self.now() }
    }

    /// Takes a transaction for the next ledger.
    pub(crate) fn send(&mut self, submitted: Submitted) -> Result<Sent, LedgerError> {
        let source = submitted.source();
        let place = self.pending.iter().position(|other| other.source() == source);
        let other = place.and_then(|place| self.pending.get(place));
        if let Some(answer) = other.and_then(|other| waiting::keeps_place(other, &submitted)) {
            return Ok(answer);
        }
        if other.is_none() && self.pending.len() >= MAX_PENDING {
            return Ok(Sent::TryAgainLater);
        }
        if let Err(code) = checks::sent(&self.network, &submitted, self.entries.as_ref(), self.next()) {
            return Ok(Sent::Refused(results::refused(code, 0)));
        }
        match place.and_then(|place| self.pending.get_mut(place)) {
            Some(other) => *other = submitted,
            None => self.pending.push(submitted),
        }
        if self.at_once {
            self.close(1, 0)?;
        }
        Ok(Sent::Pending)
    }

    /// Whether something waits for the next ledger.
    pub(crate) fn is_waiting_for(&self, account: &stellar_xdr::AccountId) -> bool {
        self.pending.iter().any(|submitted| submitted.source() == *account)
    }

    /// Closes so many ledgers, at least one, and moves ledger time so many seconds ahead of the clock. What waits goes into the first
    /// of them. Of a leap over many ledgers only the first and the last [`LEAP_LEDGERS`] are made; nothing is in those between.
    pub(crate) fn close(&mut self, ledgers: u32, seconds: u64) -> Result<(), LedgerError> {
        let count = ledgers.max(1);
        let used_up = |what| LedgerError::UsedUp { what };
        let first = self.sequence().checked_add(1).ok_or(used_up("the last ledger number"))?;
        let last = self.sequence().checked_add(count).ok_or(used_up("the last ledger number"))?;
        let ahead = self.ahead.checked_add(seconds).ok_or(used_up("ledger time"))?;
        let begin = self.now();
        let time = |sequence: u32| {
            let share = u128::from(seconds) * u128::from(sequence.saturating_sub(self.sequence()))
                / u128::from(count);
            begin.saturating_add(u64::try_from(share).unwrap_or(u64::MAX))
        };
        let previous = Previous {
            network: &self.network,
            modules: &self.modules,
            entries: &self.entries,
            header: &self.header,
            hash: self.hash,
        };
        let mut closed = closing::close(&previous, &self.pending, first, time(first))?;
        let mut rows = vec![closed.row.clone()];
        let second = first.saturating_add(1).max(last.saturating_sub(LEAP_LEDGERS - 1));
        let nothing = Entries::new();
        for sequence in second..=last {
            let previous =
                Previous { entries: &nothing, header: &closed.header, hash: closed.row.hash, ..previous };
            let empty = closing::close(&previous, &[], sequence, time(sequence))?;
            rows.push(empty.row.clone());
            closed = Closed { header: empty.header, row: empty.row, ..closed };
        }
        // What may fail does so before anything is written: memory is never behind the database.
        let host = host::bare()?;
        self.store.write(&Step {
            ledgers: &rows,
            changes: &closed.changes,
            transactions: &closed.transactions,
            events: &closed.events,
            ahead,
        })?;
        self.adopt(closed, ahead, &host);
        Ok(())
    }

    /// Goes on from what is written.
    fn adopt(&mut self, closed: Closed, ahead: u64, host: &Host) {
        // A simulation that runs meanwhile keeps the entries that it began with.
        let entries = Arc::make_mut(&mut self.entries);
        for (key, stored) in closed.changes {
            match stored {
                Some(stored) => {
                    host::compile(&self.modules, host, &stored.entry);
                    entries.insert(key, stored);
                }
                None => {
                    entries.remove(&key);
                }
            }
        }
        (self.header, self.hash, self.ahead) = (closed.header, closed.row.hash, ahead);
        self.pending.clear();
    }
}

/// Writes the first ledger: one account that has everything, and how the network works.
fn begin(store: &mut Store, clock: &Clock) -> Result<Birth, LedgerError> {
    let mut random = [0u8; 48];
    getrandom::fill(&mut random).map_err(|_| LedgerError::Randomness)?;
    let (name, secret) = random.split_at(16);
    let secret: [u8; 32] = secret.try_into().map_err(LedgerError::host)?;
    let birth = Birth {
        passphrase: format!("Layr local ledger ; {}", hex::encode(name)),
        beacon_secret: Beacon::secret(secret),
        time: clock.unix_s(),
    };
    let root = network::root_key(network::network_id(&birth.passphrase)).verifying_key();
    let mut entries = Entries::new();
    let mut overlay = crate::entries::Overlay::new(&entries, 1);
    let mut rich = account::new(network::account_id(&root), TOTAL_STROOPS, 0);
    rich.seq_num = stellar_xdr::SequenceNumber(0);
    overlay.put_account(rich);
    for setting in network::settings()? {
        overlay.put(setting);
    }
    let changes: Changes = overlay.changes();
    entries.clear();
    let header = closing::genesis(birth.time);
    let bytes = codec::bytes(&header)?;
    let row =
        LedgerRow { sequence: 1, close_time: birth.time, hash: Sha256::digest(&bytes).into(), header: bytes };
    store.bear(
        &birth,
        &Step { ledgers: &[row], changes: &changes, transactions: &[], events: &[], ahead: 0 },
    )?;
    Ok(birth)
}
