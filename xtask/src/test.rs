//! Everything that continuous integration runs, in steps that can be run alone.

use std::time::{Duration, Instant};

use crate::layout;
use crate::shell::{Failure, Program, section};
use crate::{debian, tools, window};

struct Step {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<(), Failure>,
}

/// Cheap ones first, so that a slip is reported before the long build.
const STEPS: &[Step] = &[
    Step { name: "packages", about: "what the build and the tests need of Debian", run: packages },
    Step { name: "format", about: "cargo fmt", run: format },
    Step { name: "page", about: "the web page: lint, types, tests, build", run: page },
    Step { name: "deny", about: "licences, sources and forbidden crates of the dependency tree", run: deny },
    Step { name: "clippy", about: "lints, warnings denied", run: clippy },
    Step { name: "build", about: "all crates with their tests", run: build },
    Step {
        name: "tests",
        about: "unit, property and architecture tests, networks in one process",
        run: tests,
    },
    Step { name: "faults", about: "processes that are killed at random instants", run: faults },
    Step { name: "nat", about: "home routers in network namespaces", run: nat },
    Step { name: "window", about: "the app under an X server without a screen", run: window::test },
];

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    let mut only = Vec::new();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--list" => {
                for step in STEPS {
                    println!("{:10} {}", step.name, step.about);
                }
                return Ok(());
            }
            "--only" => only.push(named(words.next())?),
            other => return Err(Failure::usage(format!("unexpected argument {other:?}"))),
        }
    }
    let selected: Vec<&Step> = if only.is_empty() { STEPS.iter().collect() } else { only };
    let outcomes: Vec<_> = selected.into_iter().map(perform).collect();
    summarise(&outcomes)
}

fn named(name: Option<&String>) -> Result<&'static Step, Failure> {
    let name = name.ok_or_else(|| Failure::usage("--only needs the name of a step"))?;
    let names = || STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ");
    STEPS
        .iter()
        .find(|step| step.name == name)
        .ok_or_else(|| Failure::usage(format!("there is no step {name:?}; steps are {}", names())))
}

struct Outcome {
    step: &'static Step,
    took: Duration,
    failure: Option<Failure>,
}

fn perform(step: &'static Step) -> Outcome {
    section(&format!("{}: {}", step.name, step.about));
    let start = Instant::now();
    let failure = (step.run)().err();
    if let Some(failure) = &failure {
        eprintln!("xtask: {failure}");
    }
    Outcome { step, took: start.elapsed(), failure }
}

fn summarise(outcomes: &[Outcome]) -> Result<(), Failure> {
    section("summary");
    for Outcome { step, took, failure } in outcomes {
        let word = if failure.is_some() { "FAILED" } else { "passed" };
        eprintln!("  {word}  {:10} {:>6.1} s", step.name, took.as_secs_f64());
    }
    let failed: Vec<&str> =
        outcomes.iter().filter(|one| one.failure.is_some()).map(|one| one.step.name).collect();
    eprintln!("{} passed, {} failed", outcomes.len() - failed.len(), failed.len());
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "failed: {}; repeat one alone with `cargo xtask test --only STEP`",
        failed.join(", ")
    )))
}

fn packages() -> Result<(), Failure> {
    debian::install(&[debian::BUILD, debian::WINDOW_TEST, debian::PROCESS_TESTS, debian::NAT_LAB].concat())
}

fn format() -> Result<(), Failure> {
    Program::cargo().args(["fmt", "--all", "--check"]).dir(layout::root()).run()
}

fn page() -> Result<(), Failure> {
    window::install_page()?;
    tools::npm(&["run", "lint"])?.run()?;
    tools::npm(&["test"])?.run()?;
    window::build_page()
}

fn deny() -> Result<(), Failure> {
    // The advisory database lives outside the package registries, out of reach of many build machines.
    let deny = tools::cargo_deny()?;
    Program::new(deny)
        .args(["--workspace", "--all-features", "check", "bans", "licenses", "sources"])
        .dir(layout::root())
        .run()
}

fn clippy() -> Result<(), Failure> {
    window::page_for_the_binary()?;
    workspace("clippy", &["--all-targets", "--", "-D", "warnings"])
}

fn build() -> Result<(), Failure> {
    window::page_for_the_binary()?;
    // All targets at once: the features of a dependency are then the same for programs and tests, and it is built once.
    workspace("build", &["--all-targets"])
}

fn workspace(task: &str, rest: &[&str]) -> Result<(), Failure> {
    Program::cargo().args([task, "--workspace", "--locked"]).args(rest).dir(layout::root()).run()
}

fn tests() -> Result<(), Failure> {
    debian::install(debian::PROCESS_TESTS)?;
    nextest("ci")
}

fn faults() -> Result<(), Failure> {
    debian::install(debian::PROCESS_TESTS)?;
    nextest("faults")
}

fn nat() -> Result<(), Failure> {
    if Program::new("unshare").args(["--net", "--mount", "true"]).probe().is_none() {
        eprintln!("xtask: skipped: this machine does not allow network namespaces (they need root)");
        return Ok(());
    }
    debian::install(debian::NAT_LAB)?;
    nextest("nat")
}

fn nextest(profile: &str) -> Result<(), Failure> {
    build()?;
    let nextest = tools::cargo_nextest()?;
    Program::new(nextest)
        .args(["nextest", "run", "--workspace", "--locked", "--profile", profile])
        .dir(layout::root())
        .run()
}
