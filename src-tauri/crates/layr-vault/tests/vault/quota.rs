//! Used plus reserved never exceed the quota.

use std::sync::{
    Barrier,
    atomic::{AtomicBool, Ordering},
};

use layr_vault::{CommitError, MAX_OPEN_RESERVATIONS, MAX_RESERVATION_S, ReserveError, WriteError};

use crate::support::{Home, LATER, LEAF, NOW, assert_equal_to_disk, owner, put, root_of, shard, try_put};

#[test]
fn of_two_owners_who_race_for_the_last_space_exactly_one_gets_it() {
    let size_bytes = 8 * LEAF;
    let home = Home::with_quota(3 * size_bytes as u64);
    let vault = home.open();
    let kept = [put(&vault, owner(9), &shard(1, size_bytes)), put(&vault, owner(9), &shard(2, size_bytes))];
    for round in 0..100u64 {
        let barrier = Barrier::new(2);
        let answers: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..2u8)
                .map(|racer| {
                    let (vault, barrier) = (&vault, &barrier);
                    scope.spawn(move || {
                        let bytes = shard(100 + 2 * round + u64::from(racer), size_bytes);
                        barrier.wait();
                        let reservation = vault.reserve(owner(racer), size_bytes as u64, NOW, LATER);
                        // Both have asked before either goes on, so that nothing is freed in between.
                        barrier.wait();
                        reservation.map(|mut reservation| {
                            reservation.write(&bytes).unwrap();
                            reservation.commit(root_of(&bytes)).unwrap();
                            (owner(racer), root_of(&bytes))
                        })
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let winners: Vec<_> = answers.iter().flatten().collect();
        assert_eq!(winners.len(), 1, "round {round}: {answers:?}");
        assert!(
            answers.iter().any(|answer| matches!(answer, Err(ReserveError::QuotaFull { free_bytes: 0 })))
        );
        let usage = vault.usage().unwrap();
        assert_eq!((usage.used_bytes, usage.reserved_bytes), (usage.quota_bytes, 0));
        vault.delete(winners[0].0, &winners[0].1).unwrap();
    }
    assert_eq!(vault.has(&kept).unwrap(), [true, true]);
    assert_equal_to_disk(&vault);
}

#[test]
fn no_moment_of_a_stampede_exceeds_the_quota() {
    let quota_bytes = 64 * LEAF as u64;
    let home = Home::with_quota(quota_bytes);
    let vault = home.open();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..6u64)
            .map(|thread| {
                let vault = &vault;
                scope.spawn(move || {
                    for round in 0..40u64 {
                        let who = owner(u8::try_from(thread % 3).unwrap());
                        let bytes =
                            shard(thread * 1000 + round, LEAF * (1 + usize::try_from(round % 16).unwrap()));
                        match try_put(vault, who, &bytes) {
                            Ok(_) if round % 3 > 0 => drop(vault.delete(who, &root_of(&bytes)).unwrap()),
                            Ok(_) | Err(ReserveError::QuotaFull { .. }) => {}
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                })
            })
            .collect();
        let (vault, is_over) = (&vault, &is_over);
        let watcher = scope.spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                let usage = vault.usage().unwrap();
                assert!(usage.used_bytes + usage.reserved_bytes <= quota_bytes, "{usage:?}");
            }
        });
        for worker in workers {
            worker.join().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        watcher.join().unwrap();
    });
    let check = vault.check_ledger().unwrap();
    assert!(check.is_equal() && check.disk_body_bytes <= quota_bytes, "{check:?}");
}

#[test]
fn what_does_not_arrive_in_time_is_released() {
    let home = Home::with_quota(10 * LEAF as u64);
    let vault = home.open();
    let bytes = shard(1, 10 * LEAF);
    let mut late = vault.reserve(owner(1), bytes.len() as u64, NOW, NOW + 60).unwrap();
    late.write(&bytes).unwrap();
    assert_eq!(home.incoming(), 1);
    let full = vault.reserve(owner(2), 1024, NOW, LATER).unwrap_err();
    assert!(matches!(full, ReserveError::QuotaFull { free_bytes: 0 }));

    assert_eq!(vault.release_expired(NOW + 59), 0);
    assert_eq!(vault.release_expired(NOW + 60), 1);
    assert_eq!(home.incoming(), 0);
    assert_eq!(vault.usage().unwrap().reserved_bytes, 0);
    let mut other = vault.reserve(owner(2), bytes.len() as u64, NOW + 60, LATER).unwrap();
    assert!(matches!(late.commit(root_of(&bytes)), Err(CommitError::Write(WriteError::Expired))));
    assert_eq!(
        vault.usage().unwrap().reserved_bytes,
        bytes.len() as u64,
        "the next owner's space is untouched"
    );
    other.write(&bytes).unwrap();
    other.commit(root_of(&bytes)).unwrap();
    assert_equal_to_disk(&vault);
}

