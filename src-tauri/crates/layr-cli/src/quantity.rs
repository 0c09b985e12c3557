//! Sizes, rates, ranges and redundancies as people write and read them.

use std::fmt::Display;
use std::str::FromStr;

use layr_node::api::MAX_SHARDS;
use layr_node::durability::LEAST_CHANCE;
use layr_node::text::turns_text;
use layr_node::wire::MAX_AUDITED_LEAVES;

/// A number of bytes: `500GB` (powers of ten), `1.5GiB` (powers of two), `4096`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteSize(pub(crate) u64);

/// A number of bytes a second: `10MB/s`; `0` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteRate(pub(crate) u64);

/// Bytes `first..=last`: `0-1023`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteRange {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// Seconds, written in minutes, hours, days or weeks: `30m`, `12h`, `7d`, `2w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period(pub(crate) u64);

/// Leaves of each shard: a number, or `all`, which is 0 here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leaves(pub(crate) u32);

impl FromStr for Leaves {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("all") {
            return Ok(Self(0));
        }
        let count = text.parse().ok().filter(|count| (1..=MAX_AUDITED_LEAVES).contains(count));
        let count = count.and_then(|count| u32::try_from(count).ok());
        count.map(Self).ok_or_else(|| {
            format!("{text:?} is no number of leaves; write 1 to {MAX_AUDITED_LEAVES}, or `all`")
        })
    }
}

/// `K/N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Redundancy {
    pub(crate) needed: u8,
    pub(crate) total: u8,
}

const UNITS: [(&str, u64); 11] = [
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("PB", 1_000_000_000_000_000),
    ("KIB", 1 << 10),
    ("MIB", 1 << 20),
    ("GIB", 1 << 30),
    ("TIB", 1 << 40),
    ("PIB", 1 << 50),
];

impl FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a size; write for example 500GB, 1.5GiB or 4096");
        let text_trimmed = text.trim();
        let digits_end =
            text_trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text_trimmed.len());
        let (number, unit) = text_trimmed.split_at(digits_end);
        let unit = unit.trim().to_ascii_uppercase();
        let factor = match unit.as_str() {
            "" => 1,
            unit => {
                UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor).ok_or_else(wrong)?
            }
        };
        // Whole and fractional parts apart, in integers: 0.1 has no exact binary form.
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() || fraction.len() > 9 {
            return Err(wrong());
        }
        let whole: u64 = whole.parse().map_err(|_| wrong())?;
        let mut bytes = whole.checked_mul(factor).ok_or_else(wrong)?;
        if !fraction.is_empty() {
            let part: u128 = fraction.parse().map_err(|_| wrong())?;
            let scale = 10_u128.pow(u32::try_from(fraction.len()).map_err(|_| wrong())?);
            let rest = u64::try_from(part * u128::from(factor) / scale).map_err(|_| wrong())?;
            bytes = bytes.checked_add(rest).ok_or_else(wrong)?;
        }
        Ok(Self(bytes))
    }
}

impl FromStr for ByteRate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.strip_suffix("/s")
            .unwrap_or(text)
            .parse::<ByteSize>()
            .map(|size| Self(size.0))
            .map_err(|_| format!("{text:?} is not a rate; write for example 10MB/s"))
    }
}

impl FromStr for ByteRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("{text:?} is not a range; write the first and the last byte, for example 0-1023");
        let (first, last) = text.split_once('-').ok_or_else(wrong)?;
        let range =
            Self { first: first.parse().map_err(|_| wrong())?, last: last.parse().map_err(|_| wrong())? };
        if range.first > range.last { Err(wrong()) } else { Ok(range) }
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const UNITS_S: [(char, u64); 4] = [('m', 60), ('h', 3600), ('d', 86_400), ('w', 7 * 86_400)];
        let read = || {
            let (_, unit_s) = UNITS_S.into_iter().find(|(unit, _)| text.ends_with(*unit))?;
            let number =
                text.get(..text.len() - 1).filter(|number| number.bytes().all(|b| b.is_ascii_digit()))?;
            number.parse::<u64>().ok()?.checked_mul(unit_s).filter(|period_s| *period_s > 0)
        };
        read()
            .map(Self)
            .ok_or_else(|| format!("{text:?} is not a time; write for example 30m, 12h, 7d or 2w"))
    }
}

impl FromStr for Redundancy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is not a redundancy; write shards needed and shards in all, for example 4/12, with 1 ≤ K ≤ N ≤ {MAX_SHARDS}"
            )
        };
        let (needed, total) = text.split_once('/').ok_or_else(wrong)?;
        let redundancy =
            Self { needed: needed.parse().map_err(|_| wrong())?, total: total.parse().map_err(|_| wrong())? };
        if redundancy.needed == 0 || redundancy.needed > redundancy.total || redundancy.total > MAX_SHARDS {
            return Err(wrong());
        }
        Ok(redundancy)
    }
}

/// A limit on a rate for people; 0 is none.
pub(crate) fn rate_limit(bytes_per_s: u64) -> String {
    match bytes_per_s {
        0 => "any rate".to_owned(),
        limited => format!("{}/s", bytes(limited)),
    }
}

/// When limits hold, for people.
pub(crate) fn when_held(schedule: &str, in_force: bool) -> String {
    match (schedule, in_force) {
        ("always", _) => schedule.to_owned(),
        (_, true) => format!("{schedule}, now too"),
        (_, false) => format!("{schedule}, not now"),
    }
}

