#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use super::*;
use crate::api::Text;
use crate::check::{Options, Outcome, Sink, check, check_into};
use crate::inputs::Role;
use std::io;

fn policy(name: &str, expression: &str, fix: &str) -> String {
    let fix = Value::from(fix);
    format!(
        "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: {name}, annotations: {{kordon.dev/fix: {fix}}}}}
spec:
  matchConstraints:
    resourceRules:
    - {{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [pods]}}
    - {{apiGroups: [apps], apiVersions: [v1], operations: ['*'], resources: [deployments]}}
  variables:
  - {{name: spec, expression: \"object.kind == 'Pod' ? object.spec : object.spec.template.spec\"}}
  validations:
  - expression: {}
---
",
        Value::from(expression)
    )
}

/// A container without escalation, and the way there.
fn escalation() -> String {
    policy(
        "escalation",
        "variables.spec.containers.all(c, !c.?securityContext.allowPrivilegeEscalation.orValue(true))",
        "- {set: 'containers[*].securityContext.allowPrivilegeEscalation', value: false}",
    )
}

fn capabilities() -> String {
    policy(
        "capabilities",
        "variables.spec.containers.all(c, 'ALL' in c.?securityContext.capabilities.drop.orValue([]))",
        "- {append: 'containers[*].securityContext.capabilities.drop', value: ALL}",
    )
}

fn network() -> String {
    policy("network", "!variables.spec.?hostNetwork.orValue(false)", "- {remove: podSpec.hostNetwork}")
}

fn options(policies: &str, object: &str, fixing: Fixing) -> Options {
    let text = |name: &str, text: &str| Text { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let texts = vec![(text("p.yaml", policies), Role::Policy), (text("o.yaml", object), Role::Check)];
    Options { texts, fixing, ..Options::default() }
}

#[derive(Default)]
struct Collected {
    outcome: Outcome,
    rewritten: Vec<Rewritten>,
}

impl Sink for Collected {
    fn problem(&mut self, problem: Diagnostic) -> io::Result<()> {
        self.outcome.problem(problem)
    }

    fn finding(&mut self, finding: Finding) -> io::Result<()> {
        self.outcome.finding(finding)
    }

    fn rewritten(&mut self, rewritten: Rewritten) -> io::Result<()> {
        self.rewritten.push(rewritten);
        Ok(())
    }
}

fn applied(policies: &str, object: &str) -> Collected {
    let mut collected = Collected::default();
    check_into(&options(policies, object, Fixing::Apply), &mut collected).unwrap();
    collected
}

fn mended(policies: &str, object: &str) -> String {
    let Collected { outcome, mut rewritten } = applied(policies, object);
    assert_eq!(outcome.problems, []);
    let left: Vec<_> = outcome.findings.iter().map(|finding| (&finding.policy, &finding.mending)).collect();
    assert!(left.is_empty() && rewritten.len() == 1, "{left:?}");
    rewritten.remove(0).text
}

fn refusal(policies: &str, object: &str) -> String {
    let outcome = check(&options(policies, object, Fixing::Offer));
    assert_eq!(outcome.findings.len(), 1, "{:?}", outcome.problems);
    match outcome.findings[0].mending.clone() {
        Some(Mending::Refused(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

const POD: &str = "\
# The shop.
apiVersion: v1
kind: Pod
metadata:
  name: web # of the shop
spec:
  hostNetwork: true # for now
  containers:
  - name: one   # first
    image: \"one:1\"
    securityContext:
      # needed
      privileged: false # yes
      capabilities: {drop: [NET_RAW]}

  # The second.
  - image: two
    name: two
";

#[test]
fn comments_and_order_and_quotes_stay() {
    let expected = "\
# The shop.
apiVersion: v1
kind: Pod
metadata:
  name: web # of the shop
spec:
  containers:
  - name: one   # first
    image: \"one:1\"
    securityContext:
      # needed
      privileged: false # yes
      capabilities: {drop: [NET_RAW, ALL]}
      allowPrivilegeEscalation: false

  # The second.
  - image: two
    name: two
    securityContext:
      allowPrivilegeEscalation: false
      capabilities:
        drop: [ALL]
";
    assert_eq!(mended(&format!("{}{}{}", escalation(), capabilities(), network()), POD), expected);
}

#[test]
fn documents_of_any_style_are_edited_in_theirs() {
    for (before, after) in [
        (
            "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: b}]}}",
            "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: b, securityContext: {allowPrivilegeEscalation: false}}]}}",
        ),
        (
            "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\"}, \"spec\": {\"containers\": [{\"name\": \"a\", \"securityContext\": {}, \"image\": \"b\"}]}}",
            "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\"}, \"spec\": {\"containers\": [{\"name\": \"a\", \"securityContext\": {\"allowPrivilegeEscalation\": false}, \"image\": \"b\"}]}}",
        ),
        (
            "{\n  \"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\"},\n  \"spec\": {\"containers\": [\n    {\n      \"name\": \"a\",\n      \"image\": \"b\"\n    }\n  ]}\n}\n",
            "{\n  \"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\"},\n  \"spec\": {\"containers\": [\n    {\n      \"name\": \"a\",\n      \"image\": \"b\",\n      \"securityContext\": {\"allowPrivilegeEscalation\": false}\n    }\n  ]}\n}\n",
        ),
        // Values that are there, or are nothing.
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      image: b\n      securityContext: {allowPrivilegeEscalation: true} # x\n",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      image: b\n      securityContext: {allowPrivilegeEscalation: false} # x\n",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - securityContext: # x\n    name: a\n    image: b",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - securityContext: # x\n      allowPrivilegeEscalation: false\n    name: a\n    image: b",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - securityContext: ~\n    name: a\n    image: b",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - securityContext: {allowPrivilegeEscalation: false}\n    name: a\n    image: b",
        ),
        // No line break at the end, block scalars, and those of Windows.
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: b",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: b\n    securityContext:\n      allowPrivilegeEscalation: false",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: b\n    args:\n    - |\n      echo 1\n      echo 2\n  restartPolicy: Never\n",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: b\n    args:\n    - |\n      echo 1\n      echo 2\n    securityContext:\n      allowPrivilegeEscalation: false\n  restartPolicy: Never\n",
        ),
        (
            "apiVersion: v1\r\nkind: Pod\r\nmetadata: {name: a}\r\nspec:\r\n  containers:\r\n  - name: a\r\n    image: b\r\n",
            "apiVersion: v1\r\nkind: Pod\r\nmetadata: {name: a}\r\nspec:\r\n  containers:\r\n  - name: a\r\n    image: b\r\n    securityContext:\r\n      allowPrivilegeEscalation: false\r\n",
        ),
        // The items of a list are mended one after the other.
        (
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  spec:\n    containers: [{name: a, image: b}]\n- {apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: a, image: b}]}}\n",
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  spec:\n    containers: [{name: a, image: b, securityContext: {allowPrivilegeEscalation: false}}]\n- {apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: a, image: b, securityContext: {allowPrivilegeEscalation: false}}]}}\n",
        ),
        // A container that is as it should be stays as it is.
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - {name: a, image: b, securityContext: {allowPrivilegeEscalation: false}}\n  - {name: b, image: b}\n",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - {name: a, image: b, securityContext: {allowPrivilegeEscalation: false}}\n  - {name: b, image: b, securityContext: {allowPrivilegeEscalation: false}}\n",
        ),
        // An anchor that nobody refers to.
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: &i b\n",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: &i b\n    securityContext:\n      allowPrivilegeEscalation: false\n",
        ),
    ] {
        assert_eq!(mended(&escalation(), before), after);
    }
}

