//! The files of a package, as they shall lie on the machine that installs it.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::shell::{Failure, Program};

/// A directory with the files, and where each goes.
pub(crate) struct Tree {
    dir: PathBuf,
    files: Map<String, Value>,
}

impl Tree {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir, files: Map::new() }
    }

    /// Where each file goes, and where it is.
    pub(crate) fn files(&self) -> &Map<String, Value> {
        &self.files
    }

    /// Something that is run.
    pub(crate) fn program(&mut self, to: &str, from: &Path) -> Result<(), Failure> {
        self.install(to, from, "755")
    }

    /// A file of the checkout.
    pub(crate) fn file(&mut self, to: &str, from: &Path) -> Result<(), Failure> {
        self.install(to, from, "644")
    }

    /// A file with this text.
    pub(crate) fn text(&mut self, to: &str, text: &str) -> Result<(), Failure> {
        let written = self.dir.join("text");
        std::fs::create_dir_all(&self.dir).map_err(Failure::at(&self.dir))?;
        std::fs::write(&written, text).map_err(Failure::at(&written))?;
        self.install(to, &written, "644")
    }

    /// A file with this text, compressed without the time, so that the same text makes the same bytes.
    pub(crate) fn compressed(&mut self, to: &str, text: &str) -> Result<(), Failure> {
        self.text(to, text)?;
        Program::new("gzip").args(["-9", "-n", "-f"]).args([self.at(to)]).run()?;
        self.files.remove(to);
        let to = format!("{to}.gz");
        let at = self.at(&to);
        self.files.insert(to, json!(at));
        Ok(())
    }

    /// Whatever the checkout's modes are, the package's are these.
    fn install(&mut self, to: &str, from: &Path, mode: &str) -> Result<(), Failure> {
        let at = self.at(to);
        Program::new("install").args(["-D", "-m", mode]).args([from, &at]).run()?;
        self.files.insert(to.to_owned(), json!(at));
        Ok(())
    }

    fn at(&self, to: &str) -> PathBuf {
        self.dir.join(to.trim_start_matches('/'))
    }
}
