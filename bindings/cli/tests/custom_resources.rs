//! CustomResourceDefinitions among the inputs: their rules are checked, and custom resources by them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::Folder;

fn definition(rules: &str) -> String {
    format!(
        "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: backups.shop.example}}
spec:
  group: shop.example
  names: {{plural: backups, kind: Backup}}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              keep: {{type: integer}}
              every: {{type: string, format: duration}}
              targets: {{type: array, maxItems: 9, x-kubernetes-list-type: set, items: {{type: string, maxLength: 99}}}}
            x-kubernetes-validations:
{rules}"
    )
}

const RULES: &str = "            - {rule: self.keep >= 3, message: keep three at least, fieldPath: .keep}
            - {rule: self.every <= duration('24h'), messageExpression: \"self.every > duration('36h') ? 'much too rare' : 'too rare'\"}
            - {rule: '!has(oldSelf.targets) || oldSelf.targets.all(t, t in self.targets)', message: targets only grow}
";

fn backup(keep: u32, every: &str, targets: &str) -> String {
    format!(
        "apiVersion: shop.example/v1\nkind: Backup\nmetadata:\n  name: nightly\nspec:\n  keep: {keep}\n  every: {every}\n  targets: {targets}\n"
    )
}

/// `line:column path message` of each finding.
fn findings(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|of| {
            let path = of["path"].as_str().unwrap_or("-");
            format!(
                "{}:{}:{} {path} {}",
                of["file"].as_str().unwrap(),
                of["line"],
                of["column"],
                of["message"]
            )
        })
        .collect()
}

