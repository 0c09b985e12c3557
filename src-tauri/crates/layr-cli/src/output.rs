//! What people and scripts see: one JSON document, or lines and tables.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use crate::failure::{Outcome, local};

/// Writes a line to standard output. A reader that went away (`layr ls | head`) is no failure.
///
/// # Errors
/// The line could not be written.
pub(crate) fn stdout_line(line: &str) -> Outcome<()> {
    written_or_unread(write_stdout_line(line))
}

/// As [`stdout_line`], where it matters that somebody was there to read it.
pub(crate) fn write_stdout_line(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush())
}

/// What a write to standard output came to: a reader that has gone away had all that it wanted.
pub(crate) fn written_or_unread(written: io::Result<()>) -> Outcome<()> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(local("cannot write to standard output", &error))
        }
        _ => Ok(()),
    }
}

/// Writes a line to standard error.
pub(crate) fn stderr_line(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Prints a report: as JSON where a script asked for it, else as `human` words it.
///
/// # Errors
/// As [`stdout_line`].
pub(crate) fn print<T: Serialize>(json: bool, report: &T, human: impl FnOnce(&T) -> String) -> Outcome<()> {
    let text = text_of(json, report, human);
    if text.is_empty() { Ok(()) } else { stdout_line(&text) }
}

/// What [`print`] prints.
pub(crate) fn text_of<T: Serialize>(json: bool, report: &T, human: impl FnOnce(&T) -> String) -> String {
    if json {
        // A report is made of strings, numbers and lists: it always has a JSON form.
        serde_json::to_string(report).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
    } else {
        human(report)
    }
}

/// Columns aligned by the widest cell; the last one is left as it is. Numbers go to the right.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    right: Vec<bool>,
}

impl Table {
    /// A table with these headings; those that start with `>` are right-aligned.
    pub(crate) fn new(headings: &[&str]) -> Self {
        let right = headings.iter().map(|heading| heading.starts_with('>')).collect();
        let names = headings.iter().map(|heading| heading.trim_start_matches('>').to_owned()).collect();
        Self { rows: vec![names], right }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines; without rows, nothing.
    pub(crate) fn render(&self) -> String {
        if self.rows.len() < 2 {
            return String::new();
        }
        let columns = self.right.len();
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                self.rows
                    .iter()
                    .filter_map(|row| row.get(column))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let lines: Vec<String> = self
            .rows
            .iter()
            .map(|row| {
                let cells: Vec<String> = row
                    .iter()
                    .zip(widths.iter().zip(&self.right))
                    .map(
                        |(cell, (width, right))| {
                            if *right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
                        },
                    )
                    .collect();
                cells.join("  ").trim_end().to_owned()
            })
            .collect();
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_line_up_and_an_empty_table_is_empty() {
        let mut table = Table::new(&["NAME", ">SIZE"]);
        assert_eq!(table.render(), "");
        table.row(vec!["a".to_owned(), "10".to_owned()]);
        table.row(vec!["größer".to_owned(), "5".to_owned()]);
        assert_eq!(table.render(), "NAME    SIZE\na         10\ngrößer     5");
    }
}
