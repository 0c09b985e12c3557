//! Making a group of changes durable, in an order in which no crash loses or leaks anything:
//! bodies into place and their directories synced; rows; then the answer, and only then the removal of bodies that
//! have no row any more.

use layr_codec::ShardRoot;
use rusqlite::Connection;

use super::Inner;
use crate::{
    accounts::ReservationId,
    error::StoreError,
    group::{Answer, Change, Deleted, Outcome, Stored},
    ledger::{self, ShardState},
};

/// What a change needs, found out before anything is touched.
#[derive(Debug)]
enum Plan {
    /// `body_has_row`: somebody was charged for this body before, so that it must not be removed if the rows fail.
    Store {
        move_body: bool,
        body_has_row: bool,
        is_charged: bool,
    },
    Delete {
        size_bytes: u64,
    },
    Nothing,
}

/// Applies changes about distinct roots; answers one for one.
pub(super) fn apply(vault: &Inner, changes: &[Change]) -> Vec<Answer> {
    let mut writer = vault.ledger.writer();
    let planned = vault.check_present().and_then(|()| {
        changes.iter().map(|change| plan(vault, &writer, change)).collect::<Result<Vec<_>, _>>()
    });
    let plans = match planned {
        Ok(plans) => plans,
        Err(error) => return changes.iter().map(|_| Err(error.clone())).collect(),
    };
    let mut failures = publish(vault, changes, &plans);
    let mut written = write_rows(&mut writer, changes, &plans, &failures);
    if let Err(error) = &written {
        fail_stores(vault, changes, &plans, error, &mut failures);
        if matches!(error, StoreError::DiskFull) {
            make_room(vault, &writer, changes, &plans);
            written = write_rows(&mut writer, changes, &plans, &failures);
        }
    }
    let removable = written.unwrap_or_else(|error| {
        failures = vec![Some(error); changes.len()];
        Vec::new()
    });
    finish(vault, changes, &plans, failures, &removable)
}

fn plan(vault: &Inner, connection: &Connection, change: &Change) -> Result<Plan, StoreError> {
    let row = ledger::body(connection, change.root())?;
    match change {
        Change::Store { owner, root, size_bytes, .. } => {
            let is_whole = match &row {
                Some(row) if row.state == ShardState::Stored => {
                    vault.bodies.size_bytes(root)? == Some(*size_bytes)
                }
                _ => false,
            };
            Ok(Plan::Store {
                move_body: !is_whole,
                body_has_row: row.is_some(),
                is_charged: ledger::holds(connection, owner, root)?,
            })
        }
        Change::Delete { owner, root } => match row {
            Some(row) if ledger::holds(connection, owner, root)? => {
                Ok(Plan::Delete { size_bytes: row.size_bytes })
            }
            _ => Ok(Plan::Nothing),
        },
    }
}

/// Moves bodies into place. Answers the failures, one for one.
fn publish(vault: &Inner, changes: &[Change], plans: &[Plan]) -> Vec<Option<StoreError>> {
    let mut failures = vec![None; changes.len()];
    let (indices, bodies): (Vec<usize>, Vec<(ReservationId, ShardRoot)>) = changes
        .iter()
        .zip(plans)
        .enumerate()
        .filter_map(|(index, change)| match change {
            (Change::Store { reservation, root, .. }, Plan::Store { move_body: true, .. }) => {
                Some((index, (*reservation, *root)))
            }
            _ => None,
        })
        .unzip();
    for (index, answer) in indices.into_iter().zip(vault.bodies.publish(&bodies)) {
        let Err(error) = answer else { continue };
        if let (Some(change), Some(plan)) = (changes.get(index), plans.get(index)) {
            take_back(vault, change, plan);
        }
        if let Some(failure) = failures.get_mut(index) {
            *failure = Some(error);
        }
    }
    failures
}

