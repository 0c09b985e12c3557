//! Names of files on this machine: made shorter or different without losing what says of which kind they are.

/// Most bytes of a name on the file systems in use.
pub const MAX_NAME_BYTES: usize = 255;
/// Longest ending, its dot included, that is taken for one: what is longer is part of a sentence.
const MAX_ENDING_BYTES: usize = 16;

/// `name` with `mark` between its stem and its ending, the stem made shorter where all of it would have more than `most` bytes.
/// A name that is a directory's has no ending.
pub fn marked(name: &str, mark: &str, most: usize, is_directory: bool) -> String {
    let (stem, ending) = if is_directory { (name, "") } else { parts(name) };
    let room = most.saturating_sub(mark.len() + ending.len());
    let end = (0..=room.min(stem.len())).rev().find(|at| stem.is_char_boundary(*at)).unwrap_or(0);
    let stem = stem.get(..end).unwrap_or_default().trim_end();
    format!("{stem}{mark}{ending}")
}

/// The stem and the ending with its dot. A leading dot begins no ending.
fn parts(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= MAX_ENDING_BYTES => name.split_at(at),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_goes_before_the_ending_and_a_long_stem_makes_room() {
        for (name, is_directory, expected) in [
            ("report.pdf", false, "report (2).pdf"),
            ("archive.tar.gz", false, "archive.tar (2).gz"),
            (".bashrc", false, ".bashrc (2)"),
            ("read me", false, "read me (2)"),
            ("photos.2024", true, "photos.2024 (2)"),
            ("Dr. Strangelove and all the others", false, "Dr. Strangelove and all the others (2)"),
        ] {
            assert_eq!(marked(name, " (2)", MAX_NAME_BYTES, is_directory), expected);
        }
        let long = marked(&format!("{}.jpeg", "ä".repeat(200)), " (12)", MAX_NAME_BYTES, false);
        assert!(long.len() <= MAX_NAME_BYTES && long.ends_with("ä (12).jpeg"), "{long}");
        assert_eq!(marked("abcdef.txt", "", 8, false), "abcd.txt");
    }
}