#[test]
fn lists_are_appended_to() {
    let pod = |drop: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n  - name: a\n    image: b\n    securityContext:\n      capabilities:\n        drop:{drop}"
        )
    };
    for (before, after) in [
        (" []\n", " [ALL]\n"),
        ("\n        - NET_RAW # x\n", "\n        - NET_RAW # x\n        - ALL\n"),
        ("\n          - NET_RAW\n          # y\n", "\n          - NET_RAW\n          - ALL\n          # y\n"),
        (" [\n          NET_RAW,\n        ]\n", " [\n          NET_RAW,\n          ALL,\n        ]\n"),
        ("\n", " [ALL]\n"),
    ] {
        assert_eq!(mended(&capabilities(), &pod(before)), pod(after));
    }
}

#[test]
fn json_stays_json() {
    let pod = |drop: &str| {
        format!(
            "{{\n  \"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {{\"name\": \"a\"}},\n  \"spec\": {{\"containers\": [{{\n    \
             \"name\": \"a\", \"image\": \"b\", \"securityContext\": {{\"capabilities\": {{\"drop\": {drop}}}}}\n  }}]}}\n}}\n"
        )
    };
    for (before, after) in [
        ("[]", "[\"ALL\"]"),
        ("[\"all\"]", "[\"all\", \"ALL\"]"),
        ("[\n      \"all\"\n    ]", "[\n      \"all\",\n      \"ALL\"\n    ]"),
        ("null", "[\"ALL\"]"),
    ] {
        let text = mended(&capabilities(), &pod(before));
        assert_eq!(text, pod(after));
        assert!(serde_json::from_str::<Value>(&text).is_ok());
    }
}

