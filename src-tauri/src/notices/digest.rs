//! Which news become a notification, and when. Pure: time and news are handed in.

use std::time::Duration;

use layr_node::activity::ActivityKind;
use layr_node::api::{ActivityEntry, ActivityLevel};
use layr_node::text::turns_text;
use tokio::time::Instant;

/// What happens within this of the first of several news is told with it: problems seldom come alone.
const GATHER: Duration = Duration::from_secs(2);
/// Least time between two notifications; what happens meanwhile is told at its end, all at once.
const QUIET: Duration = Duration::from_mins(1);
/// Letters of a title that a notification has room for.
const MAX_TITLE_CHARS: usize = 100;

/// The screen that has everything.
const ACTIVITY: &str = "/activity";

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// A few words; may hold names of files, made harmless.
    pub(crate) title: String,
    /// A sentence of our own: some desktops read markup in it.
    pub(crate) body: String,
    /// The page that a click opens.
    pub(crate) opens: String,
}

/// What waits to be told. At most as much as the node keeps.
#[derive(Debug, Default)]
pub(crate) struct Digest {
    /// Highest number among the entries that were looked at.
    seen: u64,
    waiting: Vec<ActivityEntry>,
    waiting_since: Option<Instant>,
    told_at: Option<Instant>,
}

impl Digest {
    /// One for which entries up to the number `seen` are no news.
    pub(crate) fn new(seen: u64) -> Self {
        Self { seen, ..Self::default() }
    }

    /// Looks at all entries there are: new ones that the person should be told of wait from now on, and those that passed no
    /// longer do. An entry that counts up is no news.
    pub(crate) fn learn(&mut self, entries: &[ActivityEntry], now: Instant) {
        let is_open = |waiting: &ActivityEntry| {
            waiting.level == ActivityLevel::Info
                || entries.iter().any(|entry| entry.id == waiting.id && !entry.resolved)
        };
        let danger_waits = self.waiting.iter().any(is_danger);
        self.waiting.retain(is_open);
        let was_never_told = danger_waits && !self.waiting.iter().any(is_danger);
        let is_in_danger = entries.iter().any(|entry| is_danger(entry) && !entry.resolved);
        // Who was not told of a danger need not hear that it has passed, and nobody that it has while another is there.
        let is_wanted = |entry: &ActivityEntry| {
            entry.kind != ActivityKind::FilesSafeAgain.code() || !(was_never_told || is_in_danger)
        };
        let news = entries.iter().filter(|entry| entry.id > self.seen && is_told(entry));
        self.waiting.extend(news.cloned());
        self.waiting.retain(is_wanted);
        self.seen = entries.iter().map(|entry| entry.id).max().unwrap_or(self.seen);
        if self.waiting.is_empty() {
            self.waiting_since = None;
        } else {
            self.waiting_since.get_or_insert(now);
        }
    }

    /// When [`Digest::take`] has something; `None` while nothing waits.
    pub(crate) fn due_at(&self) -> Option<Instant> {
        let gathered = self.waiting_since? + GATHER;
        Some(self.told_at.map_or(gathered, |told_at| gathered.max(told_at + QUIET)))
    }

    /// What is to be told now. Where `is_held_back`, what waits counts as told: the person looks at the window, or wants no
    /// notifications.
    pub(crate) fn take(&mut self, now: Instant, is_held_back: bool) -> Option<Notice> {
        if self.due_at().is_none_or(|due_at| now < due_at) {
            return None;
        }
        self.waiting_since = None;
        let waiting = std::mem::take(&mut self.waiting);
        if is_held_back {
            return None;
        }
        self.told_at = Some(now);
        compose(&waiting)
    }

    /// Highest number among the entries that need not be looked at again: the one before the first that still waits.
    pub(crate) fn told(&self) -> u64 {
        let first = self.waiting.iter().map(|entry| entry.id).min();
        first.map_or(self.seen, |first| first.saturating_sub(1))
    }
}

