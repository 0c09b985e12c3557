//! Every single call to the disk fails once.

use std::{path::Path, sync::Arc};

use super::{
    faulty_disk::FaultyDisk,
    scenario::{self, Acknowledged},
};
use crate::{StoreError, Vault};

/// Runs the history with a fault at each call in turn, and answers all errors.
fn fail_everywhere(os_error: i32) -> Vec<StoreError> {
    let mut errors = Vec::new();
    for call in 1.. {
        let home = scenario::home();
        let dir = home.path().join("vault");
        let disk = FaultyDisk::failing_at(call, os_error);
        let failed = run_once(&dir, &disk, &mut errors);
        if disk.calls() < call {
            assert!(!failed, "no call failed and yet there was an error");
            assert!(call > 60, "only {call} calls");
            return errors;
        }
    }
    errors
}

/// Answers whether a call failed.
fn run_once(dir: &Path, disk: &FaultyDisk, errors: &mut Vec<StoreError>) -> bool {
    let before = errors.len();
    let told = Acknowledged::default();
    match Vault::open_on(&scenario::config(dir), Arc::new(disk.clone())) {
        Ok((vault, _)) => {
            errors.extend(scenario::run(&vault, dir, &told, || ()));
            let usage = vault.usage().unwrap();
            assert_eq!(usage.reserved_bytes, 0);
            let check = vault.check_ledger().unwrap();
            assert_eq!((check.bad_rows, check.used_bytes), (0, check.recounted_used_bytes), "{check:?}");
            assert!(check.strays + check.stray_temporaries <= u64::from(disk.has_kept_a_file()), "{check:?}");
        }
        Err(crate::OpenError::Store(error)) => errors.push(error),
        Err(error) => panic!("{error:?}"),
    }
    let (vault, _) = Vault::open(&scenario::config(dir)).unwrap();
    scenario::check(&vault, dir, &told);
    errors.len() > before
}

#[test]
fn a_full_disk_at_any_call_is_an_answer_and_loses_nothing() {
    const ENOSPC: i32 = 28;
    let errors = fail_everywhere(ENOSPC);
    assert!(errors.iter().all(|error| matches!(error, StoreError::DiskFull)), "{errors:?}");
    assert!(errors.len() > 20);
}

#[test]
fn an_error_of_the_medium_at_any_call_is_an_answer_and_loses_nothing() {
    const EIO: i32 = 5;
    let errors = fail_everywhere(EIO);
    assert!(errors.iter().all(|error| matches!(error, StoreError::Io { .. })), "{errors:?}");
    assert!(errors.len() > 20);
}

#[test]
fn a_read_only_disk_at_any_call_is_an_answer_and_loses_nothing() {
    const EROFS: i32 = 30;
    let errors = fail_everywhere(EROFS);
    assert!(errors.iter().all(|error| matches!(error, StoreError::ReadOnly)), "{errors:?}");
}