#[test]
fn fields_are_removed_with_their_lines() {
    let pod = |spec: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:{spec}");
    for (before, after) in [
        ("\n  hostNetwork: true # x\n  # y\n  containers: []\n", "\n  # y\n  containers: []\n"),
        ("\n  containers: []\n  hostNetwork: true", "\n  containers: []\n"),
        (" {hostNetwork: true, containers: []}\n", " {containers: []}\n"),
        (" {containers: [], hostNetwork: true}\n", " {containers: []}\n"),
        (" {hostNetwork: true}\n", " {}\n"),
    ] {
        assert_eq!(mended(&network(), &pod(before)), pod(after));
    }
    assert_eq!(mended(&network(), &pod("\n  hostNetwork: true # x\n")), pod(" {} # x\n"));
    let commented = pod("\n  # needed\n  hostNetwork: true\n");
    assert_eq!(refusal(&network(), &commented), "the map would be empty");
}

#[test]
fn what_cannot_be_done_safely_is_refused() {
    let pod = |more: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n{more}");
    for (policies, text, reason) in [
        (
            escalation(),
            pod("  containers:\n  - &c\n    name: a\n    image: b\n  initContainers:\n  - *c\n"),
            "the value has an anchor, others may refer to it",
        ),
        (
            escalation(),
            pod(
                "  initContainers:\n  - name: i\n    image: b\n    securityContext: &s {privileged: false}\n  containers:\n  - name: a\n    image: b\n    securityContext: *s\n",
            ),
            "the value is an alias of another",
        ),
        (
            policy("p", "variables.spec.priority == 1", "- {set: podSpec.containers, value: 1}"),
            pod("  containers: []\n"),
            "the policy's fix does not mend it",
        ),
        (
            policy("p", "has(variables.spec.x)", "- {replace: podSpec.y, value: 1}"),
            pod("  containers: []\n"),
            "there is nothing that the policy's fix would change",
        ),
        (
            // It mends one and breaks another.
            format!(
                "{}{}",
                policy(
                    "p",
                    "variables.spec.?dnsPolicy.orValue('') == 'None'",
                    "- {set: podSpec.dnsPolicy, value: None}"
                ),
                policy(
                    "q",
                    "variables.spec.?dnsPolicy.orValue('') != 'None'",
                    "- {remove: podSpec.hostNetwork}"
                ),
            ),
            pod("  containers: []\n"),
            "`q` would find something then",
        ),
        (
            policy(
                "p",
                "variables.spec.?hostUsers.orValue('') == 'x'",
                "- {set: podSpec.hostUsers, value: x}",
            ),
            pod("  containers: []\n"),
            "the policy's fix does not mend it",
        ),
    ] {
        assert_eq!(refusal(&policies, &text), reason, "{text}");
    }
}

