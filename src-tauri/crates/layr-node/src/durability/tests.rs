use layr_codec::Profile;
use layr_library::{HostLosses, SegmentGroup};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::{
    BEARABLE_CHANCE, DAY_S, Durability, FailureRate, LEAST_CHANCE, REPAIR_DAYS, YEAR_DAYS,
    chance_to_lose_soon, chances, is_repair_due, repair_trigger,
};

fn profile(k: u8, n: u8) -> Profile {
    Profile::new(k, n).unwrap()
}

/// Hosts that stay so many days on average.
fn life(days: f64) -> FailureRate {
    FailureRate { per_host_day: 1.0 / days, is_assumed: false }
}

/// The rate after so many hosts were lost in so many host-days.
fn seen(hosts_lost: f64, host_days: f64) -> FailureRate {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "tests choose them")]
    let watched_s = (host_days * DAY_S) as u64;
    FailureRate::from_evidence(&HostLosses { hosts_lost, watched_s })
}

/// Chance a year in the long run: a year over the mean time from all shards to the loss, which is found by walking up from
/// the loss, by other means than the model's own. With T(a) the time from a: T(a) = x(a) T(n) + y(a), x and y from below.
fn long_run(profile: Profile, trigger: u8, rate: FailureRate) -> f64 {
    // Of the time from a: the part that starts at n again, what is left of it (1 − x, kept apart: x is nearly 1), and days.
    let (mut is_lost, mut days) = (1.0, 0.0);
    for alive in profile.k()..=profile.n() {
        let goes = f64::from(alive) * rate.per_host_day;
        let back = if alive <= trigger { 1.0 / REPAIR_DAYS } else { 0.0 };
        is_lost *= goes / (goes + back);
        days = (1.0 + goes * days) / (goes + back);
    }
    YEAR_DAYS * is_lost / days
}

/// Chance that what is not lost in the first year is lost in the second, from the model.
fn second_year(profile: Profile, trigger: u8, rate: FailureRate) -> f64 {
    let whole = |days| *chances(profile, Some(trigger), rate, days).last().unwrap();
    let (one, two) = (whole(YEAR_DAYS), whole(2.0 * YEAR_DAYS));
    (two - one) / (1.0 - one)
}

#[test]
fn the_table_of_the_record_comes_out() {
    for (k, n, trigger, of_a_year, of_120_days) in [
        (10, 30, 23, 1.8e-15, 3.4e-9),
        (8, 24, 18, 2.8e-13, 4.2e-8),
        (8, 24, 19, 3.2e-14, 1.2e-8),
        (4, 12, 9, 4.7e-9, 7.3e-6),
        (4, 12, 10, 3.8e-10, 1.6e-6),
        (4, 12, 11, 4.4e-11, 4.7e-7),
        (1, 3, 2, 1.7e-4, 4.6e-3),
    ] {
        for (days, expected) in [(365.0, of_a_year), (120.0, of_120_days)] {
            let (code, rate) = (profile(k, n), life(days));
            for found in [second_year(code, trigger, rate), long_run(code, trigger, rate)] {
                // The table has two digits.
                assert!((found / expected - 1.0).abs() < 0.03, "{k} of {n} at {days} days: {found:e}");
            }
        }
    }
}

#[test]
fn the_first_year_of_what_is_whole_is_a_little_better_than_the_long_run() {
    for (k, n) in [(10, 30), (8, 24), (4, 12)] {
        for days in [120.0, 365.0] {
            let (code, rate) = (profile(k, n), life(days));
            let trigger = repair_trigger(code, rate).unwrap();
            let first = *chances(code, Some(trigger), rate, YEAR_DAYS).last().unwrap();
            let better = 1.0 - first / long_run(code, trigger, rate);
            assert!((0.05..0.19).contains(&better), "{k} of {n} at {days} days: {better}");
        }
    }
}

