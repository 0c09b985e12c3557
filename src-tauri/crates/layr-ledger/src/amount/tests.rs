#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;

use super::{AmountError, MAX_STROOPS, Stroops};

#[test]
fn known_amounts_are_read_and_shown() {
    for (text, stroops) in [
        ("0", 0),
        ("1", 10_000_000),
        ("0.0000001", 1),
        ("0.5", 5_000_000),
        ("12.3456789", 123_456_789),
        ("922337203685.4775807", MAX_STROOPS),
    ] {
        assert_eq!(text.parse::<Stroops>(), Stroops::new(stroops), "{text}");
        assert_eq!(Stroops::new(stroops).unwrap().to_string(), text);
    }
    assert_eq!("1.5000000".parse::<Stroops>().unwrap().to_string(), "1.5");
}

#[test]
fn what_is_no_amount_is_refused_by_its_name() {
    for text in [
        "", ".", "1.", ".5", "+1", " 1", "1 ", "1e3", "1,5", "0x1", "1_000", "01", "00", "--1", "-", "١",
        "∞", "NaN",
    ] {
        let refused = text.parse::<Stroops>();
        assert!(matches!(refused, Err(AmountError::NotANumber { .. })), "{text:?}: {refused:?}");
    }
    assert_eq!("-1".parse::<Stroops>(), Err(AmountError::Negative));
    assert_eq!("-0.5".parse::<Stroops>(), Err(AmountError::Negative));
    assert!(matches!("0.00000001".parse::<Stroops>(), Err(AmountError::TooFine { .. })));
    for text in ["922337203685.4775808", "922337203686", "9223372036854775808", &"9".repeat(1000)] {
        assert_eq!(text.parse::<Stroops>(), Err(AmountError::TooLarge), "{text}");
    }
    for text in ["0", "0.0", "0.0000000"] {
        assert_eq!(Stroops::parse_payment(text), Err(AmountError::Zero), "{text}");
    }
    assert_eq!(Stroops::parse_payment("0.0000001"), Stroops::new(1));
    assert_eq!(Stroops::new(MAX_STROOPS + 1), Err(AmountError::TooLarge));
    assert_eq!(Stroops::from_ledger(-1), Err(AmountError::Negative));
}

#[test]
fn an_amount_is_written_down_as_decimal_lumens() {
    let amount = Stroops::new(5_000_000).unwrap();
    assert_eq!(serde_json::to_string(&amount).unwrap(), "\"0.5\"");
    assert_eq!(serde_json::from_str::<Stroops>("\"0.5\"").unwrap(), amount);
    for wrong in ["0.5", "5", "\"-1\"", "\"9223372036854775808\""] {
        assert!(serde_json::from_str::<Stroops>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn sums_end_where_the_ledger_does() {
    let one = Stroops::small(1);
    assert_eq!(Stroops::MAX.checked_add(one), None);
    assert_eq!(Stroops::MAX.saturating_add(one), Stroops::MAX);
    assert_eq!(Stroops::ZERO.checked_sub(one), None);
    assert_eq!(Stroops::MAX.checked_mul(2), None);
    assert_eq!(Stroops::MAX.to_ledger(), i64::MAX);
}

proptest! {
    #[test]
    fn what_is_shown_is_read_back(stroops in 0..=MAX_STROOPS) {
        let amount = Stroops::new(stroops).unwrap();
        prop_assert_eq!(amount.to_string().parse::<Stroops>(), Ok(amount));
        prop_assert_eq!(Stroops::from_ledger(amount.to_ledger()), Ok(amount));
    }

    #[test]
    fn arbitrary_text_never_panics_and_what_is_accepted_means_one_amount(text in "[-+0-9.e ]{0,24}") {
        if let Ok(amount) = text.parse::<Stroops>() {
            prop_assert_eq!(amount.to_string().parse::<Stroops>(), Ok(amount));
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
        }
    }
}