#[test]
fn custom_resources_are_held_against_the_rules_of_their_kind() {
    let folder = Folder::new(&[("crd.yaml", &definition(RULES)), ("b.yaml", &backup(1, "48h", "[db]"))]);
    let report = folder.json(&["crd.yaml", "b.yaml"]);
    assert_eq!(
        findings(&report),
        [
            "b.yaml:6:3 spec.keep \"Invalid value: keep three at least\"",
            "b.yaml:5:1 spec \"Invalid value: much too rare\"",
        ]
    );
    assert_eq!(report["findings"][0]["policy"], "backups.shop.example");
    assert_eq!(report["summary"]["objectsWithFindings"], 1);
    let ended = folder.run(&["check", "-p", "crd.yaml", "b.yaml"]);
    assert_eq!(ended.code, 1, "{}", ended.err);
    assert!(
        ended.out.contains("deny[backups.shop.example]: Invalid value: keep three at least"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("  = Backup default/nightly: spec.keep"), "{}", ended.out);
}

#[test]
fn transition_rules_see_the_old_object() {
    let folder = Folder::new(&[
        ("crd.yaml", &definition(RULES)),
        ("old.yaml", &backup(1, "1h", "[db, files]")),
        ("new.yaml", &backup(1, "1h", "[files]")),
    ]);
    assert_eq!(findings(&folder.json(&["crd.yaml", "old.yaml"])).len(), 1);
    let report = folder.json(&["crd.yaml", "new.yaml", "--old-object", "old.yaml"]);
    // That too few are kept was so before, but the spec around it has changed.
    assert_eq!(
        findings(&report),
        [
            "new.yaml:6:3 spec.keep \"Invalid value: keep three at least\"",
            "new.yaml:5:1 spec \"Invalid value: targets only grow\"",
        ]
    );
    let report = folder.json(&["crd.yaml", "old.yaml", "--old-object", "old.yaml"]);
    assert_eq!(findings(&report), Vec::<String>::new());
}

#[test]
fn rules_that_the_api_server_refuses_are_findings_of_the_definition() {
    let rules = "            - {rule: self.kep >= 3}\n            - {rule: 'self.targets.all(a, self.targets.all(b, self.targets.all(c, a + b + c != a)))'}\n";
    let unbounded = definition(rules).replace("maxItems: 9, ", "").replace(", maxLength: 99", "");
    let folder = Folder::new(&[("crd.yaml", &unbounded), ("b.yaml", &backup(1, "48h", "[db]"))]);
    let report = folder.json(&["crd.yaml", "b.yaml"]);
    let found = findings(&report);
    assert_eq!(found.len(), 4, "{found:#?}");
    let path = "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule";
    assert!(found[0].starts_with(&format!("crd.yaml:23:22 {path} ")), "{found:#?}");
    assert!(found[0].contains("undefined field 'kep'"), "{found:#?}");
    assert!(found[1].starts_with("crd.yaml:24:22 "), "{found:#?}");
    assert!(
        found[1].contains("estimated rule cost exceeds budget by factor of more than 100x"),
        "{found:#?}"
    );
    assert!(found[2].contains("contributed to estimated rule cost total"), "{found:#?}");
    assert!(
        found[3].starts_with("crd.yaml:14:9 spec.validation.openAPIV3Schema \"Forbidden: "),
        "{found:#?}"
    );
    // Beside policies a definition is only looked up, and what is wrong with it is wrong with the inputs.
    let ended = folder.run(&["check", "-p", "crd.yaml", "b.yaml"]);
    assert_eq!(ended.code, 2, "{}", ended.err);
    assert!(ended.err.contains("error[crd-rule]: backups.shop.example: spec.validation"), "{}", ended.err);
}

#[test]
fn schemas_that_cannot_be_read_are_errors_at_their_place() {
    let text = definition(RULES).replace("keep: {type: integer}", "keep: {type: integer, maximum: many}");
    let folder = Folder::new(&[("crd.yaml", &text), ("b.yaml", &backup(1, "48h", "[db]"))]);
    let ended = folder.run(&["check", "crd.yaml", "b.yaml"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.err.contains("error[bad-schema]: `maximum` must be a number\n --> crd.yaml:19:"),
        "{}",
        ended.err
    );
}

const SHOP: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: orders.shop.example}
spec:
  group: shop.example
  names: {plural: orders, kind: Order}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [customer]
            properties:
              customer: {type: string, pattern: '^[a-z]+$'}
              priority: {type: string, enum: [low, high], default: low}
              items:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
                items:
                  type: object
                  properties:
                    name: {type: string}
                    count: {type: integer, minimum: 1, default: 1}
            x-kubernetes-validations:
            - {rule: \"self.customer != 'nobody'\", message: nobody orders nothing}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
";

const ORDER: &str = "\
apiVersion: shop.example/v1
kind: Order
metadata: {name: a, labels: {a: /}}
spec:
  customer: Eve
  priority: urgent
  items:
  - name: tea
    count: 0
  - name: tea
    colour: green
status: {done: true}
";

#[test]
fn what_a_schema_does_not_allow_is_refused_before_any_policy() {
    let policy = support::policy("p", "false", "").replace("apiGroups: ['']", "apiGroups: ['*']");
    let policy = policy.replace("[pods]", "['*']");
    let folder = Folder::new(&[("p.yaml", &policy), ("crd.yaml", SHOP), ("order.yaml", ORDER)]);
    let report = folder.json(&["-p", "p.yaml", "-p", "crd.yaml", "order.yaml"]);
    assert_eq!(report["findings"], serde_json::json!([]));
    let problems = report["problems"].as_array().unwrap().iter().filter(|of| of["code"] != "unused-policy");
    let shown: Vec<String> = problems
        .map(|of| {
            let text = of["message"].as_str().unwrap();
            let text = text.strip_prefix("Order default/a is invalid: ").unwrap_or(text);
            let text = text.split(", and must start").next().unwrap();
            format!("{} {}:{} {text}", of["code"].as_str().unwrap(), of["line"], of["column"])
        })
        .collect();
    assert_eq!(
        shown,
        [
            r#"unknown-field 11:5 unknown field "spec.items[1].colour""#,
            "refused-object 3:33 metadata.labels: Invalid value: \"/\": a valid label must be an empty string or \
             consist of alphanumeric characters, '-', '_' or '.'",
            "refused-object 5:3 spec.customer: Invalid value: \"Eve\": spec.customer in body should match '^[a-z]+$'",
            "refused-object 9:5 spec.items[0].count: Invalid value: 0: spec.items[0].count in body should be greater \
             than or equal to 1",
            r#"refused-object 6:3 spec.priority: Unsupported value: "urgent": supported values: "low", "high""#,
            r#"refused-object 10:5 spec.items[1]: Duplicate value: {"name":"tea"}"#,
        ]
    );
}

#[test]
fn custom_resources_are_written_as_their_definition_completes_them() {
    let folder = Folder::new(&[("crd.yaml", SHOP), ("order.yaml", ORDER)]);
    let ended = folder.run(&["default", "-o", "json", "order.yaml", "crd.yaml"]);
    let list: Value = serde_json::from_str(&ended.out).unwrap();
    let order = &list["items"][0];
    let expected = serde_json::json!({
        "customer": "Eve", "priority": "urgent",
        "items": [{"name": "tea", "count": 0}, {"name": "tea", "count": 1}],
    });
    assert_eq!((&order["spec"], &order["metadata"]["namespace"]), (&expected, &"default".into()));
    assert_eq!((order.get("status"), &order["metadata"]["generation"]), (None, &1.into()));
    assert!(ended.err.contains("unknown field \"spec.items[1].colour\""), "{}", ended.err);
}
