use super::*;
use crate::document::Limits;

fn read(json: &str) -> Result<Structural, Vec<SchemaProblem>> {
    let document = Object::from_json(json.as_bytes(), &Limits::default()).unwrap();
    Structural::read(document.root())
}

#[test]
fn everything_that_a_schema_has_is_read() {
    let schema = read(
        r#"{"type": "object", "nullable": true, "default": {"a": [1]}, "required": ["a"], "maxProperties": 3,
            "properties": {"a": {"type": "array", "items": {"x-kubernetes-int-or-string": true, "maxLength": 5},
              "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], "maxItems": 9}},
            "additionalProperties": {"type": "string", "enum": ["x", 1], "pattern": "^x", "format": "date"},
            "x-kubernetes-map-type": "atomic", "x-kubernetes-preserve-unknown-fields": true,
            "anyOf": [{"not": {"minimum": 1, "exclusiveMinimum": true}}],
            "x-kubernetes-validations": [{"rule": "true", "message": "m", "messageExpression": "'e'",
              "fieldPath": ".a", "reason": "FieldValueForbidden", "optionalOldSelf": true}]}"#,
    )
    .unwrap();
    assert_eq!(schema.kind, JsonType::Object);
    assert!(schema.nullable && schema.preserve_unknown_fields && !schema.embedded_resource);
    assert_eq!(
        schema.default.as_ref().map(|value| serde_json::to_string(&value.root()).unwrap()).as_deref(),
        Some(r#"{"a":[1]}"#)
    );
    assert_eq!((&*schema.value.required[0], schema.value.max_properties), ("a", Some(3)));
    assert!(schema.value.required.contains("a") && !schema.value.required.contains("b"));
    assert_eq!(schema.map_type.as_deref(), Some("atomic"));
    let list = &schema.properties["a"];
    assert_eq!((list.list_type.as_deref(), list.value.max_items), (Some("map"), Some(9)));
    assert_eq!(&*list.list_map_keys[0], "k");
    let items = list.items.as_ref().unwrap();
    assert!(items.int_or_string && items.kind == JsonType::Unset);
    assert_eq!(items.value.max_length, Some(5));
    let additional = schema.additional_schema().unwrap();
    assert_eq!((&*additional.value.pattern, &*additional.value.format), ("^x", "date"));
    assert_eq!(additional.value.values.len(), 2);
    let not = schema.value.any_of[0].value.not.as_ref().unwrap();
    assert_eq!((not.value.minimum, not.value.exclusive_minimum), (Some(1.0), true));
    let rule = &schema.validations[0];
    assert_eq!((&*rule.rule, &*rule.message, &*rule.message_expression), ("true", "m", "'e'"));
    assert_eq!((&*rule.field_path, rule.reason.as_deref()), (".a", Some("FieldValueForbidden")));
    assert_eq!(rule.optional_old_self, Some(true));
}

#[test]
fn every_problem_has_its_place() {
    let text = r#"{"type": 1, "items": [{}], "maxLength": 1.5, "$ref": "x", "properties": {"a": 2}}"#;
    let problems = read(text).unwrap_err();
    let shown: Vec<(&str, &str)> = problems
        .iter()
        .map(|problem| {
            let span = problem.span.start as usize..problem.span.end as usize;
            (problem.message.as_str(), text.get(span).unwrap())
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("`$ref` is not supported", "\"x\""),
            ("`type` must be a string", "1"),
            ("`maxLength` must be an integer", "1.5"),
            ("`items` must be a schema, but is an array", "[{}]"),
            ("a schema must be an object", "2"),
        ]
    );
}

#[test]
fn null_is_as_good_as_absent() {
    let schema = read(r#"{"type": null, "items": null, "enum": [null], "properties": {"a": null}}"#).unwrap();
    assert!(schema.items.is_none() && schema.properties["a"].kind == JsonType::Unset);
    assert_eq!(schema.value.values.len(), 1);
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: usize| format!("{}{{}}{}", r#"{"items":"#.repeat(levels), "}".repeat(levels));
    assert!(read(&nested(MAX_DEPTH)).is_ok());
    let problems = read(&nested(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!(problems[0].message, "a schema nests more than 128 levels");
}
