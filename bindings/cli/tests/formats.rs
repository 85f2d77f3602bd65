//! Reports in other formats, and in several at once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use support::{Folder, POD, policy};

fn folder() -> Folder {
    Folder::new(&[("p.yaml", &policy("p", "!object.spec.hostNetwork", "")), ("pod.yaml", POD)])
}

#[test]
fn several_formats_at_once() {
    let folder = folder();
    let ended = folder.run(&[
        "check",
        "-o",
        "text",
        "-o",
        "junit=r.xml",
        "-o",
        "html=r.html",
        "-o",
        "sarif=r.sarif",
        "-p",
        "p.yaml",
        "pod.yaml",
    ]);
    assert_eq!(ended.code, 1);
    assert!(ended.out.starts_with("deny[p]: p says no\n"), "{}", ended.out);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("r.xml").contains("<failure message=\"p says no\" type=\"deny\">pod.yaml:7:3"));
    assert!(read("r.html").starts_with("<!DOCTYPE html>\n"));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&read("r.sarif")).unwrap()["version"], "2.1.0");
}

#[test]
fn a_file_alone_leaves_standard_output_empty() {
    let folder = folder();
    let ended = folder.run(&["check", "-o", "json=r.json", "-p", "p.yaml", "pod.yaml"]);
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (1, "", ""));
    let nowhere = folder.run(&["check", "-o", "json=nowhere/r.json", "-p", "p.yaml", "pod.yaml"]);
    assert!(nowhere.code == 2 && nowhere.err.contains("nowhere/r.json: "), "{}", nowhere.err);
}

#[test]
fn unknown_formats_are_told_the_known_ones() {
    for output in ["yaml", "yaml=r.yaml", "json="] {
        let ended = folder().run(&["check", "-o", output, "-p", "p.yaml", "pod.yaml"]);
        assert_eq!(ended.code, 2);
        let expected = format!("invalid value '{output}' for '--output <FORMAT[=FILE]>'");
        assert!(ended.err.contains(&expected) && ended.err.contains("junit"), "{}", ended.err);
    }
}

#[test]
fn links_follow_the_ci_service() {
    let folder = folder();
    let markdown = |variables: &[(&str, &str)], more: &[&str]| {
        let mut command = folder.command();
        for name in ["GITHUB_SERVER_URL", "CI_PROJECT_URL"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        let arguments = [&["check", "-o", "markdown", "-p", "p.yaml", "pod.yaml"], more].concat();
        String::from_utf8(command.args(arguments).output().unwrap().stdout).unwrap()
    };
    assert!(markdown(&[], &[]).contains("| `pod.yaml:7` |"));
    let github =
        [("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_REPOSITORY", "a/b"), ("GITHUB_SHA", "c0ffee")];
    assert!(
        markdown(&github, &[]).contains("[`pod.yaml:7`](https://github.com/a/b/blob/c0ffee/pod.yaml#L7)")
    );
    let gitlab = [("CI_PROJECT_URL", "https://gitlab.com/a/b"), ("CI_COMMIT_SHA", "c0ffee")];
    assert!(markdown(&gitlab, &[]).contains("(https://gitlab.com/a/b/-/blob/c0ffee/pod.yaml#L7)"));
    let own = markdown(&github, &["--link-base", "https://example.com/x/"]);
    assert!(own.contains("(https://example.com/x/pod.yaml#L7)"));
}
