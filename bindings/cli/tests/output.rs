//! The formats for programs, whose shape must not change by accident, and what terminals see.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use support::{Ended, Folder, POD, policy};

fn folder() -> Folder {
    Folder::new(&[
        ("p.yaml", &policy("p", "!object.spec.hostNetwork", "")),
        ("files/pod.yaml", POD),
        ("files/broken, 50%.yaml", "kind: [\n"),
    ])
}

#[test]
fn json() {
    let expected = json!({
        "version": 1,
        "summary": {
            "files": 3, "policies": 1, "objects": 1, "objectsWithFindings": 1,
            "findings": 1, "errors": 1, "warnings": 0,
        },
        "findings": [{
            "policy": "p",
            "binding": "p",
            "index": 0,
            "action": "deny",
            "evaluation": "deny",
            "message": "p says no",
            "reason": "Invalid",
            "object": "Pod default/web",
            "file": "files/pod.yaml",
            "line": 7,
            "column": 3,
            "endColumn": 20,
            "path": "spec.hostNetwork",
            "view": "admitted",
            "expression": "!object.spec.hostNetwork",
        }],
        "problems": [{
            "code": "invalid-syntax",
            "severity": "error",
            "message": "yaml: did not find expected node content",
            "file": "files/broken, 50%.yaml",
            "line": 1,
            "column": 7,
        }],
    });
    let mut report = folder().json(&["-p", "p.yaml", "files"]);
    let fingerprint = report["findings"][0].as_object_mut().unwrap().remove("fingerprint").unwrap();
    assert_eq!(fingerprint.as_str().unwrap().len(), 32);
    assert_eq!(report, expected, "{report:#}");
}

/// A member that the schema of SARIF 2.1.0 requires, or that code scanning services do.
fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {value:#}"))
}

#[test]
fn sarif() {
    let Ended { code, out, err } = folder().run(&["check", "-o", "sarif", "-p", "p.yaml", "files"]);
    assert_eq!((code, err.as_str()), (2, ""));
    let log: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
    let run = &log["runs"][0];
    assert_eq!(text(run, "/tool/driver/name"), "kordon");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!((rules.len(), results.len()), (1, 1));
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(text(result, "/ruleId"), text(rule, "/id"));
        assert_eq!(text(result, "/message/text"), "Pod default/web: p says no");
        assert_eq!(text(result, "/level"), "error");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(text(place, "/artifactLocation/uri"), "files/pod.yaml");
        assert_eq!(place["region"], json!({"startLine": 7, "startColumn": 3, "endColumn": 20}));
        let fingerprint = text(result, "/partialFingerprints/kordon~1v2");
        assert!(fingerprint.len() == 34 && fingerprint.ends_with(":1"), "{fingerprint}");
    }
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notification = &invocation["toolExecutionNotifications"][0];
    assert_eq!(text(notification, "/message/text"), "yaml: did not find expected node content");
    assert_eq!(
        text(notification, "/locations/0/physicalLocation/artifactLocation/uri"),
        "files/broken%2C%2050%25.yaml"
    );
}

#[test]
fn github() {
    let Ended { code, out, err } = folder().run(&["check", "-o", "github", "-p", "p.yaml", "files"]);
    assert_eq!((code, err.as_str()), (2, ""));
    let expected = "\
::error file=files/broken%2C 50%25.yaml,line=1,col=7,title=invalid-syntax::yaml: did not find expected node content
::error file=files/pod.yaml,line=7,col=3,endColumn=20,title=p::Pod default/web: p says no
";
    assert_eq!(out, expected);
}

#[test]
fn colour_only_where_it_is_asked_for() {
    let folder = folder();
    let plain = folder.run(&["check", "-p", "p.yaml", "files"]);
    assert!(!plain.out.contains('\x1b') && !plain.err.contains('\x1b'));
    let painted = folder.run(&["check", "--color", "always", "-p", "p.yaml", "files"]);
    assert!(painted.out.starts_with("\x1b[1;31mdeny[p]\x1b[0m: p says no\n"), "{}", painted.out);
    let json = folder.run(&["check", "--color", "always", "-o", "json", "-p", "p.yaml", "files"]);
    assert!(!json.out.contains('\x1b'));
}

#[test]
fn a_reader_that_stops_is_no_trouble() {
    use std::process::Stdio;
    let folder = folder();
    let mut command = folder.command();
    let mut child = command
        .args(["check", "-p", "p.yaml", "files"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && !err.contains("panic") && !err.contains("pipe"), "{err}");
}

#[cfg(unix)]
mod terminal {
    use super::{Folder, POD, folder};
    use std::io::Read;
    use std::process::Stdio;

    /// What a terminal is sent, on both streams.
    fn shown(folder: &Folder, variables: &[(&str, &str)], arguments: &[&str]) -> String {
        let pty = nix::pty::openpty(None, None).unwrap();
        let stream = || Stdio::from(pty.slave.try_clone().unwrap());
        let mut command = folder.command();
        // A CI service counts as a terminal with colours, whatever TERM says.
        command.env_remove("CI").env("TERM", "xterm").envs(variables.iter().copied()).args(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(stream()).stderr(stream()).spawn().unwrap();
        // Only the child may hold the other end, or the reader never ends.
        drop(command);
        drop(pty.slave);
        let mut sent = Vec::new();
        // A terminal whose other end is closed ends in an error on Linux.
        let _ = std::fs::File::from(pty.master).read_to_end(&mut sent);
        child.wait().unwrap();
        String::from_utf8(sent).unwrap()
    }

    #[test]
    fn colour() {
        let folder = folder();
        let arguments = ["check", "-p", "p.yaml", "files"];
        assert!(shown(&folder, &[], &arguments).contains("\x1b[1;31mdeny[p]\x1b[0m: p says no"));
        assert!(!shown(&folder, &[("NO_COLOR", "1")], &arguments).contains('\x1b'));
        let never = ["check", "--color", "never", "-p", "p.yaml", "files"];
        assert!(!shown(&folder, &[], &never).contains('\x1b'));
    }

    #[test]
    fn progress_of_long_runs() {
        let folder = folder();
        let calm = POD.replace("hostNetwork: true", "hostNetwork: false");
        let many = format!("{calm}---\n").repeat(1_000);
        for number in 0..40 {
            folder.write(&format!("many/{number}.yaml"), many.as_bytes());
        }
        // The API server would leave out what is false.
        let arguments = ["check", "--as", "written", "-p", "p.yaml", "many"];
        let sent = shown(&folder, &[("TERM", "xterm")], &arguments);
        // Whatever was shown on the way, and a fast machine shows nothing, is taken back before the result.
        let (before, _) = sent.split_once("\x1b[1m40000 objects checked").unwrap();
        let told =
            |line: &str| line.is_empty() || line.starts_with("reading: ") || line.starts_with("checking: ");
        assert!(before.is_empty() || before.ends_with("\r\x1b[K"), "{sent}");
        assert!(before.split("\r\x1b[K").all(told), "{sent}");
        let dumb = shown(&folder, &[("TERM", "dumb")], &arguments);
        assert!(dumb.starts_with("40000 objects checked"), "{dumb}");
    }
}
