#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use super::*;
use crate::Options;
use crate::custom::CustomResources;
use crate::inputs::{Inputs, Role};
use kordon::Severity;
use kordon::cel::environment::Version;
use std::collections::BTreeSet;

/// How a pod spec is found, and which kinds have one: the same text in every policy about pods.
const POD_SPEC: &str = "\
    - name: podSpec
      expression: >-
        object.kind == 'Pod' ? object.spec
        : object.kind == 'PodTemplate' ? object.template.spec
        : object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template.spec
        : object.spec.?template.spec.orValue({})
";

fn loaded(version: &str) -> (Inputs, Options) {
    let mut inputs = Inputs::default();
    for policy in all() {
        inputs.add(&policy.file(), Role::Pack);
    }
    (inputs, Options { kubernetes_version: version.parse::<Version>().unwrap(), ..Options::default() })
}

fn texts(problems: &[Diagnostic]) -> Vec<String> {
    problems.iter().filter(|problem| problem.severity != Severity::Note).map(ToString::to_string).collect()
}

#[test]
fn every_policy_compiles_since_1_30_and_has_no_type_warning() {
    for version in ["1.30", "1.34", "1.37"] {
        let (mut inputs, options) = loaded(version);
        inputs.unknown_policies();
        assert_eq!(texts(&inputs.problems), Vec::<String>::new());
        let (engine, problems, _) = inputs.engine(&options, &CustomResources::default());
        assert_eq!(texts(&problems), Vec::<String>::new(), "{version}");
        assert_eq!(texts(&inputs.type_warnings(&options, &engine)), Vec::<String>::new(), "{version}");
    }
}

#[test]
fn policies_are_named_labelled_and_explained() {
    let mut names = BTreeSet::new();
    for policy in all() {
        let PackPolicy { pack, name, text, readme, metadata, .. } = &policy;
        assert!(names.insert(*name), "two policies are named {name}");
        // A folder may leave out what its pack says.
        let full = if *pack == "pod-security" { format!("{pack}-{name}") } else { (*name).to_owned() };
        assert!(text.contains(&format!("\n  name: {full}\n")), "{name} has another name");
        assert!(text.contains(&format!("\n    kordon.dev/pack: {pack}\n")), "{name} is of another pack");
        assert!(metadata.severity.is_some(), "{name} has no severity");
        assert!(is_label_value(&metadata.category), "{name} has no category");
        assert!(metadata.controls.iter().all(|control| is_label_value(&control.number)), "{name}");
        assert!(!policy.title().is_empty() && policy.title().ends_with('.'), "{name} has no title");
        let headings = ["What it checks", "Why it matters", "Fails", "Passes", "Fix", "Sources"];
        let found: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(found, headings, "{name}");
        assert_eq!(readme.lines().next(), Some(&*format!("# {full}")));
        assert_eq!(text.matches("\n  validationActions: [").count(), 1, "{name} has one binding");
    }
}

#[test]
fn pod_specs_are_found_in_one_way() {
    for policy in all() {
        let mentions = policy.text.contains("variables.podSpec");
        assert_eq!(policy.text.contains(POD_SPEC), mentions, "{} finds pod specs otherwise", policy.name);
    }
}

#[test]
fn a_name_is_a_pack_a_policy_or_all() {
    assert_eq!(find("all").unwrap().len(), all().len());
    assert!(find("workload").unwrap().iter().all(|policy| policy.pack == "workload"));
    for name in ["no-host-path", "workload/no-host-path"] {
        assert_eq!(find(name).unwrap()[0].name, "no-host-path");
    }
    let problem = find("workloads").unwrap_err();
    assert_eq!(problem.code, "unknown-pack");
    assert!(problem.help.unwrap().contains("workload"));
}

#[test]
fn every_rule_of_the_core_is_in_one_pack() {
    let mut carried: Vec<&str> =
        all().iter().filter(|policy| policy.is_rule()).map(|policy| policy.name).collect();
    let mut known: Vec<&str> = crate::cluster::rules().collect();
    carried.sort_unstable();
    known.sort_unstable();
    assert_eq!(carried, known);
    assert!(all().iter().all(|policy| policy.is_rule() == policy.pack.starts_with("cluster-")));
    assert!(export(&find("cluster-rbac").unwrap(), None).is_empty(), "a cluster does not know rules");
}

#[test]
fn selections_go_by_severity_and_control() {
    let taken = |severity: Option<Gravity>, controls: &[&str]| -> Vec<&'static str> {
        let controls = controls.iter().map(ToString::to_string).collect();
        let selection = Selection { severity, controls };
        all()
            .into_iter()
            .filter(|policy| selection.takes(&policy.metadata))
            .map(|policy| policy.name)
            .collect()
    };
    assert!(taken(None, &["5.2.2"]).contains(&"no-privileged-containers"));
    assert_eq!(taken(None, &["cis-5.2.2"]), taken(None, &["CIS 5.2.2"]));
    assert!(taken(None, &["C-0057"]).contains(&"no-privileged-containers"));
    assert!(taken(Some(Gravity::High), &[]).len() < taken(Some(Gravity::Low), &[]).len());
    assert!(!taken(Some(Gravity::High), &[]).contains(&"probes"));
    assert!(taken(None, &["5.2"]).is_empty());
}

#[test]
fn what_is_exported_is_what_was_carried() {
    let text = export(&find("workload").unwrap(), None);
    let read: Vec<_> = documents("exported", text.as_bytes(), &Limits::default());
    assert!(read.iter().all(Result::is_ok));
    assert!(text.starts_with("apiVersion: v1\nkind: Namespace\n"));
    let warning = export(&find("no-host-path").unwrap(), Some("Warn"));
    assert!(warning.contains("\n  validationActions: [Warn]\n") && !warning.contains("[Deny]"));
}

/// Source: apimachinery pkg/util/validation, `IsValidLabelValue`; not empty here.
fn is_label_value(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    text.len() <= 63
        && text.bytes().next().is_some_and(plain)
        && text.bytes().last().is_some_and(plain)
        && text.bytes().all(|byte| plain(byte) || b"-_.".contains(&byte))
}
