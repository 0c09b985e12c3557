//! Places in history as clients write them: one number for ledger, transaction and operation (SEP-0035), and one for an event.

/// Bits of an operation's number, and of a transaction's.
const OPERATION_BITS: u32 = 12;
const TRANSACTION_BITS: u32 = 20;

/// The number of an operation's place.
pub(super) fn number(ledger: u32, transaction: u32, operation: u32) -> u64 {
    u64::from(ledger) << (TRANSACTION_BITS + OPERATION_BITS)
        | u64::from(transaction) << OPERATION_BITS
        | u64::from(operation)
}

/// Ledger, transaction and operation of a number.
pub(super) fn parts(number: u64) -> (u32, u32, u32) {
    let low = |bits: u32, value: u64| u32::try_from(value & ((1 << bits) - 1)).unwrap_or(u32::MAX);
    (
        u32::try_from(number >> (TRANSACTION_BITS + OPERATION_BITS)).unwrap_or(u32::MAX),
        low(TRANSACTION_BITS, number >> OPERATION_BITS),
        low(OPERATION_BITS, number),
    )
}

/// The name of an event's place.
pub(super) fn event_id((ledger, transaction, operation, event): (u32, u32, u32, u32)) -> String {
    format!("{:019}-{event:010}", number(ledger, transaction, operation))
}

/// The place after which nothing more is in a ledger.
pub(super) fn end_of(ledger: u32) -> String {
    event_id((ledger, (1 << TRANSACTION_BITS) - 1, (1 << OPERATION_BITS) - 1, u32::MAX - 1))
}

/// The place of an event's name.
pub(super) fn event_place(id: &str) -> Option<(u32, u32, u32, u32)> {
    let (place, event) = id.split_once('-')?;
    let (ledger, transaction, operation) = parts(place.parse().ok()?);
    Some((ledger, transaction, operation, event.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{event_id, event_place, number, parts};

    #[test]
    fn are_written_as_elsewhere() {
        assert_eq!(number(1, 1, 1), 4_294_971_393);
        assert_eq!(event_id((1, 1, 0, 7)), "0000000004294971392-0000000007");
    }

    #[test]
    fn come_back() {
        for place in [(1, 1, 0, 0), (u32::MAX, (1 << 20) - 1, (1 << 12) - 1, u32::MAX)] {
            assert_eq!(event_place(&event_id(place)), Some(place));
            assert_eq!(parts(number(place.0, place.1, place.2)), (place.0, place.1, place.2));
        }
        assert_eq!(event_place("1"), None);
        assert_eq!(event_place("x-1"), None);
    }
}
