//! What the entries say.

mod agreements;
mod delegates;
mod earning;
mod leaving;

use std::fmt::{Display, Write as _};

use layr_keys::PeerId;
use layr_library::{ActivityLevel, MAX_ACTIVITY_BYTES, NewActivity};

pub(crate) use self::agreements::{agreements_end, agreements_opened, agreements_settled, agreements_unpaid};
pub(crate) use self::delegates::{delegate_helped, delegate_refuted, delegate_unheard};
pub(crate) use self::earning::{collateral_lost, windows_missed};
pub(crate) use self::leaving::{copies_moved, copies_stay, host_left, host_left_early, host_left_unseen};
use super::ActivityKind;
use crate::api::{SkippedPath, TransferKind};
use crate::error::ErrorCode;

/// Letters of a name that a title shows.
const MAX_NAME_CHARS: usize = 80;
/// Skipped paths that a text names; the transfer lists more.
const NAMED_SKIPPED: usize = 3;

const TRANSFERS: &str = "/transfers";
const HOSTING: &str = "/hosting";
const NETWORK: &str = "/network";
const AGREEMENTS: &str = "/agreements";
const SETTINGS: &str = "/settings";
const IN_DANGER: &str = "/library?state=at_risk";

/// A transfer stopped.
pub(crate) fn transfer_failed(
    kind: TransferKind,
    transfer: u64,
    name: &str,
    code: Option<ErrorCode>,
    reason: Option<&str>,
) -> NewActivity {
    let (verb, safe) = match kind {
        // Nobody knows how files are that are not there.
        TransferKind::Upload if code == Some(ErrorCode::NotFound) => {
            ("uploaded", "What was sent already is kept. ")
        }
        TransferKind::Upload => {
            ("uploaded", "Your files on this computer are untouched, and what was sent already is kept. ")
        }
        // The reason may be that they are lost.
        TransferKind::Download => ("downloaded", ""),
    };
    let reason = reason.unwrap_or("It stopped.");
    entry(
        ActivityLevel::Action,
        ActivityKind::TransferFailed,
        &transfer,
        format!("{} was not {verb}", quoted(name)),
        format!("{reason} {safe}It waits under Transfers: try it again there, or give it up."),
        TRANSFERS,
    )
}

/// An upload took long and is through, with all that was asked for. Not each of its parts need be with a host yet.
pub(crate) fn upload_done(transfer: u64, name: &str, files: u64) -> NewActivity {
    entry(
        ActivityLevel::Info,
        ActivityKind::UploadDone,
        &transfer,
        format!("{} is uploaded", quoted(name)),
        format!(
            "{} stored: enough parts are with hosts to be safe, and any that are missing follow by themselves.",
            are(files, "file is", "files are")
        ),
        "/library",
    )
}

/// An upload is through, without some of what was asked for.
pub(crate) fn upload_incomplete(
    transfer: u64,
    name: &str,
    skipped: &[SkippedPath],
    skipped_total: u64,
) -> NewActivity {
    let mut text = format!(
        "{} not stored; everything else is safe. Put right what the reason says, then upload it again.",
        are(skipped_total, "item was", "items were")
    );
    for path in skipped.iter().take(NAMED_SKIPPED) {
        // One line each, whatever the name. Writing to a String cannot fail.
        let shown = path.path.replace(char::is_control, "\u{fffd}");
        let _ = write!(text, "\n{shown}: {}", path.reason);
    }
    let unnamed = skipped_total.saturating_sub(skipped.len().min(NAMED_SKIPPED) as u64);
    if unnamed > 0 {
        let _ = write!(text, "\n{unnamed} more: see Transfers.");
    }
    entry(
        ActivityLevel::Warning,
        ActivityKind::UploadIncomplete,
        &transfer,
        format!("{} was uploaded, but not all of it", quoted(name)),
        text,
        TRANSFERS,
    )
}

/// Files are back.
pub(crate) fn download_done(transfer: u64, name: &str) -> NewActivity {
    entry(
        ActivityLevel::Info,
        ActivityKind::DownloadDone,
        &transfer,
        format!("{} is downloaded", quoted(name)),
        "It is complete, and every byte was checked. Transfers shows where it is.".to_owned(),
        TRANSFERS,
    )
}

