use super::*;
use crate::cel::environment::{Env, Version};
use crate::document::{Limits, Object};
use crate::schema::Structural;
use std::sync::Arc;

fn object(json: &str) -> Object {
    Object::from_json(json.as_bytes(), &Limits::default()).unwrap()
}

fn structural(json: &str) -> Structural {
    Structural::read(object(json).root()).unwrap()
}

fn validator(schema: &str) -> Validator {
    Validator::new(Arc::new(structural(schema)), false, &Env::kubernetes(Version::NEWEST))
}

/// `field: detail` of each error.
fn errors(schema: &str, new: &str, old: Option<&str>) -> Vec<String> {
    let (new, old) = (object(new), old.map(object));
    let mut inputs = Inputs::create(new.root());
    inputs.old_object = old.as_ref().map(Object::root);
    inputs.path = Some("root");
    validator(schema).validate(&inputs).errors.iter().map(ToString::to_string).collect()
}

const LIST_MAP: &str = r#"{"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
    "items": {"type": "object", "properties": {"k": {"type": "string"}, "v": {"type": "integer"}},
      "x-kubernetes-validations": [{"rule": "self.v >= oldSelf.v", "message": "only up", "fieldPath": ".v"}]},
    "x-kubernetes-validations": [{"rule": "self + oldSelf == oldSelf + self || self != oldSelf"}]}"#;

#[test]
fn elements_of_list_maps_have_the_old_values_of_their_keys() {
    let old = r#"[{"k": "a", "v": 5}, {"k": "b", "v": 1}]"#;
    let new = r#"[{"k": "b", "v": 0}, {"k": "c", "v": 0}, {"k": "a", "v": 6}]"#;
    assert_eq!(errors(LIST_MAP, new, Some(old)), ["root[0].v: Invalid value: only up"]);
    assert_eq!(errors(LIST_MAP, new, None), Vec::<String>::new());
}

#[test]
fn sets_and_list_maps_do_not_care_for_order() {
    let schema = |kind: &str, rule: &str| {
        format!(
            r#"{{"type": "object", "properties": {{"a": {kind}, "b": {kind}}},
                "x-kubernetes-validations": [{{"rule": "{rule}"}}]}}"#
        )
    };
    let set = r#"{"type": "array", "items": {"type": "integer"}, "x-kubernetes-list-type": "set"}"#;
    let atomic = r#"{"type": "array", "items": {"type": "integer"}}"#;
    let holds = |schema: &str, object: &str| errors(schema, object, None).is_empty();
    let lists = r#"{"a": [1, 2, 3], "b": [3, 2, 1]}"#;
    assert!(holds(&schema(set, "self.a == self.b && self.a + self.b == [2, 1, 3]"), lists));
    assert!(holds(&schema(atomic, "self.a != self.b && (self.a + self.b).size() == 6"), lists));
    // Objects of different fields have different types; those of one list do not.
    let map = r#"{"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
        "items": {"type": "object", "properties": {"k": {"type": "string"}, "v": {"type": "integer"}}}}"#;
    let rule =
        "self.a[0] != self.a[1] && self.a[0] + self.a[1] == self.a[1] && (self.a[0] + self.a[1])[0].v == 9";
    let lists = r#"{"a": [[{"k": "x", "v": 1}], [{"k": "y", "v": 2}, {"k": "x", "v": 9}]]}"#;
    let map = format!(r#"{{"type": "array", "items": {map}}}"#);
    assert!(holds(&schema(&map, rule), lists));
}

#[test]
fn values_are_read_by_their_schema() {
    let schema = r#"{"type": "object", "properties": {"n": {"type": "number"}, "t": {"type": "string", "format": "date"},
        "d": {"type": "string", "format": "duration"}, "b": {"type": "string", "format": "byte"},
        "i": {"x-kubernetes-int-or-string": true}, "x": {"x-kubernetes-preserve-unknown-fields": true}},
        "x-kubernetes-validations": [
          {"rule": "type(self.n) == double && self.t.getFullYear() == 2020 && self.d == duration('1h')"},
          {"rule": "self.b == b'\\x01' && self.i == 5 && dyn(self).x == dyn(self).x"},
          {"rule": "dyn(self).x.y == 1"}]}"#;
    let object = r#"{"n": 1, "t": "2020-01-02", "d": "60m", "b": "AQ==", "i": 5, "x": {"y": 1}}"#;
    assert_eq!(
        errors(schema, object, None),
        ["root: Invalid value: \"object\": no such key: y evaluating rule: dyn(self).x.y == 1"]
    );
    assert_eq!(
        errors(schema, r#"{"n": "1"}"#, None)[0],
        "root: Invalid value: \"object\": invalid data, expected float, got string evaluating rule: \
         type(self.n) == double && self.t.getFullYear() == 2020 && self.d == duration('1h')"
    );
}