/// Bytes for people: `1.4 GiB`.
pub(crate) fn bytes(count: u64) -> String {
    const NAMES: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut tenths = u128::from(count) * 10 / 1024;
    let mut name = "KiB";
    for next in NAMES.iter().skip(1) {
        if tenths < 10_240 {
            break;
        }
        tenths /= 1024;
        name = next;
    }
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// A number of things: `1 shard`, `2 shards`.
pub(crate) fn counted<N: Copy + Display + From<u8> + PartialEq>(count: N, one: &str) -> String {
    let ending = if count == N::from(1) { "" } else { "s" };
    format!("{count} {one}{ending}")
}

/// A name for a terminal: control and direction-changing characters shown as escapes, so that a file's name cannot write
/// to the screen what it likes.
pub(crate) fn printable(name: &str) -> String {
    name.chars()
        .flat_map(|c| {
            if c.is_control() || turns_text(c) { c.escape_default().collect::<Vec<_>>() } else { vec![c] }
        })
        .collect()
}

/// Powers of ten from which on a chance is written as one.
const LARGE_EXPONENT: usize = 4;

/// A chance as people say it: `1 in 200`, `1 in 10^9`. One digit, rounded to the worse: a model knows no more.
pub(crate) fn chance(chance: f64) -> String {
    if chance > 0.5 {
        return "more than 1 in 2".to_owned();
    }
    // [`LEAST_CHANCE`] in words, as in the window: below it the model tells none apart.
    if chance <= LEAST_CHANCE {
        return "less than 1 in a million million million".to_owned();
    }
    // Of 1 in 10^9 the division may leave 999999999.99.
    let text = format!("{:e}", (1.0 + 1e-9) / chance);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (digit, exponent) = (mantissa.get(..1).unwrap_or("1"), exponent.parse().unwrap_or(0));
    if exponent < LARGE_EXPONENT {
        return format!("1 in {digit}{}", "0".repeat(exponent));
    }
    format!("1 in 10^{exponent}")
}

/// The same within a sentence: `about 1 in 200`; what is a bound already is not about it.
pub(crate) fn about_chance(value: f64) -> String {
    let words = chance(value);
    if words.starts_with("1 in ") { format!("about {words}") } else { words }
}

#[cfg(test)]
mod tests {
    use super::{
        ByteRange, ByteRate, ByteSize, Period, Redundancy, about_chance, bytes, chance, counted, printable,
    };

    #[test]
    fn one_thing_is_counted_as_one() {
        assert_eq!(counted(0_u64, "shard"), "0 shards");
        assert_eq!(counted(1_u64, "shard"), "1 shard");
        assert_eq!(counted(2_usize, "segment"), "2 segments");
    }

    #[test]
    fn a_bound_within_a_sentence_is_not_about_itself() {
        assert_eq!(about_chance(4.6e-3), "about 1 in 200");
        assert_eq!(about_chance(0.86), "more than 1 in 2");
        assert_eq!(about_chance(0.0), "less than 1 in a million million million");
    }

    #[test]
    fn chances_are_said_in_one_digit_and_never_as_none() {
        for (value, expected) in [
            (1.0, "more than 1 in 2"),
            (0.86, "more than 1 in 2"),
            (0.5, "1 in 2"),
            (0.3, "1 in 3"),
            (4.6e-3, "1 in 200"),
            (1.7e-4, "1 in 5000"),
            (1e-4, "1 in 10^4"),
            (3.4e-9, "1 in 10^8"),
            (1e-9, "1 in 10^9"),
            (1.8e-15, "1 in 10^14"),
            (1.1e-18, "1 in 10^17"),
            (1e-18, "less than 1 in a million million million"),
            (0.0, "less than 1 in a million million million"),
        ] {
            assert_eq!(chance(value), expected, "{value:e}");
        }
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, expected) in [
            ("0", 0),
            ("4096", 4096),
            ("500GB", 500_000_000_000),
            ("1.5GiB", 1_610_612_736),
            ("0.1KB", 100),
            ("2 tib", 2_199_023_255_552),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(expected)), "{text}");
        }
        for text in ["", "GB", "-1", "1.2.3", "1e9", "99999999PB", "5 bananas", "."] {
            assert!(text.parse::<ByteSize>().is_err(), "{text} must be refused");
        }
    }

    #[test]
    fn rates_ranges_and_redundancies_are_checked() {
        assert_eq!("10MB/s".parse(), Ok(ByteRate(10_000_000)));
        assert_eq!("0-1023".parse(), Ok(ByteRange { first: 0, last: 1023 }));
        assert!("5-4".parse::<ByteRange>().is_err());
        assert!("7".parse::<ByteRange>().is_err());
        assert_eq!("4/12".parse(), Ok(Redundancy { needed: 4, total: 12 }));
        for text in ["0/3", "4/3", "4", "4/65", "4/300", "a/b"] {
            assert!(text.parse::<Redundancy>().is_err(), "{text} must be refused");
        }
    }

    #[test]
    fn periods_have_one_number_and_one_unit() {
        for (text, expected_s) in [("1m", 60), ("12h", 43_200), ("7d", 604_800), ("02w", 1_209_600)] {
            assert_eq!(text.parse(), Ok(Period(expected_s)), "{text}");
        }
        for text in
            ["", "d", "7", "0d", "-1d", "+1d", "1.5d", "7 d", "1d12h", "7D", "7é", "99999999999999999w"]
        {
            assert!(text.parse::<Period>().is_err(), "{text} must be refused");
        }
    }

    #[test]
    fn sizes_are_shown_with_one_decimal() {
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1024), "1.0 KiB");
        assert_eq!(bytes(1_610_612_736), "1.5 GiB");
        assert_eq!(bytes(u64::MAX), "15.9 EiB");
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(printable("a\nb\u{1b}[2J\u{202e}txt"), "a\\nb\\u{1b}[2J\\u{202e}txt");
        assert_eq!(printable("a\u{61c}b"), "a\\u{61c}b");
        assert_eq!(printable("größe.txt"), "größe.txt");
    }
}