/// Whether it says that files are in danger.
fn is_danger(entry: &ActivityEntry) -> bool {
    [ActivityKind::FilesAtRisk, ActivityKind::FilesLost].iter().any(|kind| entry.kind == kind.code())
}

fn is_told(entry: &ActivityEntry) -> bool {
    let is_of = |kind: ActivityKind| entry.kind == kind.code();
    match entry.level {
        ActivityLevel::Action => !entry.resolved,
        ActivityLevel::Info => {
            is_of(ActivityKind::DownloadDone)
                || is_of(ActivityKind::UploadDone)
                || is_of(ActivityKind::FilesSafeAgain)
        }
        ActivityLevel::Warning => is_of(ActivityKind::UploadIncomplete) && !entry.resolved,
    }
}

fn compose(waiting: &[ActivityEntry]) -> Option<Notice> {
    let first = waiting.first()?;
    if waiting.len() == 1 {
        return Some(Notice {
            title: harmless(&first.title),
            body: body(first).to_owned(),
            opens: first.opens.clone().unwrap_or_else(|| ACTIVITY.to_owned()),
        });
    }
    let is_same_place = waiting.iter().all(|entry| entry.opens == first.opens);
    let opens = first.opens.clone().filter(|_| is_same_place).unwrap_or_else(|| ACTIVITY.to_owned());
    let needed = waiting.iter().filter(|entry| entry.level == ActivityLevel::Action).count();
    let safe_again = waiting.iter().find(|entry| entry.kind == ActivityKind::FilesSafeAgain.code());
    let done = waiting.len() - needed - usize::from(safe_again.is_some());
    Some(match (needed, done) {
        (0, done) => Notice {
            title: match safe_again {
                Some(entry) => harmless(&entry.title),
                None => format!("{done} transfers have ended"),
            },
            body: match (safe_again, done) {
                (Some(_), 1) => "One transfer has ended.".to_owned(),
                (Some(_), done) => format!("{done} transfers have ended."),
                (None, _) => "Open Layr to see which.".to_owned(),
            },
            opens,
        },
        (needed, done) => {
            let title = if needed == 1 {
                "Something needs you".to_owned()
            } else {
                format!("{needed} things need you")
            };
            let body = match done {
                0 => "Open Layr to see what to do.".to_owned(),
                1 => "One transfer has ended. Open Layr to see what to do.".to_owned(),
                done => format!("{done} transfers have ended. Open Layr to see what to do."),
            };
            Notice { title, body, opens }
        }
    })
}

/// What one entry says. Its own text may hold paths: that is for the window, not for a screen that others may see.
fn body(entry: &ActivityEntry) -> &'static str {
    let is_of = |kind: ActivityKind| entry.kind == kind.code();
    if is_of(ActivityKind::TransferFailed) {
        "It waits under Transfers: try it again, or give it up."
    } else if is_of(ActivityKind::DownloadDone) {
        "It is complete, and every byte was checked."
    } else if is_of(ActivityKind::UploadDone) {
        "Enough of its parts are with hosts to be safe."
    } else if is_of(ActivityKind::UploadIncomplete) {
        "Open Layr to see what was left out."
    } else if is_of(ActivityKind::FilesAtRisk) {
        "Few of their parts are left to spare. Open Layr to see and repair them."
    } else if is_of(ActivityKind::FilesSafeAgain) {
        "Enough of their parts are with hosts again."
    } else {
        "Open Layr to see what to do."
    }
}

