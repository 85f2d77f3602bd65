#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use super::*;
use crate::api::Text;
use crate::check::{Options, Outcome, check};
use crate::inputs::Role;

const POLICIES: &str = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps]}
  validations:
  - {expression: '!has(object.data)', message: no data}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: q}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps]}
  validations:
  - {expression: 'object.metadata.name != \"a\"', message: not a}
";

const OBJECTS: &str = "
{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: x, labels: {app: web}}, data: {k: v}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: x}, data: {k: v}}
";

fn run(objects: &str, waivers: &str) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("w.yaml");
    std::fs::write(&file, waivers).unwrap();
    let text = |name: &str, text: &str| Text { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let texts = vec![(text("p.yaml", POLICIES), Role::Policy), (text("o.yaml", objects), Role::Check)];
    let files = if waivers.is_empty() { Vec::new() } else { vec![file] };
    let waivers = WaiverOptions { files, annotations: true, today: Some("2026-11-25".parse().unwrap()) };
    check(&Options { texts, waivers, ..Options::default() })
}

/// `policy object` of what counts, and of what does not with why.
fn judged(outcome: &Outcome) -> Vec<String> {
    let told = outcome.findings.iter().map(|finding| {
        let note = finding.suppression.as_ref().map(|suppression| format!(" {}", suppression.note()));
        format!("{} {}{}", finding.policy, finding.object, note.unwrap_or_default())
    });
    told.collect()
}

fn problems(outcome: &Outcome) -> Vec<String> {
    outcome
        .problems
        .iter()
        .map(|problem| {
            let label = problem.labels.first().unwrap();
            let (line, column) = label.source.line_column(label.span.start);
            format!("{}:{line}:{column}: {}", problem.code, problem.message)
        })
        .collect()
}

fn file(entries: &str) -> String {
    format!("apiVersion: kordon.dev/v1alpha1\nkind: Waivers\nwaivers:\n{entries}")
}

#[test]
fn a_file_waives_by_policy_and_object() {
    let outcome = run(OBJECTS, &file("- {policy: p, selector: {name: b}, reason: old}\n"));
    assert_eq!(judged(&outcome), ["p ConfigMap x/a", "q ConfigMap x/a", "p ConfigMap x/b waived: old"]);
    assert_eq!(problems(&outcome), Vec::<String>::new());
    let summary = outcome.summary;
    assert_eq!((summary.findings, summary.waived, summary.objects_with_findings), (2, 1, 1));
    for (selector, waived) in [
        ("{}", 2),
        ("{namespace: x}", 2),
        ("{kind: ConfigMap, labels: {app: web}}", 1),
        ("{labels: {app: db}}", 0),
        ("{kind: ConfigMap.apps}", 0),
        ("{namespace: default}", 0),
    ] {
        let outcome = run(OBJECTS, &file(&format!("- {{policy: p, selector: {selector}, reason: old}}\n")));
        assert_eq!(outcome.summary.waived, waived, "{selector}");
        assert_eq!(problems(&outcome).len(), usize::from(waived == 0), "{selector}");
    }
}

#[test]
fn waivers_expire_after_their_day() {
    for (day, waived) in [("2026-11-25", 2), ("2027-01-01", 2), ("2026-11-24", 0)] {
        let entry = format!("- {{policy: p, selector: {{}}, reason: old, owner: me, expires: {day}}}\n");
        let outcome = run(OBJECTS, &file(&entry));
        assert_eq!(outcome.summary.waived, waived, "{day}");
        let expected = "expired-waiver:4:4: the waiver of policy `p` expired on 2026-11-24: 2 findings stand";
        let told = if waived == 0 { vec![expected.to_owned()] } else { Vec::new() };
        assert_eq!(problems(&outcome), told);
    }
}

#[test]
fn what_waives_nothing_is_told() {
    let entries = "\
- {policy: q, selector: {name: b}, reason: old}
- {policy: r, selector: {}, reason: old}
- {policy: no-host-path, selector: {}, reason: 'of a pack that is not asked'}
- {policy: q, selector: {name: b}, reason: old, expires: 2020-01-01}
";
    let expected = [
        "unused-waiver:4:4: the waiver of policy `q` waives nothing",
        "unused-waiver:5:4: the waiver is of policy `r`, which is not among the inputs",
        "expired-waiver:7:4: the waiver of policy `q` expired on 2020-01-01: and waives nothing",
    ];
    assert_eq!(problems(&run(OBJECTS, &file(entries))), expected);
}

