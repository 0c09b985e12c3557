//! The hours of the week in which a host's bandwidth limits hold.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{DateTime, Weekday};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Spans that a schedule has at most: one for each day and as many again, more than anybody keeps in mind.
const MAX_SPANS: usize = 14;
const MINUTES_PER_DAY: u16 = 24 * 60;
const MINUTES_PER_WEEK: u16 = 7 * MINUTES_PER_DAY;
/// What a schedule without spans is called.
const ALWAYS: &str = "always";
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// When limits hold, in the local time of the machine: `always`, or up to fourteen spans such as `08:00-23:00` or
/// `mon-fri 08:00-18:00`, separated by commas. A span whose end is not after its start passes midnight.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Schedule {
    /// None is always.
    spans: Vec<Span>,
}

/// A text that is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{text:?} is not a schedule; write `always`, or times such as `08:00-23:00` or `mon-fri 08:00-18:00, sat-sun 10:00-22:00`"
)]
pub struct ScheduleError {
    /// What was given.
    pub text: String,
}

/// The same hours on some days that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    first_day: u16,
    last_day: u16,
    start_minute: u16,
    /// Up to and including 24:00.
    end_minute: u16,
}

impl Schedule {
    /// Whether limits hold at a moment of local time.
    pub fn holds_at(&self, local: DateTime) -> bool {
        let day = u16::from(local.weekday().since(Weekday::Monday).unsigned_abs());
        let minute = day * MINUTES_PER_DAY
            + u16::from(local.hour().unsigned_abs()) * 60
            + u16::from(local.minute().unsigned_abs());
        self.spans.is_empty() || self.spans.iter().any(|span| span.covers(minute))
    }
}

impl Span {
    /// Whether a minute of the week lies in it.
    fn covers(self, minute_of_week: u16) -> bool {
        let days = (self.last_day + 7 - self.first_day) % 7;
        let length = match self.end_minute.checked_sub(self.start_minute) {
            Some(length @ 1..) => length,
            _ => self.end_minute + MINUTES_PER_DAY - self.start_minute,
        };
        (0..=days).any(|later| {
            let start = (self.first_day + later) % 7 * MINUTES_PER_DAY + self.start_minute;
            (minute_of_week + MINUTES_PER_WEEK - start) % MINUTES_PER_WEEK < length
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let (days, hours) = text.rsplit_once(' ').unwrap_or(("mon-sun", text));
        let (first_day, last_day) = days.split_once('-').unwrap_or((days, days));
        let (start, end) = hours.split_once('-')?;
        let start_minute = minute(start).filter(|minute| *minute < MINUTES_PER_DAY)?;
        let end_minute = minute(end).filter(|minute| *minute > 0 || start_minute > 0)?;
        Some(Self { first_day: day(first_day)?, last_day: day(last_day)?, start_minute, end_minute })
    }
}

fn day(name: &str) -> Option<u16> {
    let name = name.trim();
    let index = DAYS.iter().position(|day| day.eq_ignore_ascii_case(name))?;
    u16::try_from(index).ok()
}

/// Minutes since midnight of `HH:MM`, up to `24:00`.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let is_number = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= MINUTES_PER_DAY).then_some(minute)
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        if text.trim().is_empty() || text.trim().eq_ignore_ascii_case(ALWAYS) {
            return Ok(Self::default());
        }
        // One more than allowed is enough to know that there are too many.
        let spans: Option<Vec<Span>> =
            text.split(',').take(MAX_SPANS + 1).map(|span| Span::parse(span.trim())).collect();
        match spans {
            Some(spans) if spans.len() <= MAX_SPANS => Ok(Self { spans }),
            _ => Err(ScheduleError { text: text.chars().take(100).collect() }),
        }
    }
}

impl TryFrom<String> for Schedule {
    type Error = ScheduleError;