/// A transfer waits for hosts, and others of its kind may too.
pub(crate) fn too_few_hosts(kind: TransferKind, reason: &str) -> NewActivity {
    let (title, safe) = match kind {
        TransferKind::Upload => ("An upload waits for more hosts", "What was sent already is kept."),
        TransferKind::Download => {
            ("A download waits for hosts that hold it", "Those that are away may only be switched off.")
        }
    };
    NewActivity {
        level: ActivityLevel::Warning,
        kind: ActivityKind::TooFewHosts.code().to_owned(),
        subject: too_few_subject(kind).to_owned(),
        title: title.to_owned(),
        text: cut(format!(
            "{reason} {safe} It is tried again by itself; there is nothing to do but to wait."
        )),
        opens: Some(NETWORK.to_owned()),
    }
}

/// The subject of an entry about transfers of this kind.
pub(crate) fn too_few_subject(kind: TransferKind) -> &'static str {
    match kind {
        TransferKind::Upload => "upload",
        TransferKind::Download => "download",
    }
}

/// The subject of an entry about files that only others can repair.
pub(crate) const THEIRS: &str = "theirs";

/// Files have few shards to spare.
pub(crate) fn files_at_risk(files: u64) -> NewActivity {
    let Words { their, them, originals } = Words::of(files);
    single(
        ActivityLevel::Action,
        ActivityKind::FilesAtRisk,
        &format!("{} at risk", are(files, "file is", "files are")),
        format!(
            "Hosts no longer answer for many of {their} parts, and few are left to spare. What is lost for good is made again by \
             itself. Check {them}, as hosts that were only switched off may be back; or repair {them} now, without waiting for \
             those. Keep {originals} meanwhile."
        ),
        IN_DANGER,
    )
}

/// Files have fewer shards left than it takes.
pub(crate) fn files_lost(files: u64) -> NewActivity {
    let Words { their, them, originals } = Words::of(files);
    single(
        ActivityLevel::Action,
        ActivityKind::FilesLost,
        &format!("{files} {} cannot be brought back now", if files == 1 { "file" } else { "files" }),
        format!(
            "Fewer of {their} parts are left than it takes. Check {them}: hosts that were only switched off may be back. If you \
             have {originals}, store {them} again; what is stored again is sent anew."
        ),
        IN_DANGER,
    )
}

/// Files that others stored are in danger. The person can neither repair them nor ask anybody to, so this only warns.
pub(crate) fn files_of_others_in_danger(files: u64) -> NewActivity {
    let Words { their, them, .. } = Words::of(files);
    entry(
        ActivityLevel::Warning,
        ActivityKind::FilesAtRisk,
        THEIRS,
        format!("{} in danger", are(files, "file that others stored is", "files that others stored are")),
        format!(
            "Few of {their} parts are left to spare, or fewer than it takes. Only whoever stored {them} can repair {them}. Check \
             {them}, as hosts that were only switched off may be back; and download {them} while that works."
        ),
        IN_DANGER,
    )
}

/// What one file or several are called after they were named.
struct Words {
    their: &'static str,
    them: &'static str,
    originals: &'static str,
}

impl Words {
    fn of(files: u64) -> Self {
        if files == 1 {
            Self { their: "its", them: "it", originals: "the original" }
        } else {
            Self { their: "their", them: "them", originals: "the originals" }
        }
    }
}

/// Files that somebody was told to be in danger no longer are: repaired, deleted, or with hosts that are back.
pub(crate) fn files_safe_again() -> NewActivity {
    single(
        ActivityLevel::Info,
        ActivityKind::FilesSafeAgain,
        "No file is at risk any more",
        "Enough parts of every file are with hosts. There is nothing to do.".to_owned(),
        "/library",
    )
}

/// Copies at a host failed for good.
pub(crate) fn copies_failed(host: &PeerId, copies: u64) -> NewActivity {
    entry(
        ActivityLevel::Info,
        ActivityKind::CopiesFailed,
        host,
        "A host lost parts of your files".to_owned(),
        format!(
            "{} not to be had from the host {host} any more. Your files are put together from the others, and what is lost is made \
             again once it counts.",
            are(copies, "part is", "parts are")
        ),
        NETWORK,
    )
}