#[test]
fn a_fix_is_a_patch_and_lines() {
    let text = format!("# first\nkind: [\n---\n{POD}");
    let outcome = check(&options(&escalation(), &text, Fixing::Offer));
    let Some(Mending::Offered(fix)) = &outcome.findings[0].mending else { panic!("{:?}", outcome.findings) };
    let patch = serde_json::json!([
        {"op": "add", "path": "/spec/containers/0/securityContext/allowPrivilegeEscalation", "value": false},
        {"op": "add", "path": "/spec/containers/1/securityContext", "value": {"allowPrivilegeEscalation": false}},
    ]);
    assert_eq!(Value::from(fix.patch.clone()), patch);
    let edits = [
        Edit { start_line: 18, end_line: 18, text: "      allowPrivilegeEscalation: false\n".to_owned() },
        Edit {
            start_line: 22,
            end_line: 22,
            text: "    securityContext:\n      allowPrivilegeEscalation: false\n".to_owned(),
        },
    ];
    assert_eq!(fix.edits, edits);
}

#[test]
fn broken_templates_are_errors_of_their_policy() {
    let outcome = check(&options(&policy("p", "true", "- {sett: podSpec.a}"), POD, Fixing::Nothing));
    assert_eq!(outcome.problems.len(), 1);
    assert_eq!(outcome.problems[0].message, "annotation `kordon.dev/fix`: unknown field `sett`");
}

#[test]
fn what_is_waived_is_left_alone() {
    let waived = POD.replace(
        "  name: web # of the shop\n",
        "  name: web\n  annotations: {kordon.dev/waive: network, kordon.dev/waive-reason: node agent}\n",
    );
    let mut options = options(&format!("{}{}", escalation(), network()), &waived, Fixing::Apply);
    options.waivers.annotations = true;
    let mut collected = Collected::default();
    check_into(&options, &mut collected).unwrap();
    let text = &collected.rewritten[0].text;
    assert!(text.contains("hostNetwork: true") && text.contains("allowPrivilegeEscalation: false"), "{text}");
}

/// The policies of packs with a fix mend tests of their own that fail.
#[test]
fn fixes_of_packs_mend_what_their_policies_find() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let (mut told, mut without) = (Vec::new(), Vec::new());
    for policy in crate::packs::all().iter().filter(|policy| policy.text.contains("kordon.dev/fix")) {
        let name = format!("{}/{}", policy.pack, policy.name);
        let fail = root.join(&name).join("testdata/fail");
        let context = Some(root.join(&name).join("testdata/context")).filter(|folder| folder.is_dir());
        let options = Options {
            policies: vec![format!("pack:{name}").into()].into_iter().chain(context).collect(),
            files: vec![fail],
            fixing: Fixing::Apply,
            ..Options::default()
        };
        let mut collected = Collected::default();
        check_into(&options, &mut collected).unwrap();
        let count: usize = collected.rewritten.iter().map(|rewritten| rewritten.mended.len()).sum();
        let left = &collected.outcome.findings;
        told.push(format!("{name}: {count} mended, {} left", left.len()));
        // Those have one object with everything that is forbidden.
        for finding in left.iter().filter(|_| policy.pack != "pod-security") {
            let file = finding.place.source.name.rsplit('/').next().unwrap().to_owned();
            told.push(format!("  {file} {}: {:?}", finding.message, finding.mending));
        }
        without.extend((count == 0).then_some(name));
    }
    assert_eq!(without, Vec::<String>::new(), "{told:#?}");
    // What is left is what only a person can decide.
    let expected = [
        "capabilities.add may hold NET_BIND_SERVICE alone",
        "automountServiceAccountToken: true needs a ServiceAccount",
    ];
    let is_expected = |line: &&String| expected.iter().any(|text| line.contains(text));
    let left: Vec<&String> = told.iter().filter(|line| line.starts_with(' ') && !is_expected(line)).collect();
    assert_eq!(left, Vec::<&String>::new(), "{told:#?}");
}