    fn try_from(text: String) -> Result<Self, ScheduleError> {
        text.parse()
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        schedule.to_string()
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.spans.is_empty() {
            return out.write_str(ALWAYS);
        }
        for (index, span) in self.spans.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(out, "{separator}{span}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |day: u16| DAYS.get(usize::from(day)).copied().unwrap_or_default();
        match (self.first_day, self.last_day) {
            (0, 6) => {}
            (first, last) if first == last => write!(out, "{} ", name(first))?,
            (first, last) => write!(out, "{}-{} ", name(first), name(last))?,
        }
        let [start, end] = [self.start_minute, self.end_minute].map(|minute| (minute / 60, minute % 60));
        write!(out, "{:02}:{:02}-{:02}:{:02}", start.0, start.1, end.0, end.1)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{DateTime, date};
    use proptest::prelude::*;

    use super::Schedule;

    /// A moment of the week that begins on Monday, 2 November 2026.
    fn at(day: i8, hour: i8, minute: i8) -> DateTime {
        date(2026, 11, 2 + day).at(hour, minute, 0, 0)
    }

    fn holds(text: &str, moment: DateTime) -> bool {
        text.parse::<Schedule>().unwrap().holds_at(moment)
    }

    #[test]
    fn a_span_holds_from_its_first_minute_to_before_its_end() {
        for (hour, minute, expected) in [(7, 59, false), (8, 0, true), (22, 59, true), (23, 0, false)] {
            assert_eq!(holds("08:00-23:00", at(3, hour, minute)), expected, "{hour}:{minute}");
        }
        assert!(holds("always", at(0, 0, 0)) && holds("", at(6, 23, 59)));
        assert!(holds("00:00-24:00", at(6, 23, 59)) && holds("00:00-24:00", at(0, 0, 0)));
    }

    #[test]
    fn a_span_past_midnight_belongs_to_the_day_on_which_it_begins() {
        let friday_night = "fri 22:00-06:00";
        assert!(holds(friday_night, at(4, 22, 0)) && holds(friday_night, at(5, 5, 59)));
        assert!(!holds(friday_night, at(4, 5, 0)) && !holds(friday_night, at(5, 6, 0)));
        let sunday_night = "sun 22:00-06:00";
        assert!(holds(sunday_night, at(6, 23, 0)) && holds(sunday_night, at(0, 1, 0)));
        let all_around = "mon 08:00-08:00";
        assert!(holds(all_around, at(1, 7, 59)) && !holds(all_around, at(1, 8, 0)));
    }

    #[test]
    fn days_may_run_over_the_end_of_the_week_and_spans_add_up() {
        let text = "Sat-mon 10:00-12:00, wed 20:00-21:00";
        for (day, expected) in [true, false, false, false, false, true, true].into_iter().enumerate() {
            assert_eq!(holds(text, at(i8::try_from(day).unwrap(), 11, 0)), expected, "day {day}");
        }
        assert!(holds(text, at(2, 20, 30)));
        assert_eq!(text.parse::<Schedule>().unwrap().to_string(), "sat-mon 10:00-12:00, wed 20:00-21:00");
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_an_example() {
        let many = vec!["08:00-09:00"; 15].join(",");
        let wrong = [
            "8-23",
            "08:00",
            "24:00-01:00",
            "08:00-25:00",
            "08:60-09:00",
            "foo 08:00-09:00",
            "mon- 08:00-09:00",
            "00:00-00:00",
            "08:00-09:00,",
            "+8:00-09:00",
            &many,
        ];
        for text in wrong {
            let error = text.parse::<Schedule>().unwrap_err().to_string();
            assert!(error.contains("mon-fri 08:00-18:00"), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_schedule_that_reads_back_or_an_error(text in "[a-z0-9:, -]{0,60}|\\PC{0,40}") {
            if let Ok(schedule) = text.parse::<Schedule>() {
                prop_assert_eq!(schedule.to_string().parse::<Schedule>(), Ok(schedule));
            }
        }

        #[test]
        fn what_is_written_reads_back(days in (0_usize..7, 0_usize..7), start in 0_u16..1440, end in 1_u16..=1440) {
            let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
            let text = format!("{}-{} {}-{}", super::DAYS[days.0], super::DAYS[days.1], clock(start), clock(end));
            let schedule: Schedule = text.parse().unwrap();
            prop_assert_eq!(schedule.to_string().parse::<Schedule>(), Ok(schedule));
        }
    }
}