#[test]
fn messages_fall_back_where_their_expression_is_of_no_use() {
    let message = |rule: &str| {
        let schema =
            format!(r#"{{"type": "string", "x-kubernetes-validations": [{{"rule": "false", {rule}}}]}}"#);
        errors(&schema, r#""a""#, None).remove(0)
    };
    assert_eq!(message(r#""messageExpression": "' no ' + self + ' '""#), "root: Invalid value: \"a\": no a");
    assert_eq!(message(r#""message": "m", "messageExpression": "'a\\nb'""#), "root: Invalid value: \"a\": m");
    assert_eq!(
        message(r#""messageExpression": "string(1 / int(self.size() - 1))""#),
        "root: Invalid value: \"a\": failed rule: false"
    );
    assert_eq!(message(r#""reason": "FieldValueForbidden""#), "root: Forbidden: failed rule: false");
    assert_eq!(message(r#""reason": "FieldValueDuplicate""#), "root: Duplicate value: \"a\"");
}

#[test]
fn the_budget_ends_everything() {
    let schema = r#"{"type": "array", "items": {"type": "integer", "x-kubernetes-validations": [{"rule": "self > 0"}]}}"#;
    let list = object("[0, 0, 0]");
    let mut inputs = Inputs::create(list.root());
    inputs.cost_budget = 5;
    let outcome = validator(schema).validate(&inputs);
    let shown: Vec<String> = outcome.errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "[0]: Invalid value: 0: failed rule: self > 0",
            "[1]: Invalid value: 0: failed rule: self > 0",
            "[2]: Invalid value: \"integer\": validation failed due to running out of cost budget, no further validation rules will be run",
        ]
    );
    assert_eq!(outcome.cost, None);
    inputs.cost_budget = 6;
    assert_eq!(validator(schema).validate(&inputs).cost, Some(6));
}

#[test]
fn what_did_not_change_is_only_warned_of() {
    let schema = r#"{"type": "object", "properties": {"a": {"type": "integer", "x-kubernetes-validations": [{"rule": "self > 1"}]},
        "b": {"type": "integer", "x-kubernetes-validations": [{"rule": "self > 1"}, {"rule": "self > oldSelf"}]}}}"#;
    let (old, new) = (object(r#"{"a": 1, "b": 0}"#), object(r#"{"a": 1, "b": 0, "c": 1}"#));
    let outcome = validator(schema).validate(&Inputs::update(new.root(), old.root()));
    let shown = |errors: &[FieldError]| errors.iter().map(|error| error.field.clone()).collect::<Vec<_>>();
    // A rule about the change itself is never let off.
    assert_eq!(
        (shown(&outcome.warnings), shown(&outcome.errors)),
        (vec!["a".into(), "b".into()], vec!["b".into()])
    );
}

#[test]
fn defaults_are_set_before_rules_are_evaluated() {
    let schema = structural(
        r#"{"type": "object", "properties": {"a": {"type": "object", "default": {}, "properties": {"b": {"type": "integer", "default": 7}}},
          "n": {"type": "integer", "nullable": true, "default": 1}, "d": {"type": "integer"},
          "l": {"type": "array", "items": {"type": "object", "properties": {"x": {"default": [1, {"y": 2}]}}}}}}"#,
    );
    let written = object(r#"{"n": null, "d": null, "l": [{}, {"x": null}], "u": null}"#);
    let defaulted = with_defaults(written.root(), &schema).unwrap();
    assert_eq!(
        serde_json::to_string(&defaulted.root()).unwrap(),
        r#"{"n":null,"l":[{"x":[1,{"y":2}]},{"x":[1,{"y":2}]}],"u":null,"a":{"b":7}}"#
    );
}

#[test]
fn rules_of_definitions_are_held_to_their_limits() {
    let check = |schema: &str| -> Vec<String> {
        let errors = check_rules(&structural(schema), "schema", &Env::kubernetes(Version::default()));
        errors.iter().map(ToString::to_string).collect()
    };
    let list = |more: &str| {
        format!(
            r#"{{"type": "object", "properties": {{"l": {{"type": "array", {more} "items": {{"type": "string",
              "x-kubernetes-validations": [{{"rule": "self.contains('a')"}}]}}}}}}}}"#
        )
    };
    let found = check(&list(""));
    assert!(
        found[0].starts_with(
            "schema.properties[l].items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ("
        ),
        "{found:#?}"
    );
    assert_eq!(found.len(), 3);
    assert_eq!(check(&list(r#""maxItems": 3,"#)), Vec::<String>::new());
    let found = check(
        r#"{"type": "object", "properties": {"l": {"type": "array", "maxItems": 3, "items": {"type": "integer",
          "x-kubernetes-validations": [{"rule": "self > oldSelf"}]}}},
          "x-kubernetes-validations": [{"rule": " "}, {"rule": "true", "fieldPath": ".x", "reason": "No"}]}"#,
    );
    assert_eq!(
        found,
        [
            "schema.x-kubernetes-validations[0].rule: Required value: rule is not specified",
            "schema.x-kubernetes-validations[1].reason: Unsupported value: \"No\": supported values: \"FieldValueDuplicate\", \"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\"",
            "schema.x-kubernetes-validations[1].fieldPath: Invalid value: \".x\": must be a valid path",
            "schema.properties[l].items.x-kubernetes-validations[0].rule: Invalid value: \"self > oldSelf\": oldSelf cannot be used on the uncorrelatable portion of the schema within schema.properties[l]",
        ]
    );
}

/// Neither the schema nor an object may exhaust the stack, which a test thread has little of.
#[test]
fn the_deepest_schema_is_walked() {
    let levels = crate::schema::MAX_DEPTH;
    let rule = r#""x-kubernetes-validations": [{"rule": "self == self && self == oldSelf && self + oldSelf == self"}]"#;
    let list = format!(r#"{{"type": "array", "x-kubernetes-list-type": "atomic", {rule}, "items": "#);
    let schema = format!("{}{{\"type\": \"integer\"}}{}", list.repeat(levels), "}".repeat(levels));
    let object = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let found = errors(&schema, &object, Some(&object));
    // Elements of atomic lists have no old values.
    assert_eq!(
        found,
        ["root: Invalid value: failed rule: self == self && self == oldSelf && self + oldSelf == self"]
    );
    let lists = format!("{}{{\"type\": \"integer\"}}{}", list.repeat(levels - 1), "}".repeat(levels - 1));
    let schema = format!(r#"{{"type": "object", "properties": {{"l": {lists}}}}}"#);
    let checked = check_rules(&structural(&schema), "schema", &Env::kubernetes(Version::default()));
    assert!(checked.iter().any(|error| error.detail.contains("uncorrelatable")));
}
