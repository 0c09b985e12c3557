//! Running other programs, and saying what is going on.

use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead as _, BufReader, IsTerminal as _, stderr, stdout};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use crate::last_words::LastWords;

/// Why a task ended early: a sentence for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    usage: bool,
    last_words: Vec<String>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), usage: false, last_words: Vec::new() }
    }

    /// The command line makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { usage: true, ..Self::new(message) }
    }

    pub(crate) fn is_usage(&self) -> bool {
        self.usage
    }

    /// What the program printed last that failed, where no terminal showed it.
    pub(crate) fn last_words(&self) -> &[String] {
        &self.last_words
    }

    /// For file operations: `.map_err(Failure::at(path))`.
    pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |error| Self::new(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Refuses arguments that a task does not take.
pub(crate) fn no_arguments(rest: &[String]) -> Result<(), Failure> {
    match rest.first() {
        Some(argument) => Err(Failure::usage(format!("unexpected argument {argument:?}"))),
        None => Ok(()),
    }
}

/// A heading between the steps of a task, on standard error so that results alone are on standard output.
pub(crate) fn section(title: &str) {
    eprintln!("\n==> {title}");
}

/// One program with its arguments, as a person would type it.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
}

impl Program {
    pub(crate) fn new(name: impl AsRef<OsStr>) -> Self {
        Self { command: Command::new(name) }
    }

    pub(crate) fn cargo() -> Self {
        // Cargo names itself to what it runs, so that a pinned toolchain stays the same all the way down.
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Runs it in the foreground; anything but success is a failure.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        eprintln!("  $ {}", self.line());
        // At a terminal programs show their progress, which they do not do into a pipe.
        if !stdout().is_terminal() {
            self.command.stdout(Stdio::piped());
        }
        if !stderr().is_terminal() {
            self.command.stderr(Stdio::piped());
        }
        let mut child = self.command.spawn().map_err(|error| self.cannot_start(&error))?;
        let mut words = LastWords::new();
        if let Some(output) = child.stdout.take() {
            words.pass(output, stdout());
        }
        if let Some(output) = child.stderr.take() {
            words.pass(output, stderr());
        }
        let status = child.wait().map_err(|error| Failure::new(format!("cannot wait for it: {error}")))?;
        let last_words = words.take();
        self.checked(status).map_err(|failure| Failure { last_words, ..failure })
    }

    /// Runs it in the foreground and hands over each line of its standard output as it comes.
    pub(crate) fn run_lines(mut self, mut each: impl FnMut(&str)) -> Result<(), Failure> {
        eprintln!("  $ {}", self.line());
        let mut child =
            self.command.stdout(Stdio::piped()).spawn().map_err(|error| self.cannot_start(&error))?;
        let unreadable = |error: std::io::Error| Failure::new(format!("its output cannot be read: {error}"));
        for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).lines()) {
            each(&line.map_err(unreadable)?);
        }
        let status = child.wait().map_err(unreadable)?;
        self.checked(status)
    }

    /// Runs it and returns what it prints on standard output.
    pub(crate) fn output(mut self) -> Result<String, Failure> {
        self.command.stderr(Stdio::inherit());
        let output = self.command.output().map_err(|error| self.cannot_start(&error))?;
        self.checked(output.status)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// What it prints, or `None` where it is missing or fails; silent.
    pub(crate) fn probe(mut self) -> Option<String> {
        let output = self.command.stderr(Stdio::null()).stdin(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Starts it in the background.
    pub(crate) fn start(mut self, stdout: Stdio) -> Result<std::process::Child, Failure> {
        eprintln!("  $ {} &", self.line());
        self.command.stdin(Stdio::null()).stdout(stdout);
        self.command.spawn().map_err(|error| self.cannot_start(&error))
    }

    fn line(&self) -> String {
        let program = Path::new(self.command.get_program()).file_name().unwrap_or_default();
        let words = std::iter::once(program).chain(self.command.get_args());
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    fn cannot_start(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("cannot start `{}`: {error}", self.command.get_program().to_string_lossy()))
    }

    fn checked(&self, status: ExitStatus) -> Result<(), Failure> {
        if status.success() {
            return Ok(());
        }
        Err(Failure::new(format!("`{}` failed ({status})", self.line())))
    }
}