#[test]
fn an_expired_reservation_takes_no_more_bytes_and_leaves_no_file() {
    let home = Home::new();
    let vault = home.open();
    let bytes = shard(1, 600 * LEAF);
    let mut late = vault.reserve(owner(1), bytes.len() as u64, NOW, NOW + 60).unwrap();
    vault.release_expired(NOW + 60);
    assert!(matches!(late.write(&bytes), Err(WriteError::Expired)));
    assert!(matches!(late.write(&[]), Err(WriteError::Failed)));
    drop(late);
    assert_eq!(home.incoming(), 0);
    assert_equal_to_disk(&vault);
}

#[test]
fn a_dropped_reservation_is_released() {
    let home = Home::with_quota(300 * LEAF as u64);
    let vault = home.open();
    for _ in 0..3 {
        let mut reservation = vault.reserve(owner(1), 300 * LEAF as u64, NOW, LATER).unwrap();
        reservation.write(&vec![0; 290 * LEAF]).unwrap();
        assert_eq!(home.incoming(), 1);
    }
    assert_eq!(vault.usage().unwrap().reserved_bytes, 0);
    assert_eq!(home.incoming(), 0);
}

#[test]
fn a_clock_that_jumps_back_a_year_does_not_hold_space_for_a_year() {
    let home = Home::new();
    let vault = home.open();
    let _late = vault.reserve(owner(1), 1024, NOW, NOW + 60).unwrap();
    let back = NOW - 365 * 24 * 3600;
    assert_eq!(vault.release_expired(back), 0);
    assert_eq!(vault.release_expired(back + MAX_RESERVATION_S), 1);
    // Nor does a far deadline hold it longer than the limit.
    let _greedy = vault.reserve(owner(1), 1024, NOW, u64::MAX).unwrap();
    assert_eq!(vault.release_expired(NOW + MAX_RESERVATION_S), 1);
    assert!(matches!(vault.reserve(owner(1), 1024, NOW, NOW), Err(ReserveError::DeadlinePassed)));
}

#[test]
fn open_reservations_are_bounded() {
    let home = Home::new();
    let vault = home.open();
    let open: Vec<_> =
        (0..MAX_OPEN_RESERVATIONS).map(|_| vault.reserve(owner(1), 1024, NOW, LATER).unwrap()).collect();
    let refused = vault.reserve(owner(1), 1024, NOW, LATER).unwrap_err();
    assert!(matches!(refused, ReserveError::Busy { limit: MAX_OPEN_RESERVATIONS }));
    drop(open);
    vault.reserve(owner(1), 1024, NOW, LATER).unwrap();
}

#[test]
fn a_quota_below_what_is_used_accepts_nothing_and_deletes_nothing() {
    let home = Home::with_quota(10 * LEAF as u64);
    let vault = home.open();
    let roots = [put(&vault, owner(1), &shard(1, 4 * LEAF)), put(&vault, owner(1), &shard(2, 4 * LEAF))];
    vault.set_quota(5 * LEAF as u64);
    assert!(matches!(
        vault.reserve(owner(1), 1024, NOW, LATER),
        Err(ReserveError::QuotaFull { free_bytes: 0 })
    ));
    assert_eq!(vault.has(&roots).unwrap(), [true, true]);
    vault.delete(owner(1), &roots[0]).unwrap();
    let mut reservation = vault.reserve(owner(1), 1024, NOW, LATER).unwrap();
    // What is reserved may arrive, even if the quota shrinks meanwhile.
    vault.set_quota(0);
    reservation.write(&shard(3, LEAF)).unwrap();
    reservation.commit(root_of(&shard(3, LEAF))).unwrap();
    assert_eq!(vault.usage().unwrap().used_bytes, 5 * LEAF as u64);
}

#[test]
fn a_paused_vault_reads_and_deletes_but_accepts_nothing() {
    let home = Home::new();
    let vault = home.open();
    let root = put(&vault, owner(1), &shard(1, LEAF));
    vault.set_paused(true);
    assert!(vault.usage().unwrap().paused);
    assert!(matches!(vault.reserve(owner(1), 1024, NOW, LATER), Err(ReserveError::Paused)));
    assert!(vault.read(&root, 0..10).is_ok());
    vault.delete(owner(1), &root).unwrap();
    vault.set_paused(false);
    put(&vault, owner(1), &shard(1, LEAF));
}
