//! Scanning ten thousand documents beside the peers, as a table of ratios.

mod corpus;

use crate::run::{Outcome, root, run, target, works};
use crate::test::skip;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often the scan of all documents and of one are timed; the best counts.
const RUNS: usize = 5;
const STARTS: usize = 20;

/// Peers in Go: name, package, module with its version.
const IN_GO: [(&str, &str, &str); 3] = [
    (
        "gator",
        "github.com/open-policy-agent/gatekeeper/v3/cmd/gator",
        "github.com/open-policy-agent/gatekeeper/v3@v3.23.1",
    ),
    ("conftest", "github.com/open-policy-agent/conftest", "github.com/open-policy-agent/conftest@v0.71.1"),
    ("kube-score", "github.com/zegl/kube-score/cmd/kube-score", "github.com/zegl/kube-score@v1.20.0"),
];

/// A command that scans; what it is to scan comes last.
struct Scanner {
    name: &'static str,
    line: Vec<String>,
}

#[derive(Default)]
struct Measured {
    whole: Duration,
    /// Until the first byte of the output.
    first: Duration,
    /// One document in one file.
    start: Duration,
    /// Peak memory in KiB, where `/usr/bin/time` tells it.
    memory: Option<u64>,
    lines: usize,
}

/// Scans so many documents with everything that can be had, and prints the table.
pub(crate) fn scan(documents: usize) -> Outcome {
    let folder = target().join("scan");
    let (all, one) = (folder.join("all"), folder.join("one"));
    let made = |error: std::io::Error| format!("{}: {error}", folder.display());
    corpus::write(&one, 1).map_err(made)?;
    let corpus = corpus::write(&all, documents).map_err(made)?;
    let megabytes = corpus.bytes as f64 / 1e6;
    println!("{documents} documents, {megabytes:.1} MB, {} findings of five rules\n", corpus.faults);

    run("cargo", &["build", "--release", "--package", "kordon-cli"], &[])?;
    let kordon = target().join("release/kordon");
    let policies = root().join("benches/scan/policies.yaml");
    let kordon = |name, jobs: &[&str]| {
        let line = [
            &[text(&kordon), "check".into(), "-o".into(), "github".into()][..],
            &["-p".into(), text(&policies)],
        ];
        let jobs = jobs.iter().map(|&word| word.to_owned());
        Scanner { name, line: line.concat().into_iter().chain(jobs).collect() }
    };
    let mut scanners = vec![kordon("kordon", &[]), kordon("kordon -j 1", &["-j", "1"])];
    scanners.extend(regorus());
    scanners.extend(IN_GO.into_iter().filter_map(in_go));

    let mut own = None;
    println!(
        "{:<12}{:>14}{:>10}{:>14}{:>14}{:>14}{:>10}",
        "", "all", "", "memory", "first output", "one file", "findings"
    );
    for scanner in &scanners {
        let measured = scanner.measure(&all, &one)?;
        if scanner.name.starts_with("kordon") && measured.lines != corpus.faults {
            return Err(format!("{} finds {} of {} faults", scanner.name, measured.lines, corpus.faults));
        }
        let own = *own.get_or_insert(measured.whole.as_secs_f64());
        let memory =
            measured.memory.map_or("-".to_owned(), |memory| format!("{:.0} MiB", memory as f64 / 1024.0));
        println!(
            "{:<12}{:>14}{:>10}{:>14}{:>14}{:>14}{:>10}",
            scanner.name,
            shown(measured.whole),
            format!("{:.2} x", measured.whole.as_secs_f64() / own),
            memory,
            shown(measured.first),
            shown(measured.start),
            measured.lines,
        );
    }
    Ok(())
}