/// Writes all rows in one transaction. Answers the roots whose bodies lost their last owner.
fn write_rows(
    writer: &mut Connection,
    changes: &[Change],
    plans: &[Plan],
    failures: &[Option<StoreError>],
) -> Result<Vec<ShardRoot>, StoreError> {
    let transaction = writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut removable = Vec::new();
    for ((change, plan), failure) in changes.iter().zip(plans).zip(failures) {
        if failure.is_some() {
            continue;
        }
        match (change, plan) {
            (
                Change::Store { owner, root, size_bytes, blocks, now_unix_s, .. },
                Plan::Store { move_body, is_charged, .. },
            ) => {
                if *move_body {
                    ledger::add_body(&transaction, root, *size_bytes, blocks, *now_unix_s)?;
                }
                if !is_charged {
                    ledger::add_holding(&transaction, owner, root, *size_bytes, *now_unix_s)?;
                }
            }
            (Change::Delete { owner, root }, Plan::Delete { size_bytes }) => {
                let was_last = ledger::forget_holding(&transaction, owner, root, *size_bytes)?;
                removable.extend(was_last.then_some(*root));
            }
            _ => {}
        }
    }
    transaction.commit()?;
    Ok(removable)
}

/// Takes back the bodies of all stores, which get no rows because of `error`.
fn fail_stores(
    vault: &Inner,
    changes: &[Change],
    plans: &[Plan],
    error: &StoreError,
    failures: &mut [Option<StoreError>],
) {
    for ((change, plan), failure) in changes.iter().zip(plans).zip(failures) {
        if matches!(plan, Plan::Store { .. }) && failure.is_none() {
            take_back(vault, change, plan);
            *failure = Some(error.clone());
        }
    }
}

/// A disk can be too full for the row that would free it: then the bodies to be deleted go first. Should a crash come
/// between, they are found missing, and their owners, who never got an answer, ask again.
fn make_room(vault: &Inner, connection: &Connection, changes: &[Change], plans: &[Plan]) {
    for (change, plan) in changes.iter().zip(plans) {
        let is_last = || ledger::holder_count(connection, change.root()).is_ok_and(|holders| holders == 1);
        if matches!(plan, Plan::Delete { .. }) && is_last() {
            remove(vault, change.root());
        }
    }
}

/// Removes a body that was moved into place and gets no row.
fn take_back(vault: &Inner, change: &Change, plan: &Plan) {
    if matches!(plan, Plan::Store { move_body: true, body_has_row: false, .. }) {
        remove(vault, change.root());
    }
}

/// Brings accounts and disk in line with the rows.
fn finish(
    vault: &Inner,
    changes: &[Change],
    plans: &[Plan],
    failures: Vec<Option<StoreError>>,
    removable: &[ShardRoot],
) -> Vec<Answer> {
    let mut answers = Vec::with_capacity(changes.len());
    for ((change, plan), failure) in changes.iter().zip(plans).zip(failures) {
        if let Some(error) = failure {
            answers.push(Err(error));
            continue;
        }
        answers.push(Ok(match (change, plan) {
            (
                Change::Store { reservation, root, size_bytes, .. },
                Plan::Store { move_body, body_has_row, is_charged },
            ) => {
                if !move_body {
                    vault.discard_temporary(*reservation);
                } else if *body_has_row {
                    // The row was marked missing or corrupt, and is healed now.
                    tidy(vault.bodies.remove_damaged(root));
                }
                let charged_bytes = if *is_charged { 0 } else { *size_bytes };
                vault.accounts.lock().settle(*reservation, charged_bytes);
                Outcome::Stored(if *is_charged { Stored::AlreadyHeld } else { Stored::New })
            }
            (Change::Delete { .. }, Plan::Delete { size_bytes }) => {
                vault.accounts.lock().free(*size_bytes);
                Outcome::Deleted(Deleted::Removed { freed_bytes: *size_bytes })
            }
            _ => Outcome::Deleted(Deleted::Unknown),
        }));
    }
    for root in removable {
        remove(vault, root);
    }
    answers
}

fn remove(vault: &Inner, root: &ShardRoot) {
    vault.unreadable.lock().forget(root);
    tidy(vault.bodies.remove(root));
}

/// What can't be removed now has no row, and is removed at the next start.
fn tidy(removed: Result<(), StoreError>) {
    if let Err(error) = removed {
        tracing::warn!(%error, "a body without a row is left for the next start");
    }
}
