//! One home, and the `layr` commands that run in it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A home and the program that works in it.
#[derive(Debug, Clone)]
pub struct Layr {
    program: PathBuf,
    home: PathBuf,
    passphrase_file: PathBuf,
    environment: Vec<(String, OsString)>,
    /// The program that runs the program, with its arguments.
    runner: Vec<OsString>,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    /// Exit code; −1 when a signal ended it.
    pub code: i32,
    /// The one JSON document, `Null` when there was none.
    pub json: Value,
    /// Standard output as it was.
    pub stdout: Vec<u8>,
    /// Standard error as it was.
    pub stderr: String,
}

impl Layr {
    /// The `program` in `home`; key files open with the passphrase in `passphrase_file`.
    pub fn new(program: &Path, home: &Path, passphrase_file: &Path) -> Self {
        Self {
            program: program.to_path_buf(),
            home: home.to_path_buf(),
            passphrase_file: passphrase_file.to_path_buf(),
            environment: Vec::new(),
            runner: Vec::new(),
        }
    }

    /// The same home, whose commands, its node among them, find these variables in their environment.
    #[must_use]
    pub fn with_environment(&self, variables: &[(&str, &OsStr)]) -> Self {
        let environment =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { environment, ..self.clone() }
    }

    /// The same home, whose commands, its node among them, are run by this program, which must become them (`exec`).
    #[must_use]
    pub fn run_by<S: AsRef<OsStr>>(&self, runner: &[S]) -> Self {
        let runner = runner.iter().map(|word| word.as_ref().to_owned()).collect();
        Self { runner, ..self.clone() }
    }

    /// The home directory.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// A command in this home, not started; no terminal reaches it, and no keyring but one that a test provides.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut words = self.runner.iter().map(OsString::as_os_str).chain([self.program.as_os_str()]);
        let mut command = Command::new(words.next().expect("the program at least"));
        command
            .args(words)
            .arg("--home")
            .arg(&self.home)
            .args(arguments)
            .env("LAYR_PASSPHRASE_FILE", &self.passphrase_file)
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command with `--json` to its end.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Answer {
        let mut command = self.command(arguments);
        command.arg("--json");
        answer(command)
    }

    /// Runs a command with `--json` that must succeed, and gives its document.
    pub fn ok<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Value {
        let shown: Vec<String> =
            arguments.iter().map(|part| part.as_ref().to_string_lossy().into_owned()).collect();
        let answer = self.run(arguments);
        assert_eq!(answer.code, 0, "layr {} failed: {} {}", shown.join(" "), answer.json, answer.stderr);
        answer.json
    }

    /// Runs a command with `--json` that must fail with `code`, and gives its error object.
    pub fn fails<S: AsRef<OsStr>>(&self, code: i32, arguments: &[S]) -> Value {
        let shown: Vec<String> =
            arguments.iter().map(|part| part.as_ref().to_string_lossy().into_owned()).collect();
        let answer = self.run(arguments);
        assert_eq!(answer.code, code, "layr {}: {} {}", shown.join(" "), answer.json, answer.stderr);
        let error = answer.json.get("error").cloned().unwrap_or(Value::Null);
        let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
        assert!(!message.is_empty(), "a failure must say what happened: {}", answer.json);
        error
    }
}

/// Runs `command` to its end.
pub fn answer(mut command: Command) -> Answer {
    finished(command.spawn().expect("the program under test must start"))
}

/// What a command that runs already answers in the end.
pub fn finished(process: Child) -> Answer {
    let output = process.wait_with_output().expect("the program under test must end");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut documents = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    let json = documents.next().and_then(Result::ok).unwrap_or(Value::Null);
    assert!(documents.next().is_none() || json.is_null(), "more than one JSON document: {text}");
    Answer {
        code: output.status.code().unwrap_or(-1),
        json,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        stdout: output.stdout,
    }
}