/// A year of one segment, host by host and day by day of their own lives: no chain, no states, no rates of sums.
fn is_lost(profile: Profile, alive: u8, trigger: Option<u8>, rate: FailureRate, rng: &mut StdRng) -> bool {
    let after = |now: f64, mean: f64, rng: &mut StdRng| now - mean * (1.0 - rng.random::<f64>()).ln();
    let host_days = 1.0 / rate.per_host_day;
    let mut ends: Vec<f64> = (0..alive).map(|_| after(0.0, host_days, rng)).collect();
    let due = |ends: &[f64]| trigger.is_some_and(|trigger| ends.len() <= usize::from(trigger));
    let mut repaired_at = due(&ends).then(|| after(0.0, REPAIR_DAYS, rng));
    loop {
        let (first, end) = ends.iter().copied().enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b)).unwrap();
        if let Some(repaired) = repaired_at.filter(|repaired| *repaired < end) {
            if repaired > YEAR_DAYS {
                return false;
            }
            while ends.len() < usize::from(profile.n()) {
                ends.push(after(repaired, host_days, rng));
            }
            repaired_at = None;
            continue;
        }
        if end > YEAR_DAYS {
            return false;
        }
        ends.swap_remove(first);
        if ends.len() < usize::from(profile.k()) {
            return true;
        }
        if due(&ends) && repaired_at.is_none() {
            repaired_at = Some(after(end, REPAIR_DAYS, rng));
        }
    }
}

#[test]
fn a_simulation_of_single_hosts_agrees() {
    const RUNS: u32 = 2000;
    let mut rng = StdRng::seed_from_u64(2026);
    for (k, n, alive, host_days, is_repaired) in [
        (1, 3, 3, 30.0, true),
        (1, 3, 1, 30.0, true),
        (2, 6, 6, 15.0, true),
        (4, 12, 12, 15.0, true),
        (4, 12, 5, 20.0, true),
        (8, 24, 24, 9.0, true),
        (4, 12, 12, 200.0, false),
    ] {
        let (code, rate) = (profile(k, n), life(host_days));
        let trigger = if is_repaired { repair_trigger(code, rate) } else { None };
        let lost: u32 = (0..RUNS).map(|_| u32::from(is_lost(code, alive, trigger, rate, &mut rng))).sum();
        let simulated = f64::from(lost) / f64::from(RUNS);
        let modelled = Durability::new(rate).of_segment(code, alive.into(), is_repaired);
        println!(
            "{k} of {n}, {alive} alive, {host_days} days: {modelled:.4} modelled, {simulated:.4} simulated"
        );
        assert!(lost > 100, "too few to compare: {lost}");
        // Four standard errors: an eighth at 1 of 3, where 400 are lost.
        let error = (modelled * (1.0 - modelled) / f64::from(RUNS)).sqrt();
        assert!((simulated - modelled).abs() < 4.0 * error, "{k} of {n}: {modelled} against {simulated}");
    }
}

#[test]
fn every_chance_is_one_and_fewer_shards_are_never_better() {
    let rates = [seen(0.0, 1e12), FailureRate::assumed(), seen(9000.0, 31.0)];
    for (k, n) in [(1, 1), (1, 2), (2, 2), (1, 3), (3, 9), (11, 12), (10, 30), (1, 64), (63, 64), (64, 64)] {
        for rate in rates {
            let mut durability = Durability::new(rate);
            for is_repaired in [true, false] {
                let alive = 0..=u32::from(n) + 1;
                let chances: Vec<f64> =
                    alive.map(|alive| durability.of_segment(profile(k, n), alive, is_repaired)).collect();
                let words = format!("{k} of {n}, {rate:?}: {chances:?}");
                assert!(chances.iter().all(|chance| (LEAST_CHANCE..=1.0).contains(chance)), "{words}");
                assert!(chances.iter().take(k.into()).all(|chance| *chance >= 1.0), "{words}");
                assert!(chances.is_sorted_by(|fewer, more| *fewer >= *more * (1.0 - 1e-9)), "{words}");
            }
        }
    }
}

fn group(k: u8, n: u8, alive: u32, segments: u64) -> SegmentGroup {
    SegmentGroup { profile: profile(k, n), alive, is_stale: false, is_ours: true, segments }
}