/// A title on one line, without what would turn its words around or be read as markup.
fn harmless(title: &str) -> String {
    let shown = title.chars().filter(|c| !turns_text(*c)).take(MAX_TITLE_CHARS);
    shown
        .map(|c| match c {
            '<' => '‹',
            '>' => '›',
            '&' => '＆',
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => ' ',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u64, kind: ActivityKind, level: ActivityLevel) -> ActivityEntry {
        ActivityEntry {
            id,
            at: String::new(),
            level,
            kind: kind.code().to_owned(),
            title: format!("“{id}” was not downloaded"),
            text: "/home/ada/secret".to_owned(),
            resolved: level == ActivityLevel::Info,
            times: None,
            opens: Some("/transfers".to_owned()),
        }
    }

    fn failed(id: u64) -> ActivityEntry {
        entry(id, ActivityKind::TransferFailed, ActivityLevel::Action)
    }

    fn done(id: u64) -> ActivityEntry {
        entry(id, ActivityKind::DownloadDone, ActivityLevel::Info)
    }

    /// What is told at `at`, which must be when it is due and not before.
    fn told_at(digest: &mut Digest, at: Instant) -> Notice {
        assert_eq!(digest.due_at(), Some(at));
        assert_eq!(digest.take(at - Duration::from_millis(1), false), None);
        digest.take(at, false).unwrap()
    }

    #[test]
    fn one_problem_is_one_notification_and_those_that_follow_are_one_more() {
        let (mut digest, start) = (Digest::new(6), Instant::now());
        digest.learn(&[failed(7), failed(6)], start);
        let first = told_at(&mut digest, start + GATHER);
        assert_eq!((first.title.as_str(), first.opens.as_str()), ("“7” was not downloaded", "/transfers"));
        assert!(!first.body.contains("secret"));
        // All within a minute.
        let later = start + GATHER + Duration::from_secs(5);
        digest.learn(&[failed(8), failed(7)], later);
        let all: Vec<_> = (9..=50).map(failed).chain([done(51), failed(8), failed(7)]).collect();
        digest.learn(&all, later + Duration::from_secs(20));
        let second = told_at(&mut digest, start + GATHER + QUIET);
        assert_eq!((second.title.as_str(), second.opens.as_str()), ("43 things need you", "/transfers"));
        assert!(second.body.starts_with("One transfer has ended."), "{second:?}");
        assert_eq!((digest.due_at(), digest.told()), (None, 51));
    }

    #[test]
    fn what_counts_up_or_has_passed_or_only_warns_is_not_told() {
        let (mut digest, start) = (Digest::default(), Instant::now());
        let warning = entry(3, ActivityKind::TooFewHosts, ActivityLevel::Warning);
        digest.learn(&[warning.clone(), failed(2)], start);
        assert_eq!(digest.told(), 1, "a restart now would still tell it");
        // It was resolved while it waited.
        digest.learn(&[warning, ActivityEntry { resolved: true, ..failed(2) }], start);
        assert_eq!((digest.due_at(), digest.told()), (None, 3));
        digest.learn(&[failed(4)], start);
        told_at(&mut digest, start + GATHER);
        digest.learn(&[ActivityEntry { times: Some(9), ..failed(4) }], start + 2 * QUIET);
        assert_eq!(digest.due_at(), None);
    }

    #[test]
    fn an_upload_that_left_things_out_is_not_called_safe() {
        let (mut digest, start) = (Digest::default(), Instant::now());
        digest.learn(&[entry(1, ActivityKind::UploadIncomplete, ActivityLevel::Warning)], start);
        assert_eq!(told_at(&mut digest, start + GATHER).body, "Open Layr to see what was left out.");
    }

    #[test]
    fn what_happens_before_the_persons_eyes_is_not_told_later() {
        let (mut digest, start) = (Digest::default(), Instant::now());
        digest.learn(&[failed(1)], start);
        assert_eq!(digest.take(start + GATHER, true), None);
        assert_eq!((digest.due_at(), digest.told()), (None, 1));
        // And does not count as a notification: the next one need not wait.
        digest.learn(&[failed(2), failed(1)], start + GATHER);
        told_at(&mut digest, start + GATHER + GATHER);
    }

    #[test]
    fn news_of_a_library_that_took_the_place_of_another_are_told() {
        let (mut digest, start) = (Digest::new(100), Instant::now());
        digest.learn(&[done(3)], start);
        digest.learn(&[done(4), done(3)], start);
        assert_eq!(told_at(&mut digest, start + GATHER).title, "“4” was not downloaded");
    }

    #[test]
    fn places_that_differ_lead_to_the_screen_that_has_all() {
        let (mut digest, start) = (Digest::default(), Instant::now());
        let disk = ActivityEntry {
            opens: Some("/hosting".to_owned()),
            ..entry(2, ActivityKind::VaultAway, ActivityLevel::Action)
        };
        digest.learn(&[disk, done(1)], start);
        let notice = told_at(&mut digest, start + GATHER);
        assert_eq!((notice.title.as_str(), notice.opens.as_str()), ("Something needs you", ACTIVITY));
        let (mut digest, both) = (Digest::default(), [done(1), done(2)]);
        digest.learn(&both, start);
        assert_eq!(told_at(&mut digest, start + GATHER).title, "2 transfers have ended");
    }

    fn at_risk(id: u64) -> ActivityEntry {
        let entry = entry(id, ActivityKind::FilesAtRisk, ActivityLevel::Action);
        ActivityEntry { title: "3 files are at risk".to_owned(), ..entry }
    }

    fn safe_again(id: u64) -> ActivityEntry {
        let entry = entry(id, ActivityKind::FilesSafeAgain, ActivityLevel::Info);
        ActivityEntry { title: "Your files are safe again".to_owned(), ..entry }
    }

    fn passed(entry: ActivityEntry) -> ActivityEntry {
        ActivityEntry { resolved: true, ..entry }
    }

    #[test]
    fn a_danger_is_told_once_and_once_that_it_has_passed() {
        let (mut digest, start) = (Digest::default(), Instant::now());
        digest.learn(&[at_risk(1)], start);
        let told = told_at(&mut digest, start + GATHER);
        assert_eq!(told.title, "3 files are at risk");
        assert!(told.body.ends_with("repair them."), "{told:?}");
        // More files, and a restart meanwhile.
        let mut digest = Digest::new(digest.told());
        digest.learn(&[ActivityEntry { times: Some(2), ..at_risk(1) }], start);
        assert_eq!(digest.due_at(), None);
        digest.learn(&[safe_again(2), passed(at_risk(1))], start);
        let told = told_at(&mut digest, start + GATHER);
        assert_eq!(told.title, "Your files are safe again");
        digest.learn(&[safe_again(3), done(4), done(5)], start + GATHER);
        let told = told_at(&mut digest, start + GATHER + QUIET);
        assert_eq!(
            (told.title.as_str(), told.body.as_str()),
            ("Your files are safe again", "2 transfers have ended.")
        );
    }

    #[test]
    fn who_was_not_told_of_a_danger_does_not_hear_that_it_has_passed() {
        let (mut digest, start) = (Digest::default(), Instant::now());
        digest.learn(&[at_risk(1)], start);
        digest.learn(&[safe_again(2), passed(at_risk(1))], start);
        assert_eq!((digest.due_at(), digest.told()), (None, 2));
        // Nor does anybody while there is another one.
        digest.learn(&[safe_again(3)], start);
        digest.learn(&[at_risk(4), safe_again(3)], start);
        assert_eq!(told_at(&mut digest, start + GATHER).title, "3 files are at risk");
    }

    #[test]
    fn a_name_cannot_pretend_to_be_anything_else() {
        let hostile = "“\u{202e}gpj.exe\n<b>\u{2028}&amp;”".repeat(50);
        let title = harmless(&hostile);
        assert!(title.starts_with("“gpj.exe ‹b› ＆amp;”"), "{title}");
        assert_eq!(title.chars().count(), MAX_TITLE_CHARS);
    }
}