/// Lost shards were made again.
pub(crate) fn repaired(shards: u64) -> NewActivity {
    entry(
        ActivityLevel::Info,
        ActivityKind::Repaired,
        "",
        "Your files were repaired".to_owned(),
        format!(
            "{} made again from the others and brought to other hosts.",
            are(shards, "lost part was", "lost parts were")
        ),
        "/library",
    )
}

/// Nobody can be reached.
pub(crate) fn network_away(minutes: u64) -> NewActivity {
    single(
        ActivityLevel::Warning,
        ActivityKind::NetworkAway,
        "No other computer can be reached",
        format!(
            "For {minutes} minutes nobody in the network has answered. Nothing is lost: transfers wait and go on by \
             themselves. Check this computer’s connection to the internet."
        ),
        NETWORK,
    )
}

/// Shards of others cannot be read any more.
pub(crate) fn vault_damaged(missing: u64, corrupt: u64) -> NewActivity {
    let mut found = Vec::new();
    if missing > 0 {
        found.push(format!("{} gone", are(missing, "piece is", "pieces are")));
    }
    if corrupt > 0 {
        found.push(format!("{} damaged", are(corrupt, "piece is", "pieces are")));
    }
    single(
        ActivityLevel::Action,
        ActivityKind::VaultDamaged,
        "Data that you keep for others is damaged",
        format!(
            "{} on this computer’s disk. Your own files are not affected, and their owners can still get theirs from \
             other hosts. Check the disk: it may be failing.",
            found.join(" and ")
        ),
        HOSTING,
    )
}

/// The disk with the shards of others is not there.
pub(crate) fn vault_away() -> NewActivity {
    single(
        ActivityLevel::Action,
        ActivityKind::VaultAway,
        "Hosting is paused: its disk is missing",
        "The disk with the data that you keep for others cannot be found. What lies on it is not touched. Connect it; hosting \
         goes on by itself, after a restart of Layr at the latest."
            .to_owned(),
        HOSTING,
    )
}

/// What is kept for others lies there, but cannot be used.
pub(crate) fn vault_unusable(reason: &str) -> NewActivity {
    single(
        ActivityLevel::Action,
        ActivityKind::VaultUnusable,
        "Hosting is off: what you keep for others cannot be used",
        cut(format!(
            "{reason} Your own files are not affected. Put right what it says and start Layr again, or stop lending space \
             under Hosting."
        )),
        HOSTING,
    )
}

/// The disk has no room for what was promised.
pub(crate) fn lent_disk_full() -> NewActivity {
    single(
        ActivityLevel::Warning,
        ActivityKind::LentDiskFull,
        "Hosting takes nothing new: the disk is nearly full",
        "There is less free space than Layr leaves to the system. What you keep for others is safe and is served. Free some \
         space, or lend less."
            .to_owned(),
        HOSTING,
    )
}

/// The recovery phrase could not be taken off the clipboard.
pub(crate) fn phrase_on_clipboard() -> NewActivity {
    single(
        ActivityLevel::Action,
        ActivityKind::PhraseOnClipboard,
        "Your 24 words may still be on the clipboard",
        "Their minute there is over, but the clipboard could not be emptied. Copy anything else now, and clear the history of your \
         clipboard manager if you have one: whoever has the words can read your files."
            .to_owned(),
        SETTINGS,
    )
}

/// Other programs have no way to this node.
pub(crate) fn no_control_socket(reason: &str) -> NewActivity {
    single(
        ActivityLevel::Warning,
        ActivityKind::NoControlSocket,
        "The command “layr” cannot reach this window",
        cut(format!(
            "{reason} Your files, transfers and hosting are not affected; only the command finds no way in. A home with a \
             shorter path, on a disk of this computer, has one."
        )),
        SETTINGS,
    )
}

fn entry(
    level: ActivityLevel,
    kind: ActivityKind,
    subject: &(impl Display + ?Sized),
    title: String,
    text: String,
    opens: &str,
) -> NewActivity {
    NewActivity {
        level,
        kind: kind.code().to_owned(),
        subject: subject.to_string(),
        title,
        text: cut(text),
        opens: Some(opens.to_owned()),
    }
}

fn single(level: ActivityLevel, kind: ActivityKind, title: &str, text: String, opens: &str) -> NewActivity {
    NewActivity {
        level,
        kind: kind.code().to_owned(),
        subject: String::new(),
        title: title.to_owned(),
        text,
        opens: Some(opens.to_owned()),
    }
}

