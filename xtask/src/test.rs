//! Everything that continuous integration runs, in steps that can be run alone.

use std::time::{Duration, Instant};

use crate::layout;
use crate::shell::{Failure, Program, section};
use crate::{browser, debian, ledger, package, tools, window};

struct Step {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<(), Failure>,
    /// Why this machine cannot run it, if it cannot.
    obstacle: fn() -> Option<&'static str>,
}

impl Step {
    const fn new(name: &'static str, about: &'static str, run: fn() -> Result<(), Failure>) -> Self {
        Self { name, about, run, obstacle: || None }
    }
}

/// Cheap ones first, so that a slip is reported before the long build.
const STEPS: &[Step] = &[
    Step::new("packages", "what the build and the tests need of Debian", packages),
    Step::new("format", "cargo fmt", format),
    Step::new("page", "the web page: lint, types, tests, build", page),
    Step::new("deny", "licences, sources and forbidden crates of the dependency tree", deny),
    Step::new("clippy", "lints, warnings denied", clippy),
    Step::new("build", "all crates with their tests", build),
    Step::new("tests", "unit, property and architecture tests, networks in one process and in many", tests),
    Step::new("faults", "power cuts, full and rotten disks, strange files", faults),
    Step { obstacle: nat_obstacle, ..Step::new("nat", "home routers in network namespaces", nat) },
    Step::new("ledger", "the official JavaScript SDK on the local ledger", ledger::test),
    Step::new("browser", "the page in a browser, on a real node and a network of processes", browser::test),
    Step::new("window", "the app under an X server without a screen", window::test),
    Step {
        obstacle: package::obstacle,
        ..Step::new("package", "the .deb: installed, opened from the desktop, removed", package::test)
    },
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
    result: Result<Done, Failure>,
}

enum Done {
    Passed,
    Skipped,
}

fn perform(step: &'static Step) -> Outcome {
    section(&format!("{}: {}", step.name, step.about));
    let start = Instant::now();
    let result = match (step.obstacle)() {
        None => (step.run)().map(|()| Done::Passed),
        Some(reason) => {
            eprintln!("xtask: skipped: {reason}");
            Ok(Done::Skipped)
        }
    };
    if let Err(failure) = &result {
        eprintln!("xtask: {failure}");
    }
    Outcome { step, took: start.elapsed(), result }
}

fn summarise(outcomes: &[Outcome]) -> Result<(), Failure> {
    section("summary");
    for Outcome { step, took, result } in outcomes {
        let word = match result {
            Ok(Done::Passed) => "passed",
            Ok(Done::Skipped) => "skipped",
            Err(_) => "FAILED",
        };
        eprintln!("  {word:7}  {:10} {:>6.1} s", step.name, took.as_secs_f64());
        if let Err(failure) = result {
            // Once more down here: of a long log often only the end is kept.
            eprintln!("           {failure}");
            for line in failure.last_words() {
                eprintln!("           | {line}");
            }
        }
    }
    let failed: Vec<&str> =
        outcomes.iter().filter(|one| one.result.is_err()).map(|one| one.step.name).collect();
    let skipped = outcomes.iter().filter(|one| matches!(one.result, Ok(Done::Skipped))).count();
    eprintln!(
        "{} passed, {} failed, {skipped} skipped",
        outcomes.len() - failed.len() - skipped,
        failed.len()
    );
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "failed: {}; repeat one alone with `cargo xtask test --only STEP`",
        failed.join(", ")
    )))
}

fn packages() -> Result<(), Failure> {
    debian::install(
        &[debian::BUILD, debian::BROWSER_TEST, debian::WINDOW_TEST, debian::PROCESS_TESTS, debian::NAT_LAB]
            .concat(),
    )
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
    workspace("clippy", &["--all-targets", "--", "-D", "warnings"])?;
    fuzz_targets()
}

/// They are a workspace of their own, which nothing else here compiles.
fn fuzz_targets() -> Result<(), Failure> {
    Program::cargo()
        .args(["check", "--manifest-path", "fuzz/Cargo.toml", "--locked"])
        .dir(layout::root())
        .env("CARGO_TARGET_DIR", layout::target())
        // The fuzzer's runtime in C++ takes long to compile, and a check links nothing: any name does.
        .env("CUSTOM_LIBFUZZER_PATH", layout::target().join("libfuzzer.a"))
        .run()
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

/// Without root there is nothing to try. Where continuous integration has root, namespaces that are refused all the same fail
/// the step: skipped for ever, it would be a test that nobody misses.
fn nat_obstacle() -> Option<&'static str> {
    let is_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    match (is_root(), allows_namespaces()) {
        (_, true) => None,
        (true, false) if is_ci => None,
        (true, false) => Some("this machine does not allow network namespaces"),
        (false, false) => Some("network namespaces need root"),
    }
}

fn is_root() -> bool {
    Program::new("id").args(["-u"]).probe().is_some_and(|id| id.trim() == "0")
}

fn allows_namespaces() -> bool {
    Program::new("unshare").args(["--net", "--mount", "true"]).probe().is_some()
}

fn nat() -> Result<(), Failure> {
    if !allows_namespaces() {
        return Err(Failure::new(
            "root may not make network namespaces here, and this step is not skipped where CI is set",
        ));
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