#[test]
fn files_are_read_strictly() {
    let entries = "\
- {policy: p, selectors: {}, reason: old}
- {policy: p, selector: {names: a}, reason: ''}
- {policy: p, selector: {}, reason: old, expires: 2027-02-30}
- {policy: 7, selector: [], reason: old}
- {policy: p, selector: {name: a}, reason: good}
";
    let outcome = run(OBJECTS, &file(entries));
    let expected = [
        "broken-waiver:4:15: unknown field `waivers[0].selectors`",
        "broken-waiver:4:3: `waivers[0].selector` is required; `{}` is every object",
        "broken-waiver:5:45: `waivers[1].reason` is required",
        "broken-waiver:5:26: unknown field `waivers[1].selector.names`",
        "broken-waiver:6:51: `waivers[2].expires`: `2027-02-30` is no day such as 2027-01-31",
        "broken-waiver:7:12: `waivers[3].policy` must be a string",
        "broken-waiver:7:25: `waivers[3].selector` must be a map",
    ];
    assert_eq!(problems(&outcome), expected);
    assert_eq!(outcome.summary.waived, 1, "what is good counts");
    for (text, problem) in [
        ("kind: Waivers\nwaivers: []\n", "broken-waiver:1:1: `apiVersion` must be `kordon.dev/v1alpha1`"),
        (
            "apiVersion: kordon.dev/v1alpha1\nkind: Waivers\nwaivers: {}\n",
            "broken-waiver:3:10: `waivers` must be a list",
        ),
        ("apiVersion: kordon.dev/v1alpha1\nkind: Waivers\n", "broken-waiver:1:1: `waivers` is required"),
    ] {
        assert_eq!(problems(&run(OBJECTS, text)), [problem]);
    }
}

#[test]
fn objects_waive_by_annotations() {
    let object = |annotations: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n{annotations}data: {{k: v}}\n"
        )
    };
    let both = object(
        "    kordon.dev/waive: p, q\n    kordon.dev/waive-reason: old\n    kordon.dev/waive-owner: me\n",
    );
    let outcome = run(&both, "");
    let expected = ["p ConfigMap default/a waived by me: old", "q ConfigMap default/a waived by me: old"];
    assert_eq!(judged(&outcome), expected);
    // Those of one object are not those of another.
    let other =
        format!("{both}---\n{}", both.replace("    kordon", "    example").replace("name: a", "name: c"));
    assert_eq!(judged(&run(&other, "")).last().map(String::as_str), Some("p ConfigMap default/c"));

    let expired = object(
        "    kordon.dev/waive: p\n    kordon.dev/waive-reason: old\n    kordon.dev/waive-expires: '2026-01-01'\n",
    );
    let outcome = run(&expired, "");
    assert_eq!(outcome.summary.waived, 0);
    assert_eq!(
        problems(&outcome),
        ["expired-waiver:6:5: the waiver of policy `p` expired on 2026-01-01: 1 finding stands"]
    );
    for (annotations, problem) in [
        (
            "    kordon.dev/waive: p\n",
            "broken-waiver:6:5: a waiver needs the annotation `kordon.dev/waive-reason`",
        ),
        (
            "    kordon.dev/waive-reason: p\n",
            "broken-waiver:6:5: a waiver needs the annotation `kordon.dev/waive`",
        ),
        (
            "    kordon.dev/waive: p\n    kordon.dev/waive-reasons: old\n    kordon.dev/waive-reason: old\n",
            "broken-waiver:7:5: unknown annotation `kordon.dev/waive-reasons`",
        ),
        (
            "    kordon.dev/waive: p\n    kordon.dev/waive-reason: old\n    kordon.dev/waive-expires: soon\n",
            "broken-waiver:8:31: `soon` is no day such as 2027-01-31",
        ),
    ] {
        let outcome = run(&object(annotations), "");
        assert_eq!(problems(&outcome), [problem]);
        assert_eq!(outcome.summary.waived, 0);
    }
}
