//! Agreements as a table for spreadsheets (RFC 4180).

use std::path::Path;

use layr_keys::atomic::{self, Existing};

use crate::api::{AgreementInfo, AgreementSide, AgreementWindow};
use crate::error::{ErrorCode, NodeError};

/// Letters with which spreadsheets begin a formula: a field that does is text all the same.
const FORMULA_BEGINS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Columns of the table; one that is new comes last.
const HEAD: [&str; 20] = [
    "id",
    "role",
    "state",
    "host",
    "owner",
    "start",
    "end",
    "windows",
    "windows_proven",
    "windows_missed",
    "bytes",
    "price_xlm_per_gib_month",
    "deposit_xlm",
    "collateral_xlm",
    "paid_xlm",
    "held_xlm",
    "left_xlm",
    "auto_renew",
    "escrow",
    "proofs",
];
const LEAF_BYTES: u64 = 1024;

/// Writes agreements into a file, whole or not at all.
///
/// # Errors
/// [`ErrorCode::Conflict`] where something has the name and `existing` lets it stay; [`ErrorCode::LocalFile`].
pub fn write(agreements: &[AgreementInfo], target: &Path, existing: Existing) -> Result<(), NodeError> {
    atomic::write(target, table(agreements).as_bytes(), existing).map_err(|source| {
        let shown = target.to_string_lossy();
        if source.kind() == std::io::ErrorKind::AlreadyExists {
            let message = format!("{shown} is there already; nothing was written. Choose another name.");
            return NodeError::new(ErrorCode::Conflict, message).with("path", shown);
        }
        let message = format!("{shown} cannot be written: {source}. Choose another place.");
        NodeError::new(ErrorCode::LocalFile, message).with("path", shown)
    })
}

/// The table: a line for each agreement under one of names.
fn table(agreements: &[AgreementInfo]) -> String {
    let mut table = line(HEAD.iter().copied());
    for agreement in agreements {
        table.push_str(&line(row(agreement).iter().map(String::as_str)));
    }
    table
}

fn row(agreement: &AgreementInfo) -> [String; 20] {
    let role = match agreement.role {
        AgreementSide::Owner => "owner",
        AgreementSide::Host => "host",
    };
    [
        agreement.id.clone(),
        role.to_owned(),
        agreement.state.as_str().to_owned(),
        agreement.host.clone(),
        agreement.owner.clone(),
        agreement.start.clone(),
        agreement.end.clone(),
        agreement.windows_total.to_string(),
        agreement.windows_proven.to_string(),
        agreement.windows_missed.to_string(),
        agreement.leaf_count.saturating_mul(LEAF_BYTES).to_string(),
        agreement.price_xlm_per_gib_month.clone(),
        agreement.deposit_xlm.clone(),
        agreement.collateral_xlm.clone(),
        agreement.paid_xlm.clone(),
        agreement.held_xlm.clone(),
        agreement.left_xlm.clone(),
        if agreement.auto_renew { "yes" } else { "no" }.to_owned(),
        agreement.escrow.clone().unwrap_or_default(),
        agreement.windows.iter().map(|window| letter(*window)).collect(),
    ]
}

/// A window as one letter of the strip in the last column.
fn letter(window: AgreementWindow) -> char {
    match window {
        AgreementWindow::Proven => 'P',
        AgreementWindow::Missed => 'M',
        AgreementWindow::Deciding => 'D',
        AgreementWindow::Running => 'R',
        AgreementWindow::ToCome => '.',
    }
}

fn line<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    let fields: Vec<String> = fields.map(field).collect();
    format!("{}\r\n", fields.join(","))
}

/// A field as a spreadsheet takes it for the text that it is.
fn field(text: &str) -> String {
    let is_formula = text.starts_with(FORMULA_BEGINS);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) || is_formula {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Existing, field, table, write};
    use crate::api::{AgreementInfo, AgreementPhase, AgreementSide, AgreementWindow};
    use crate::error::ErrorCode;

    fn agreement() -> AgreementInfo {
        AgreementInfo {
            id: "7".to_owned(),
            host: "12D3KooHost".to_owned(),
            owner: "=cmd(1)".to_owned(),
            role: AgreementSide::Host,
            state: AgreementPhase::Active,
            start: "2026-01-01T00:00:00Z".to_owned(),
            end: "2026-04-02T00:00:00Z".to_owned(),
            windows_total: 4,
            windows_proven: 1,
            windows_missed: 1,
            windows: vec![
                AgreementWindow::Proven,
                AgreementWindow::Missed,
                AgreementWindow::Running,
                AgreementWindow::ToCome,
            ],
            window_rent_xlm: "0.1".to_owned(),
            missed_window_xlm: "0.05".to_owned(),
            misses_allowed: 1,
            renewable_from: "2026-03-12T00:00:00Z".to_owned(),
            next_proof: None,
            price_xlm_per_gib_month: "0.3".to_owned(),
            deposit_xlm: "5".to_owned(),
            collateral_xlm: "1".to_owned(),
            paid_xlm: "0.75".to_owned(),
            held_xlm: "6".to_owned(),
            left_xlm: "4.25".to_owned(),
            leaf_count: 1 << 20,
            auto_renew: false,
            escrow: None,
        }
    }

    #[test]
    fn a_table_has_a_line_of_names_and_one_for_each_agreement() {
        let told = table(&[agreement()]);
        let lines: Vec<&str> = told.split_terminator("\r\n").collect();
        let columns: Vec<_> = lines.iter().map(|line| line.split(',').count()).collect();
        assert_eq!(columns, [20, 20]);
        assert_eq!(
            lines[1],
            "7,host,active,12D3KooHost,\"'=cmd(1)\",2026-01-01T00:00:00Z,2026-04-02T00:00:00Z,4,1,1,1073741824,0.3,5,1,0.75,6,4.25,no,,PMR."
        );
        assert_eq!(table(&[]).lines().count(), 1);
    }

    #[test]
    fn no_field_is_a_formula_and_none_breaks_out_of_its_place() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@x", "\"'@x\""),
            ("\tx", "\"'\tx\""),
        ] {
            assert_eq!(field(text), expected);
        }
    }

    #[test]
    fn what_has_the_name_stays_unless_somebody_said_that_it_may_go() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("agreements.csv");
        write(&[agreement()], &target, Existing::Stays).unwrap();
        let first = std::fs::read(&target).unwrap();
        let refused = write(&[], &target, Existing::Stays).unwrap_err();
        assert_eq!((refused.code, std::fs::read(&target).unwrap()), (ErrorCode::Conflict, first));
        write(&[], &target, Existing::GivesWay).unwrap();
        assert!(std::fs::read_to_string(&target).unwrap().ends_with("proofs\r\n"));
        let nowhere = write(&[], &dir.path().join("no/such"), Existing::Stays).unwrap_err();
        assert_eq!(nowhere.code, ErrorCode::LocalFile);
    }
}