fn shown(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn text(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.to_string_lossy().into_owned()
}

impl Scanner {
    fn measure(&self, all: &Path, one: &Path) -> Result<Measured, String> {
        let mut best = Measured { whole: Duration::MAX, start: Duration::MAX, ..Measured::default() };
        // Slow ones are measured once.
        for number in 0..RUNS {
            let (whole, first, lines) = self.time(all)?;
            if whole < best.whole {
                best = Measured { whole, first, lines, ..best };
            }
            if number == 0 && whole > Duration::from_secs(10) {
                break;
            }
        }
        for _ in 0..STARTS {
            best.start = best.start.min(self.time(one)?.0);
        }
        best.memory = self.memory(all);
        Ok(best)
    }

    /// How long it takes, until when nothing is written, and how many findings are.
    fn time(&self, input: &Path) -> Result<(Duration, Duration, usize), String> {
        let failed = |error: std::io::Error| format!("{}: {error}", self.name);
        let begun = Instant::now();
        let mut child = self.command(input).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let mut output = Vec::new();
        let mut first = None;
        if let Some(mut pipe) = child.stdout.take() {
            let mut block = [0; 65_536];
            while let Ok(count @ 1..) = pipe.read(&mut block) {
                first.get_or_insert_with(|| begun.elapsed());
                output.extend_from_slice(block.get(..count).unwrap_or_default());
            }
        }
        child.wait().map_err(failed)?;
        let whole = begun.elapsed();
        let lines = output.iter().filter(|byte| **byte == b'\n').count();
        Ok((whole, first.unwrap_or(whole), lines))
    }

    fn command(&self, input: &Path) -> Command {
        let mut line = self.line.iter();
        let mut command = Command::new(line.next().map_or("", String::as_str));
        command.args(line).arg(text(input)).current_dir(root()).stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn memory(&self, input: &Path) -> Option<u64> {
        let told = target().join("scan/memory");
        let mut command = Command::new("/usr/bin/time");
        command.args(["-f", "%M", "-o", &text(&told)]).args(&self.line).arg(text(input));
        command.current_dir(root()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().ok()?;
        std::fs::read_to_string(told).ok()?.lines().last()?.trim().parse().ok()
    }
}

fn regorus() -> Option<Scanner> {
    let manifest = "benches/peers/regorus/Cargo.toml";
    let built = target().join("peers/regorus");
    let build = ["build", "--release", "--quiet", "--manifest-path", manifest, "--target-dir", &text(&built)];
    if run("cargo", &build, &[]).is_err() {
        skip("the crate regorus", "the scan with regorus");
        return None;
    }
    let policy = root().join("benches/scan/rego/five.rego");
    Some(Scanner { name: "regorus", line: vec![text(&built.join("release/regorus-scan")), text(&policy)] })
}

fn in_go((name, package, module): (&'static str, &str, &str)) -> Option<Scanner> {
    let folder = target().join("peers/go").join(name);
    let binary = folder.join(name);
    if !binary.is_file() && !build_in_go(&folder, name, package, module) {
        skip(module, &format!("the scan with {name}"));
        return None;
    }
    let policies = |name: &str| text(&root().join("benches/scan").join(name));
    let rest = match name {
        "gator" => vec!["test".to_owned(), "-f".to_owned(), policies("gator"), "-f".to_owned()],
        "conftest" => ["test", "--no-color", "--policy"]
            .map(str::to_owned)
            .into_iter()
            .chain([policies("rego")])
            .collect(),
        // Its rules are its own; it takes files, not folders.
        _ => {
            return Some(Scanner {
                name,
                line: vec![
                    "sh".into(),
                    "-c".into(),
                    format!("exec {} score --output-format ci \"$0\"/*", text(&binary)),
                ],
            });
        }
    };
    Some(Scanner { name, line: [vec![text(&binary)], rest].concat() })
}

/// Builds a program of a module in a module of its own.
fn build_in_go(folder: &PathBuf, name: &str, package: &str, module: &str) -> bool {
    let _ = std::fs::create_dir_all(folder);
    let go = |arguments: &[&str]| {
        eprintln!("xtask: go {}", arguments.join(" "));
        let mut command = Command::new("go");
        let status = command
            .args(arguments)
            .current_dir(folder)
            .env("GOFLAGS", "-mod=mod")
            .stdin(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    };
    works("go", &["version"])
        && (folder.join("go.mod").is_file() || go(&["mod", "init", &format!("peers/{name}")]))
        && go(&["get", module])
        && go(&["get", package])
        && go(&["build", "-o", name, package])
}
