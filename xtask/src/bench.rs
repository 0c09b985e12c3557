//! Measurements in release mode. What they print on standard output is one JSON document a line: figure, unit, value,
//! and the ceiling or goal beside it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::shell::{Failure, Program, section};
use crate::{browser, debian, layout, window};

/// One measuring program.
struct Bench {
    name: &'static str,
    program: Measure,
}

/// What measures.
enum Measure {
    /// An example of a crate.
    Example { package: &'static str, example: &'static str },
    /// A script that opens the app in a window.
    Window { script: &'static str },
    /// The page in a browser.
    Page,
}

/// From the inside out: the stages alone first, so that the whole can be held against their sum.
const BENCHES: &[Bench] = &[
    Bench::example("codec", "layr-codec", "stages"),
    Bench::example("vault", "layr-vault", "store"),
    Bench::example("net", "layr-net", "throughput"),
    Bench::example("host", "layr-node", "host_bench"),
    Bench::example("node", "layr-node", "node_bench"),
    Bench::example("audit", "layr-node", "audit_bench"),
    Bench::example("repair", "layr-node", "repair_bench"),
    Bench::example("contract", "layr-ledger", "contract_bench"),
    Bench { name: "app", program: Measure::Window { script: "tests/bench/app.mjs" } },
    Bench { name: "app", program: Measure::Page },
];

impl Bench {
    const fn example(name: &'static str, package: &'static str, example: &'static str) -> Self {
        Self { name, program: Measure::Example { package, example } }
    }

    /// The program, built.
    fn program(&self) -> Result<Program, Failure> {
        match self.program {
            Measure::Example { package, example } => {
                debian::install(debian::TERMINAL)?;
                let args = ["run", "--quiet", "--release", "--locked", "-p", package, "--example", example];
                Ok(Program::cargo().args(args).dir(layout::root()))
            }
            Measure::Window { script } => {
                window::build_all(&["--release".to_owned()])?;
                window::node_with("release", &[script])
            }
            Measure::Page => browser::figures(),
        }
    }
}

/// Shards' bytes a byte of content at 10 of 30, which the network's measurement uses.
const EXPANSION: f64 = 3.0;

/// What the owner's node costs beyond the stages that it is made of, from figures of the same run.
const RATIOS: &[Ratio] = &[
    Ratio {
        figure: "upload: owner beside the sum of its stages",
        whole: "upload: owner",
        stages: &[("file_to_shards", 1.0), ("net-tcp-sender-cpu", EXPANSION)],
        goal: Some(1.25),
    },
    Ratio {
        figure: "download: owner beside the sum of its stages",
        whole: "download: owner",
        stages: &[("shards_to_file_without_loss", 1.0), ("net-tcp-receiver-cpu", 1.0)],
        goal: None,
    },
];

/// A figure over the sum of others, all in CPU seconds per GiB.
struct Ratio {
    figure: &'static str,
    whole: &'static str,
    /// Figures, and how often each is paid.
    stages: &'static [(&'static str, f64)],
    goal: Option<f64>,
}

impl Ratio {
    /// `None` unless all of its figures were measured.
    fn of(&self, figures: &BTreeMap<String, f64>) -> Option<f64> {
        let stage = |(name, times): &(&str, f64)| figures.get(*name).map(|value| value * times);
        let sum: Option<f64> = self.stages.iter().map(stage).sum();
        Some(figures.get(self.whole)? / sum?)
    }
}

pub(crate) fn run(rest: &[String]) -> Result<(), Failure> {
    let known = || {
        let mut names: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
        names.dedup();
        names.join(", ")
    };
    if let Some(unknown) = rest.iter().find(|name| !BENCHES.iter().any(|bench| bench.name == **name)) {
        return Err(Failure::usage(format!("there is no measurement {unknown:?}; there are {}", known())));
    }
    let mut figures = BTreeMap::new();
    for bench in BENCHES.iter().filter(|bench| rest.is_empty() || rest.iter().any(|name| name == bench.name))
    {
        section(bench.name);
        bench.program()?.run_lines(|line| {
            println!("{line}");
            figures.extend(figure_of(line));
        })?;
    }
    for ratio in RATIOS {
        if let Some(value) = ratio.of(&figures) {
            let value = (value * 1000.0).round() / 1000.0;
            let line = json!({ "figure": ratio.figure, "unit": "ratio", "value": value, "goal": ratio.goal });
            println!("{line}");
        }
    }
    Ok(())
}

fn figure_of(line: &str) -> Option<(String, f64)> {
    let document: Value = serde_json::from_str(line).ok()?;
    Some((document.get("figure")?.as_str()?.to_owned(), document.get("value")?.as_f64()?))
}
