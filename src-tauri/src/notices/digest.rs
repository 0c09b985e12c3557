//! Which news become a notification, and when. Pure: time and news are handed in.

use std::collections::BTreeSet;
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
    /// Whether it is about terms that end: it can then be renewed, or put off.
    pub(crate) renews: bool,
}

/// What waits to be told. At most as much as the node keeps.
#[derive(Debug, Default)]
pub(crate) struct Digest {
    /// Highest number among the entries that were looked at.
    seen: u64,
    waiting: Vec<ActivityEntry>,
    /// Numbers of the dangers that passed before they were told, as far as there are entries about them.
    untold: BTreeSet<u64>,
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
        let mut untold = self.untold_dangers(entries);
        self.waiting.retain(is_open);
        let news = entries.iter().filter(|entry| entry.id > self.seen && is_told(entry));
        self.waiting.extend(news.cloned());
        self.waiting.retain(|entry| !is_safe_again(entry) || ends_told_danger(entry, entries, &untold));
        untold.retain(|id| self.waiting.iter().all(|entry| entry.id != *id));
        self.untold = untold;
        self.seen = entries.iter().map(|entry| entry.id).max().unwrap_or(self.seen);
        if self.waiting.is_empty() {
            self.waiting_since = None;
        } else {
            self.waiting_since.get_or_insert(now);
        }
    }

    /// Numbers of the dangers among these entries that nobody was told of yet.
    fn untold_dangers(&self, entries: &[ActivityEntry]) -> BTreeSet<u64> {
        let is_untold = |id: u64| {
            id > self.seen || self.untold.contains(&id) || self.waiting.iter().any(|entry| entry.id == id)
        };
        entries.iter().filter(|entry| is_danger(entry) && is_untold(entry.id)).map(|entry| entry.id).collect()
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

/// Whether it says that files are in danger and need the person.
fn is_danger(entry: &ActivityEntry) -> bool {
    let is_of = |kind: ActivityKind| entry.kind == kind.code();
    entry.level == ActivityLevel::Action
        && (is_of(ActivityKind::FilesAtRisk) || is_of(ActivityKind::FilesLost))
}

fn is_safe_again(entry: &ActivityEntry) -> bool {
    entry.kind == ActivityKind::FilesSafeAgain.code()
}

/// Whether a danger has passed with this one that the person was told of since the last one had: who was not told of a danger
/// need not hear that it has passed, and nobody that it has while another is there.
fn ends_told_danger(safe_again: &ActivityEntry, entries: &[ActivityEntry], untold: &BTreeSet<u64>) -> bool {
    let end = safe_again.id;
    let before = || entries.iter().filter(move |entry| entry.id < end);
    let last = before().filter(|entry| is_safe_again(entry)).map(|entry| entry.id).max().unwrap_or(0);
    let is_in_danger = entries.iter().any(|entry| is_danger(entry) && !entry.resolved);
    let was_told = |entry: &ActivityEntry| entry.id > last && is_danger(entry) && !untold.contains(&entry.id);
    !is_in_danger && before().any(was_told)
}

/// Whether it is about agreements that end, or have ended, without a next term.
fn is_about_an_end(entry: &ActivityEntry) -> bool {
    entry.kind == ActivityKind::AgreementsEnd.code()
}

fn is_told(entry: &ActivityEntry) -> bool {
    let is_of = |kind: ActivityKind| entry.kind == kind.code();
    match entry.level {
        ActivityLevel::Action => !entry.resolved,
        ActivityLevel::Info => {
            is_of(ActivityKind::DownloadDone) || is_of(ActivityKind::UploadDone) || is_safe_again(entry)
        }
        ActivityLevel::Warning => {
            (is_of(ActivityKind::UploadIncomplete) || is_about_an_end(entry)) && !entry.resolved
        }
    }
}

fn compose(waiting: &[ActivityEntry]) -> Option<Notice> {
    let first = waiting.first()?;
    if waiting.len() == 1 {
        return Some(Notice {
            title: harmless(&first.title),
            body: body(first).to_owned(),
            opens: first.opens.clone().unwrap_or_else(|| ACTIVITY.to_owned()),
            renews: is_about_an_end(first),
        });
    }
    let is_same_place = waiting.iter().all(|entry| entry.opens == first.opens);
    let opens = first.opens.clone().filter(|_| is_same_place).unwrap_or_else(|| ACTIVITY.to_owned());
    let needed = waiting.iter().filter(|entry| entry.level == ActivityLevel::Action).count();
    let safe_again = waiting.iter().find(|entry| is_safe_again(entry));
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
            renews: false,
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
            Notice { title, body, opens, renews: false }
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
    } else if is_about_an_end(entry) {
        "Renew the agreements with your hosts, or do it later: you are told again."
    } else if is_of(ActivityKind::FilesAtRisk) {
        "Few parts are left to spare. Open Layr to see what to do."
    } else if is_safe_again(entry) {
        "Enough parts of every file are with hosts."
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
        ActivityEntry { title: "No file is at risk any more".to_owned(), ..entry }
    }

    fn lost(id: u64) -> ActivityEntry {
        entry(id, ActivityKind::FilesLost, ActivityLevel::Action)
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
        assert_eq!(told.body, "Few parts are left to spare. Open Layr to see what to do.");
        // More files, and a restart meanwhile.
        let mut digest = Digest::new(digest.told());
        digest.learn(&[ActivityEntry { times: Some(2), ..at_risk(1) }], start);
        assert_eq!(digest.due_at(), None);
        digest.learn(&[safe_again(2), passed(at_risk(1))], start);
        let told = told_at(&mut digest, start + GATHER);
        assert_eq!(told.title, "No file is at risk any more");
        assert_eq!(told.body, "Enough parts of every file are with hosts.");
        // The next danger, and the end of it among other news.
        let before = [safe_again(2), passed(at_risk(1))];
        digest.learn(&[&[at_risk(3)][..], &before[..]].concat(), start + GATHER);
        let told_again_at = start + GATHER + QUIET;
        assert_eq!(told_at(&mut digest, told_again_at).title, "3 files are at risk");
        let ended = [safe_again(4), passed(at_risk(3)), done(5), done(6)];
        digest.learn(&[&ended[..], &before[..]].concat(), told_again_at);
        let told = told_at(&mut digest, told_again_at + QUIET);
        assert_eq!(
            (told.title.as_str(), told.body.as_str()),
            ("No file is at risk any more", "2 transfers have ended.")
        );
    }

    #[test]
    fn a_danger_that_was_told_and_one_that_was_not_pass_together_and_that_is_told() {
        let (mut digest, start) = (Digest::default(), Instant::now());
        digest.learn(&[at_risk(1)], start);
        told_at(&mut digest, start + GATHER);
        digest.learn(&[lost(2), at_risk(1)], start + GATHER);
        // The second one still waits.
        digest.learn(&[safe_again(3), passed(lost(2)), passed(at_risk(1))], start + 2 * GATHER);
        assert_eq!(told_at(&mut digest, start + GATHER + QUIET).title, "No file is at risk any more");
    }

    #[test]
    fn a_danger_that_passed_before_it_was_told_is_not_remembered_as_told() {
        let (mut digest, start) = (Digest::default(), Instant::now());
        digest.learn(&[at_risk(1)], start);
        // It passes into another one, which passes untold as well.
        digest.learn(&[lost(2), passed(at_risk(1))], start);
        digest.learn(&[safe_again(3), passed(lost(2)), passed(at_risk(1))], start);
        assert_eq!(digest.due_at(), None);
        // What was told before the last end is no reason to tell of the next one.
        digest.learn(&[at_risk(4)], start);
        told_at(&mut digest, start + GATHER);
        let first = [safe_again(5), passed(at_risk(4))];
        digest.learn(&first, start + GATHER);
        told_at(&mut digest, start + GATHER + QUIET);
        let second = [safe_again(7), passed(lost(6))];
        digest.learn(&[&second[..], &first[..]].concat(), start + GATHER + QUIET);
        assert_eq!(digest.due_at(), None);
    }

    #[test]
    fn after_a_restart_it_is_known_which_dangers_were_told() {
        let (mut digest, start) = (Digest::default(), Instant::now());
        digest.learn(&[at_risk(1)], start);
        assert_eq!(digest.told(), 0, "it waits");
        let ended = [safe_again(2), passed(at_risk(1))];
        let mut untold = Digest::new(digest.told());
        untold.learn(&ended, start);
        assert_eq!((untold.due_at(), untold.told()), (None, 2));
        told_at(&mut digest, start + GATHER);
        let mut told = Digest::new(digest.told());
        told.learn(&ended, start);
        assert_eq!(told_at(&mut told, start + GATHER).title, "No file is at risk any more");
    }

    #[test]
    fn the_end_of_what_others_have_to_repair_is_not_told_as_nothing_was() {
        let (mut digest, start) = (Digest::default(), Instant::now());
        let theirs = entry(1, ActivityKind::FilesAtRisk, ActivityLevel::Warning);
        digest.learn(std::slice::from_ref(&theirs), start);
        assert_eq!(digest.due_at(), None);
        digest.learn(&[safe_again(2), passed(theirs)], start);
        assert_eq!(digest.due_at(), None);
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

    /// The first of these is no more than a warning, and is told all the same.
    #[test]
    fn terms_that_end_can_be_renewed_from_the_notification_unless_it_is_about_more() {
        let start = Instant::now();
        let ends = ActivityEntry {
            opens: Some("/agreements".to_owned()),
            ..entry(1, ActivityKind::AgreementsEnd, ActivityLevel::Warning)
        };
        let mut digest = Digest::default();
        digest.learn(std::slice::from_ref(&ends), start);
        let notice = told_at(&mut digest, start + GATHER);
        assert_eq!((notice.renews, notice.opens.as_str()), (true, "/agreements"));
        let mut digest = Digest::default();
        digest.learn(&[ends, failed(2)], start);
        assert!(!told_at(&mut digest, start + GATHER).renews);
    }
}