fn quoted(name: &str) -> String {
    let mut short: String = name.chars().take(MAX_NAME_CHARS).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    format!("“{short}”")
}

fn are(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// As much as the library keeps.
fn cut(mut text: String) -> String {
    if text.len() > MAX_ACTIVITY_BYTES {
        let end = text.floor_char_boundary(MAX_ACTIVITY_BYTES - "…".len());
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_the_library_whatever_a_file_is_called() {
        let long = "\u{202e}é".repeat(5000);
        let skipped = vec![SkippedPath { path: long.clone(), reason: long.clone() }; 5];
        for entry in [
            transfer_failed(TransferKind::Upload, 1, &long, None, Some(&long)),
            upload_incomplete(1, &long, &skipped, 9),
            too_few_hosts(TransferKind::Download, &long),
            download_done(1, &long),
            vault_unusable(&long),
            no_control_socket(&long),
        ] {
            assert!(entry.title.len() <= 1000 && entry.text.len() <= MAX_ACTIVITY_BYTES, "{entry:?}");
        }
    }

    #[test]
    fn what_was_left_out_is_counted_and_the_first_ones_are_named() {
        let skipped: Vec<_> = ["/a", "/b", "/c", "/d"]
            .map(|path| SkippedPath { path: path.to_owned(), reason: "It cannot be read.".to_owned() })
            .into();
        let text = upload_incomplete(1, "docs", &skipped, 9).text;
        assert!(
            text.starts_with("9 items were not stored") && text.ends_with("6 more: see Transfers."),
            "{text}"
        );
        let one = upload_incomplete(1, "docs", &skipped[..1], 1).text;
        assert!(one.starts_with("1 item was not stored") && !one.contains("more:"), "{one}");
    }

    #[test]
    fn nothing_is_said_of_files_that_are_not_there() {
        let text = |code| transfer_failed(TransferKind::Upload, 1, "a", Some(code), Some("Why.")).text;
        assert!(text(ErrorCode::DiskFull).contains("untouched"));
        let gone = text(ErrorCode::NotFound);
        assert!(!gone.contains("untouched") && gone.contains("sent already is kept"), "{gone}");
    }

    #[test]
    fn a_stored_file_is_safe_and_not_said_to_be_whole() {
        let text = upload_done(1, "a", 2).text;
        assert!(text.starts_with("2 files are stored: enough parts") && !text.contains("every"), "{text}");
    }

    #[test]
    fn one_file_in_danger_is_not_spoken_of_as_several() {
        let [one, two] = [1, 2].map(|files| {
            [files_at_risk(files), files_lost(files), files_of_others_in_danger(files)]
                .map(|NewActivity { title, text, .. }| format!("{title}. {text}"))
        });
        assert!(
            one[0].starts_with("1 file is at risk. Hosts no longer answer for many of its parts"),
            "{one:?}"
        );
        assert!(one[1].starts_with("1 file cannot be brought back now. Fewer of its parts"), "{one:?}");
        assert!(one[2].starts_with("1 file that others stored is in danger. Few of its parts"), "{one:?}");
        for words in &one {
            assert!(
                !["their ", "them", "files", "originals"].iter().any(|word| words.contains(word)),
                "{words}"
            );
        }
        assert!(two[0].starts_with("2 files are at risk.") && two[0].contains("Check them"), "{two:?}");
        assert!(two[2].starts_with("2 files that others stored are in danger."), "{two:?}");
    }

    #[test]
    fn no_repair_is_promised_of_what_others_stored() {
        let told = files_of_others_in_danger(2);
        assert!(told.text.contains("Only whoever stored them can repair them."), "{told:?}");
        assert!(!told.text.contains("by itself") && !told.text.contains("repair them now"), "{told:?}");
        // It is an entry beside the one about what the person can repair.
        assert_eq!((told.level, told.subject.as_str()), (ActivityLevel::Warning, THEIRS));
    }

    #[test]
    fn damage_is_told_apart() {
        assert!(vault_damaged(1, 0).text.starts_with("1 piece is gone on this"));
        assert!(vault_damaged(2, 3).text.starts_with("2 pieces are gone and 3 pieces are damaged on"));
    }
}
