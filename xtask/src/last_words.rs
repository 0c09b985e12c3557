//! What a program printed last, kept while it is passed on: of a long log often only the end is read.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

/// Enough for the names that every runner of tests here prints at its end.
const LINES: usize = 8;
/// Of a longer line only the beginning is kept.
const LINE_BYTES: usize = 160;
/// How long an ended program's output is waited for. What it left running may hold the pipe open for ever.
const AFTER_THE_END: Duration = Duration::from_secs(5);

/// Passes on what comes from any number of pipes and remembers the last lines of all of them.
pub(crate) struct LastWords {
    lines: Arc<Mutex<VecDeque<String>>>,
    ended: (mpsc::Sender<()>, mpsc::Receiver<()>),
    pipes: usize,
}

impl LastWords {
    pub(crate) fn new() -> Self {
        Self { lines: Arc::default(), ended: mpsc::channel(), pipes: 0 }
    }

    /// Reads `from` in a thread until it ends.
    pub(crate) fn pass(&mut self, mut from: impl Read + Send + 'static, mut to: impl Write + Send + 'static) {
        let (lines, ended) = (Arc::clone(&self.lines), self.ended.0.clone());
        self.pipes += 1;
        thread::spawn(move || {
            let mut chunk = [0; 8192];
            let mut line = Vec::new();
            while let Some(read) = from.read(&mut chunk).ok().filter(|read| *read > 0) {
                let chunk = chunk.get(..read).unwrap_or_default();
                // Where nobody reads any more, the program shall still come to its end.
                let _ = to.write_all(chunk).and_then(|()| to.flush());
                for byte in chunk {
                    if *byte == b'\n' {
                        keep(&lines, &String::from_utf8_lossy(&line));
                        line.clear();
                    } else if line.len() < LINE_BYTES {
                        line.push(*byte);
                    }
                }
            }
            keep(&lines, &String::from_utf8_lossy(&line));
            let _ = ended.send(());
        });
    }

    /// The last lines, once the program has ended.
    pub(crate) fn take(self) -> Vec<String> {
        for _ in 0..self.pipes {
            if self.ended.1.recv_timeout(AFTER_THE_END).is_err() {
                break;
            }
        }
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }
}

fn keep(lines: &Mutex<VecDeque<String>>, line: &str) {
    let line = line.trim_end();
    if line.is_empty() {
        return;
    }
    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
    if lines.len() == LINES {
        lines.pop_front();
    }
    lines.push_back(line.to_owned());
}

#[cfg(test)]
mod tests {
    use super::{LINES, LastWords};

    #[test]
    fn the_last_lines_are_kept_and_all_are_passed_on() {
        let lines: Vec<String> = (0..20).map(|number| format!("line {number}\n\n")).collect();
        let text = lines.concat();
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let mut words = LastWords::new();
        words.pass(std::io::Cursor::new(text.clone()), writer);
        let passed = std::io::read_to_string(reader).expect("what was passed on");
        let kept = words.take();
        assert_eq!(passed, text);
        assert_eq!(kept.len(), LINES);
        assert_eq!(kept.last().map(String::as_str), Some("line 19"));
    }

    #[test]
    fn a_pipe_that_something_left_behind_holds_open_is_not_waited_for() {
        let (reader, _held) = std::io::pipe().expect("a pipe");
        let mut words = LastWords::new();
        words.pass(reader, std::io::sink());
        assert!(words.take().is_empty());
    }
}
