use super::*;
use crate::cel::environment::Version;
use crate::document::{Limits, Object};
use crate::schema::Structural;

fn structural(json: &str) -> Structural {
    let document = Object::from_json(json.as_bytes(), &Limits::default()).unwrap();
    Structural::read(document.root()).unwrap()
}

fn declared(json: &str, root: bool) -> Option<DeclType> {
    declare(&structural(json), root)
}

#[test]
fn types_are_named_by_their_paths() {
    let schema = r#"{"type": "object", "properties": {
        "l": {"type": "array", "items": {"type": "object", "properties": {"a-b": {"type": "string"}}}},
        "m": {"type": "object", "additionalProperties": {"type": "object"}},
        "x": {"x-kubernetes-preserve-unknown-fields": true},
        "p": {"x-kubernetes-int-or-string": true}, "1a": {"type": "string"}}}"#;
    let kind = declared(schema, false).unwrap();
    assert_eq!(kind.cel_type("selfType"), Type::Struct("selfType".into()));
    let names: Vec<String> =
        kind.object_types("selfType").iter().map(|object| object.name.to_string()).collect();
    assert_eq!(names, ["selfType", "selfType.l.@idx", "selfType.m.@elem"]);
    let Shape::Object(fields) = &kind.shape else { panic!() };
    assert_eq!(fields.keys().map(|name| &**name).collect::<Vec<_>>(), ["l", "m", "p"]);
    let (env, kind) = kind.declare("selfType", Env::kubernetes(Version::default()));
    let env = env.with_variable("self", kind);
    assert!(env.check("self.l[0].a__dash__b == 'a' && self.p == 1 && self.m.x == self.m.y").is_ok());
    let issues = env.check("self.l[0].b == 1").unwrap_err();
    assert_eq!(issues.issues[0].message, "undefined field 'b'");
}

#[test]
fn sizes_are_those_of_the_api_server() {
    let schema = r#"{"type": "object", "required": ["s", "d"], "properties": {
        "s": {"type": "string", "maxLength": 5}, "e": {"type": "string", "enum": ["ab", "abcd"]},
        "d": {"type": "string", "default": "x"}, "b": {"type": "string", "format": "byte", "maxLength": 7},
        "t": {"type": "string", "format": "date-time"}, "u": {"type": "string", "format": "duration"},
        "l": {"type": "array", "items": {"type": "boolean"}},
        "n": {"type": "array", "maxItems": 9, "items": {"type": "string"}},
        "m": {"type": "object", "additionalProperties": {"type": "integer"}}}}"#;
    let kind = declared(schema, false).unwrap();
    assert_eq!(kind.min_serialized_size, 2 + 1 + 2 + 4);
    let size = |path: &[&str]| kind.max_size(path.iter().copied());
    assert_eq!(size(&["s"]), Some(20));
    assert_eq!(size(&["e"]), Some(4));
    assert_eq!(size(&["d"]), Some(3 * 1024 * 1024 - 2));
    assert_eq!(size(&["b"]), Some(7));
    assert_eq!((size(&["t"]), size(&["u"])), (Some(32), Some(32)));
    assert_eq!(size(&["l"]), Some((3 * 1024 * 1024 - 2) / 5));
    assert_eq!((size(&["n"]), size(&["n", "@items"])), (Some(9), Some(3 * 1024 * 1024 - 2)));
    assert_eq!(size(&["m"]), Some((3 * 1024 * 1024 - 2) / 7));
    assert_eq!((size(&["m", "@keys"]), size(&["m", "@values"])), (Some(0), Some(0)));
    assert_eq!((size(&["x"]), size(&["s", "@items"]), size(&[])), (None, None, Some(0)));
}

#[test]
fn roots_of_resources_have_metadata() {
    let root = declared(
        r#"{"type": "object", "properties": {"metadata": {"type": "object", "properties":
        {"name": {"type": "string", "maxLength": 9}, "labels": {"type": "object"}}}}}"#,
        true,
    )
    .unwrap();
    let size = |path: &[&str]| root.max_size(path.iter().copied());
    assert_eq!(size(&["metadata", "name"]), Some(36));
    assert_eq!(size(&["metadata", "generateName"]), Some(252 * 4));
    assert_eq!(size(&["metadata", "labels"]), None);
    assert_eq!(size(&["kind"]), Some(3 * 1024 * 1024 - 2));
    let embedded = declared(
        r#"{"type": "array", "items": {"type": "object", "x-kubernetes-embedded-resource": true}}"#,
        false,
    )
    .unwrap();
    assert_eq!(embedded.max_size(["@items", "metadata", "name"]), Some(253 * 4));
}

#[test]
fn what_has_no_type_is_not_seen() {
    for schema in [
        r#"{"type": "array"}"#,
        r#"{"x-kubernetes-preserve-unknown-fields": true}"#,
        r#"{"type": "object", "additionalProperties": {}}"#,
        r#"{"type": "array", "items": {"type": "array"}}"#,
        r#"{"type": "thing"}"#,
    ] {
        assert_eq!(declared(schema, false), None, "{schema}");
    }
    assert!(declared(r#"{"type": "object", "additionalProperties": true}"#, false).is_some());
}

#[test]
fn names_are_escaped_and_back() {
    for (name, escaped) in [
        ("a", "a"),
        ("_a_b_", "_a_b_"),
        ("a__b", "a__underscores__b"),
        ("___", "__underscores___"),
        ("____", "__underscores____underscores__"),
        ("a.b-c/d", "a__dot__b__dash__c__slash__d"),
        (".a", "__dot__a"),
        ("if", "__if__"),
    ] {
        assert_eq!(escape(name).as_deref(), Some(escaped));
        assert_eq!(unescape(escaped).as_deref(), Some(name));
    }
    for name in ["", "1a", "a b", "é", "a.é", "a@"] {
        assert_eq!(escape(name), None);
    }
    assert_eq!(unescape("__if__x"), None);
    assert_eq!(unescape("a__unknown__"), None);
    assert_eq!(unescape("a__b").as_deref(), Some("a__b"));
}

#[test]
fn keywords_are_fields_without_escapes_since_1_31() {
    let kind =
        declared(r#"{"type": "object", "properties": {"namespace": {"type": "string"}}}"#, false).unwrap();
    let checks = |minor, expression| {
        let (env, kind) = kind.declare("selfType", Env::kubernetes(Version { major: 1, minor }));
        env.with_variable("self", kind).check(expression).is_ok()
    };
    assert!(checks(31, "self.namespace == 'a'") && !checks(30, "self.namespace == 'a'"));
    assert!(checks(30, "self.__namespace__ == 'a'") && checks(31, "self.__namespace__ == 'a'"));
}

#[test]
fn short_names_of_scalars_are_types_without_values() {
    let kind = declared(r#"{"type": "string"}"#, false).unwrap();
    let (env, kind) = kind.declare("selfType", Env::kubernetes(Version::default()));
    let env = env.with_variable("self", kind);
    let error = env.compile("type(self) == duration").unwrap_err();
    assert_eq!(error.to_string(), "reference to undefined type: duration");
    assert!(Env::kubernetes(Version::default()).check("type(1) == duration").is_err());
}
