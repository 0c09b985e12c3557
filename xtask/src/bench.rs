//! Measurements in release mode. What they print on standard output is one JSON document a line: figure, unit, value,
//! and the ceiling or goal beside it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::debian;
use crate::layout;
use crate::shell::{Failure, Program, section};

/// One measuring program: an example of a crate.
struct Bench {
    name: &'static str,
    package: &'static str,
    example: &'static str,
    args: &'static [&'static str],
}

/// From the inside out: the stages alone first, so that the whole can be held against their sum.
const BENCHES: &[Bench] = &[
    Bench { name: "codec", package: "layr-codec", example: "stages", args: &[] },
    Bench { name: "vault", package: "layr-vault", example: "store", args: &[] },
    Bench { name: "net", package: "layr-net", example: "throughput", args: &[] },
    Bench { name: "host", package: "layr-node", example: "host_bench", args: &[] },
    Bench { name: "node", package: "layr-node", example: "node_bench", args: &[] },
];

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
    let known = || BENCHES.iter().map(|bench| bench.name).collect::<Vec<_>>().join(", ");
    if let Some(unknown) = rest.iter().find(|name| !BENCHES.iter().any(|bench| bench.name == **name)) {
        return Err(Failure::usage(format!("there is no measurement {unknown:?}; there are {}", known())));
    }
    debian::install(debian::TERMINAL)?;
    let mut figures = BTreeMap::new();
    for bench in BENCHES.iter().filter(|bench| rest.is_empty() || rest.iter().any(|name| name == bench.name))
    {
        section(bench.name);
        Program::cargo()
            .args([
                "run",
                "--quiet",
                "--release",
                "--locked",
                "-p",
                bench.package,
                "--example",
                bench.example,
                "--",
            ])
            .args(bench.args)
            .dir(layout::root())
            .run_lines(|line| {
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
