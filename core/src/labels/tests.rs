use super::*;
use crate::document::{Limits, Object};

fn selector(json: &str) -> LabelSelector {
    let object = Object::from_json(json.as_bytes(), &Limits::default()).unwrap();
    LabelSelector::from_node(object.root())
}

fn selects(selector_json: &str, labels: &str) -> bool {
    let object = format!(r#"{{"metadata":{{"labels":{labels}}}}}"#);
    let object = Object::from_json(object.as_bytes(), &Limits::default()).unwrap();
    selector(selector_json).matches(labels_of(object.root()))
}

#[test]
fn all_requirements_must_hold() {
    let both =
        r#"{"matchLabels":{"a":"1"},"matchExpressions":[{"key":"b","operator":"NotIn","values":["x","y"]}]}"#;
    assert!(selects(both, r#"{"a":"1"}"#));
    assert!(selects(both, r#"{"a":"1","b":"z"}"#));
    assert!(!selects(both, r#"{"a":"1","b":"y"}"#));
    assert!(!selects(both, r#"{"b":"z"}"#));
    assert!(selects("{}", "null") && selects("{}", "{}"));
    let exists = r#"{"matchExpressions":[{"key":"a","operator":"Exists"}]}"#;
    assert!(selects(exists, r#"{"a":""}"#) && !selects(exists, "{}"));
    let absent = r#"{"matchExpressions":[{"key":"a","operator":"DoesNotExist"}]}"#;
    assert!(!selects(absent, r#"{"a":""}"#) && selects(absent, "null"));
    let within = r#"{"matchExpressions":[{"key":"a","operator":"In","values":["","2"]}]}"#;
    assert!(selects(within, r#"{"a":"2"}"#) && selects(within, r#"{"a":null}"#) && !selects(within, "{}"));
}

#[test]
fn labels_that_are_no_strings_are_no_labels() {
    let one = r#"{"matchLabels":{"a":"1"}}"#;
    assert!(!selects(one, r#"{"a":"1","b":2}"#));
    assert!(selects(one, r#"{"a":"1","b":null}"#));
    assert!(!selects(one, r#"["a"]"#));
}

/// The texts were printed by apimachinery's LabelSelectorAsSelector.
#[test]
fn problems_have_the_words_of_apimachinery() {
    let recorded = include_str!("../../testdata/labels/problems.jsonl");
    let mut count = 0;
    for line in recorded.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let problem = selector(&case["selector"].to_string()).problem();
        assert_eq!(problem.unwrap_or_default(), case["problem"], "{}", case["selector"]);
        count += 1;
    }
    assert!(count > 20);
}