#[test]
fn a_file_is_lost_with_any_of_its_segments() {
    let mut durability = Durability::new(FailureRate::assumed());
    assert_eq!(durability.of_file(&[]), None);
    let one = durability.of_segment(profile(1, 3), 3, true);
    let weak = durability.of_segment(profile(1, 3), 1, true);
    let close = |found: Option<f64>, expected: f64| {
        let found = found.unwrap();
        assert!((found / expected - 1.0).abs() < 1e-9, "{found:e} {expected:e}");
    };
    close(durability.of_file(&[group(1, 3, 3, 1)]), one);
    let kept = (1.0 - one).powi(3) * (1.0 - weak);
    close(durability.of_file(&[group(1, 3, 3, 3), group(1, 3, 1, 1)]), 1.0 - kept);
    // A thousand segments of 1e-9 each: 1 − p rounds most of that away.
    let small = durability.of_segment(profile(10, 30), 30, true);
    assert!(small < 1e-8, "{small:e}");
    close(durability.of_file(&[group(10, 30, 30, 1000)]), 1000.0 * small * (1.0 - 999.0 * small / 2.0));
    let lost = durability.of_file(&[group(10, 30, 30, 5), group(10, 30, 9, 1)]);
    assert!(lost.unwrap() >= 1.0);
    // Nobody here brings back what somebody else stored.
    let theirs = SegmentGroup { is_ours: false, ..group(4, 12, 12, 1) };
    assert!(durability.of_file(&[theirs]).unwrap() > 0.1);
    assert!(durability.of_file(&[group(4, 12, 12, 1)]).unwrap() < 1e-5);
}

#[test]
fn a_rate_is_measured_once_the_evidence_outweighs_the_assumption() {
    let assumed = FailureRate::assumed();
    assert!(assumed.is_assumed());
    assert_eq!(seen(0.0, 0.0), assumed);
    // A month of a dozen hosts without a loss says little, and one with as many losses a good deal.
    assert_eq!(seen(0.0, 359.9), assumed);
    let bad = seen(11.0, 359.9);
    assert!(bad.is_assumed() && bad.per_host_day() > 3.0 * assumed.per_host_day());
    let measured = seen(0.0, 360.0);
    assert!(!measured.is_assumed() && (measured.per_host_day() - 1.0 / 480.0).abs() < 1e-12);
    // Two of 40 hosts in a year.
    let measured = seen(2.0, 40.0 * 365.0);
    assert!((measured.per_host_day() - 3.0 / 14_720.0).abs() < 1e-12);
    for lost in [f64::NAN, f64::INFINITY, -1.0] {
        assert_eq!(seen(lost, 0.0), assumed);
    }
    assert!(seen(4e9, 360.0).per_host_day() <= 1.0);
    assert!(Durability::new(seen(0.0, 360.0)).model().host_life_days > 479.0);
}

#[test]
fn repairs_begin_where_the_record_says() {
    let at_120_days = FailureRate::assumed();
    for (k, n, trigger) in [(10, 30, 23), (8, 24, 18), (4, 12, 9), (3, 9, 7), (2, 6, 5), (1, 3, 2), (1, 5, 4)]
    {
        assert_eq!(repair_trigger(profile(k, n), at_120_days), Some(trigger), "{k} of {n}");
        // Good luck with the hosts so far puts nothing off.
        assert_eq!(repair_trigger(profile(k, n), life(3650.0)), Some(trigger), "{k} of {n}");
    }
    assert_eq!(repair_trigger(profile(3, 3), at_120_days), None);
    // Hosts that go faster are not waited for.
    assert_eq!(repair_trigger(profile(4, 12), life(30.0)), Some(11));
    assert!(!is_repair_due(profile(4, 12), 10, at_120_days) && is_repair_due(profile(4, 12), 10, life(60.0)));
}

#[test]
fn the_chance_before_a_repair_is_a_binomial_tail() {
    let gone = 1.0 - (-2.0_f64 / 120.0).exp();
    let close =
        |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-9, "{found:e} {expected:e}");
    let soon = |k, n, standing| chance_to_lose_soon(profile(k, n), standing, FailureRate::assumed());
    close(soon(1, 3, 2), gone.powi(2));
    close(soon(2, 3, 3), gone.powi(3) + 3.0 * gone.powi(2) * (1.0 - gone));
    assert!(soon(3, 9, 7) > BEARABLE_CHANCE && soon(3, 9, 8) < BEARABLE_CHANCE);
    close(soon(4, 12, 3), 1.0);
    // One of 64 is enough, and no evidence, however long, leads to a division by nothing.
    let rarest = chance_to_lose_soon(profile(64, 64), 64, seen(0.0, 1e300));
    close(rarest, 1.0 - (-2.0_f64 * 64.0 * 1e-6).exp());
    assert!(chance_to_lose_soon(profile(1, 64), 64, seen(0.0, 1e300)) >= 0.0);
}
