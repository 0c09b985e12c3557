//! Text from outside, before it is shown.

/// Whether a character turns the text around it around: with one in its name, `gpj.exe` can look like `exe.jpg`.
pub fn turns_text(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
