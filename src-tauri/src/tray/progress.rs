//! The line about what moves: files and bytes left and how long that takes, shown only once it is measured.

use layr_node::api::{Transfer, TransferState, TransfersReport};
use layr_node::text::turns_text;

/// Longest name of something that was moved, in characters; a menu is as wide as its longest line.
const LONGEST_NAME: usize = 40;

/// `3 files, 1.2 GB left, about 4 min` of what runs, with how many transfers come after it; nothing while any of it is a
/// guess. What waits its turn is counted and not measured: nobody knows how much of it is stored already.
pub(super) fn progress_line(report: &TransfersReport) -> Option<String> {
    let is = |transfer: &Transfer, state| transfer.state == state;
    let running = report.transfers.iter().filter(|transfer| is(transfer, TransferState::Running));
    let mut all = Left::default();
    for transfer in running {
        let left = left_of(transfer)?;
        all.files = all.files.saturating_add(left.files);
        all.bytes = all.bytes.saturating_add(left.bytes);
        // The two directions do not wait for each other.
        all.seconds = all.seconds.max(left.seconds);
    }
    if all.bytes == 0 {
        return None;
    }
    let files = if all.files == 1 { "1 file".to_owned() } else { format!("{} files", all.files) };
    let line = format!("{files}, {} left, {}", size(all.bytes), duration(all.seconds));
    Some(match report.transfers.iter().filter(|transfer| is(transfer, TransferState::Waiting)).count() {
        0 => line,
        1 => format!("{line}; 1 more waits"),
        more => format!("{line}; {more} more wait"),
    })
}

#[derive(Default)]
struct Left {
    files: u64,
    bytes: u64,
    seconds: u64,
}

/// What is left of this one; nothing while its total or its speed is unknown.
fn left_of(transfer: &Transfer) -> Option<Left> {
    if transfer.total_bytes == 0 {
        return None;
    }
    let bytes = transfer.total_bytes.saturating_sub(transfer.done_bytes);
    let files = transfer.total_files.saturating_sub(transfer.done_files);
    let rate = transfer.eta_s.and(transfer.rate_bytes_per_s).filter(|rate| *rate > 0);
    let seconds = if bytes == 0 { 0 } else { bytes.div_ceil(rate?) };
    Some(Left { files, bytes, seconds })
}

/// Two digits in decimal units: what changes slowly enough for a menu.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    let mut unit_bytes: u64 = 1000;
    let mut name = "kB";
    for next in UNITS {
        name = next;
        match unit_bytes.checked_mul(1000) {
            Some(larger) if bytes >= larger => unit_bytes = larger,
            _ => break,
        }
    }
    let tenths = u128::from(bytes) * 10 / u128::from(unit_bytes);
    if tenths < 100 {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    } else {
        format!("{} {name}", tenths / 10)
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => "less than a minute".to_owned(),
        60..5400 => format!("about {} min", (seconds + 30) / 60),
        5400..129_600 => format!("about {} h", (seconds + 1800) / 3600),
        _ => format!("about {} days", seconds / 86_400 + 1),
    }
}

/// A name from outside as one line of a menu: without what would reorder, hide or break text, and short.
pub(super) fn menu_name(name: &str) -> String {
    let is_odd = |c: char| c.is_control() || turns_text(c);
    let mut shown: String =
        name.chars().take(LONGEST_NAME).map(|c| if is_odd(c) { '\u{fffd}' } else { c }).collect();
    if name.chars().nth(LONGEST_NAME).is_some() {
        shown.push('…');
    }
    // A single one would mark the letter after it as a key.
    shown.replace('&', "&&")
}

#[cfg(test)]
mod tests {
    use super::super::examples::{report, transfer};
    use super::*;

    fn running(left_bytes: u64, rate: Option<u64>) -> Transfer {
        Transfer {
            total_bytes: left_bytes + 1000,
            done_bytes: 1000,
            total_files: 4,
            done_files: 1,
            rate_bytes_per_s: rate,
            eta_s: rate.map(|rate| left_bytes / rate),
            ..transfer(TransferState::Running)
        }
    }

    fn line(transfers: Vec<Transfer>) -> Option<String> {
        progress_line(&TransfersReport { transfers, ..report(&[]) })
    }

    #[test]
    fn it_is_shown_only_when_everything_in_it_is_measured() {
        let measured = running(1_200_000_000, Some(5_000_000));
        assert_eq!(line(vec![measured.clone()]).as_deref(), Some("3 files, 1.2 GB left, about 4 min"));
        assert_eq!(line(vec![running(1_200_000_000, None)]), None);
        let unknown = Transfer { total_bytes: 0, ..running(1, Some(5)) };
        assert_eq!(line(vec![measured.clone(), unknown.clone()]), None, "the rest is not known yet");
        let paused = Transfer { state: TransferState::Paused, ..unknown };
        assert!(line(vec![measured.clone(), paused]).is_some());
        assert_eq!(line(Vec::new()), None);
        // The slower direction decides.
        let down =
            Transfer { kind: layr_node::api::TransferKind::Download, ..running(600_000_000, Some(100_000)) };
        assert_eq!(line(vec![measured, down]).as_deref(), Some("6 files, 1.8 GB left, about 2 h"));
    }

    #[test]
    fn what_waits_its_turn_is_counted() {
        let measured = running(1_200_000_000, Some(5_000_000));
        let waiting = Transfer { total_bytes: 0, ..transfer(TransferState::Waiting) };
        let told = |waiting: usize, other: &Transfer| {
            let mut all = vec![measured.clone()];
            all.extend(std::iter::repeat_n(other.clone(), waiting));
            line(all)
        };
        let alone = "3 files, 1.2 GB left, about 4 min";
        assert_eq!(told(1, &waiting), Some(format!("{alone}; 1 more waits")));
        assert_eq!(told(7, &waiting), Some(format!("{alone}; 7 more wait")));
        assert_eq!(told(7, &transfer(TransferState::Done)).as_deref(), Some(alone));
        assert_eq!(line(vec![waiting]), None, "nothing runs");
    }

    #[test]
    fn sizes_and_times_are_short() {
        let sizes =
            [(1, "0.0 kB"), (999, "0.9 kB"), (12_345, "12 kB"), (1_500_000, "1.5 MB"), (u64::MAX, "18 EB")];
        for (bytes, text) in sizes {
            assert_eq!(size(bytes), text);
        }
        let times =
            [(0, "less than a minute"), (60, "about 1 min"), (7200, "about 2 h"), (200_000, "about 3 days")];
        for (seconds, text) in times {
            assert_eq!(duration(seconds), text);
        }
        duration(u64::MAX);
    }

    #[test]
    fn a_name_cannot_disturb_the_menu() {
        assert_eq!(menu_name("a_b & c"), "a_b && c");
        assert_eq!(menu_name("x\u{202e}gpj.exe\n"), "x\u{fffd}gpj.exe\u{fffd}");
        assert_eq!(menu_name(&"é".repeat(10_000)).chars().count(), LONGEST_NAME + 1);
    }
}
