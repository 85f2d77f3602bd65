//! What each Kubernetes version declares, for new and for stored expressions, beside the API server's own environments.
//! The list is recorded; with `KORDON_RECORD` and `KORDON_ORACLE` it is asked again.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use kordon::cel::environment::{Env, EnvType, Version};
use kordon::cel::types::Declared;
use kordon_differential::oracle_path;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../recorded/env.jsonl")
}

fn questions() -> Vec<Value> {
    let versions = (22..=37).map(|minor| json!({"version": format!("1.{minor}")}));
    let stored = [22, 30, 37].map(|minor| json!({"version": format!("1.{minor}"), "stored": true}));
    versions
        .chain(stored)
        .enumerate()
        .map(|(id, mut question)| {
            question["id"] = json!(id);
            question
        })
        .collect()
}

fn ask(oracle: &Path) -> Vec<Value> {
    let mut child = Command::new(oracle)
        .args(["batch", "env"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: String = questions().iter().map(|question| format!("{question}\n")).collect();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Each answer holds what the one before it did not have.
fn recorded() -> Vec<BTreeSet<String>> {
    let text = std::fs::read_to_string(path()).unwrap();
    let mut before = BTreeSet::new();
    let sets = text.lines().map(|line| {
        let value: Value = serde_json::from_str(line).unwrap();
        let names = |field: &str| -> Vec<String> {
            value[field].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        for gone in names("removed") {
            before.remove(&gone);
        }
        before.extend(names("added"));
        before.clone()
    });
    sets.collect()
}

fn record(answers: &[BTreeSet<String>]) {
    let mut before = BTreeSet::new();
    let mut text = String::new();
    for (question, answer) in questions().iter().zip(answers) {
        let added: Vec<&String> = answer.difference(&before).collect();
        let removed: Vec<&String> = before.difference(answer).collect();
        text.push_str(&json!({"question": question, "added": added, "removed": removed}).to_string());
        text.push('\n');
        before.clone_from(answer);
    }
    std::fs::write(path(), text).unwrap();
}

/// An overload as it is compared; `None` for names of cel-go's own, which no expression can write. Comparisons are one
/// overload for all four operators here, so their ids are left out.
fn comparable(overload: &str) -> Option<&str> {
    let (id, call) = overload.split_once(": ").unwrap();
    let old = call.starts_with("_in_(") || call.starts_with("in(");
    if old || id.starts_with("@mapInsert") || id == "__not_strictly_false__" {
        return None;
    }
    let comparison = ["_<_(", "_<=_(", "_>_(", "_>=_("].iter().any(|operator| call.starts_with(operator));
    Some(if comparison { call } else { overload })
}

fn declared(question: &Value) -> BTreeSet<String> {
    let version: Version = question["version"].as_str().unwrap().parse().unwrap();
    let stored = question["stored"] == json!(true);
    let kind = if stored { EnvType::StoredExpressions } else { EnvType::NewExpressions };
    let env = Env::kubernetes_for(kind, version);
    let overloads = env.functions().flat_map(|function| {
        function.overloads.iter().map(|overload| {
            let mut args: Vec<String> = overload.args.iter().map(|arg| Declared(arg).to_string()).collect();
            let receiver = if overload.receiver { format!("{}.", args.remove(0)) } else { String::new() };
            let (name, args) = (function.name, args.join(", "));
            format!("{}: {receiver}{name}({args}) -> {}", overload.id, Declared(&overload.result))
        })
    });
    overloads.filter_map(|overload| comparable(&overload).map(str::to_owned)).collect()
}

#[test]
fn every_version_declares_what_the_api_server_does() {
    if let Some(oracle) = oracle_path() {
        let answers: Vec<BTreeSet<String>> = ask(Path::new(&oracle))
            .iter()
            .map(|answer| {
                let functions = answer["functions"].as_array().unwrap().iter();
                functions.filter_map(|name| comparable(name.as_str().unwrap()).map(str::to_owned)).collect()
            })
            .collect();
        if std::env::var_os("KORDON_RECORD").is_some() {
            record(&answers);
        }
        assert!(answers == recorded(), "{} is not what the oracle says", path().display());
    }
    for (question, wanted) in questions().iter().zip(recorded()) {
        let got = declared(question);
        let lacks: Vec<_> = wanted.difference(&got).collect();
        let more: Vec<_> = got.difference(&wanted).collect();
        assert!(lacks.is_empty() && more.is_empty(), "{question}\n  lacks {lacks:#?}\n  has {more:#?}");
    }
}
