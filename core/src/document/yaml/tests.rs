//! Answers of sigs.k8s.io/yaml 1.6.0 where readers of newer YAML differ, taken from running it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use super::yaml_documents;
use crate::document::{Limits, Object};

/// The documents as JSON and the errors, one to a line.
fn answer(text: &str) -> String {
    let (documents, errors) = yaml_documents(text, &Limits::default());
    let mut lines: Vec<String> =
        documents.iter().map(|object| serde_json::to_string(&object.root()).unwrap()).collect();
    lines.extend(errors.into_iter().map(|error| error.message));
    lines.join("\n")
}

#[test]
fn go_yaml_is_a_reader_of_old_yaml() {
    let cases = [
        ("a: \"\\/\"", "yaml: found unknown escape character"),
        ("a: \"\\'\"", r#"{"a":"'"}"#),
        ("[a?b]", "yaml: did not find expected ',' or ']'"),
        ("{a:b, http://c}", r#"{"a:b":null,"http://c":null}"#),
        ("%YAML 1.2\n", "yaml: found incompatible YAML document"),
        ("%YAML 1.123\n", "yaml: found extremely long version number"),
        ("- !!str, a", r#"["a"]"#),
        ("[!!str, a]", r#"["a"]"#),
        ("a: 'b\r\r\nc'", r#"{"a":"b c"}"#),
        ("a: b\u{85}c: d", r#"{"a":"b","c":"d"}"#),
        ("a: !!binary //79", "{\"a\":\"\u{fffd}\u{fffd}\u{fffd}\"}"),
        ("[a]: b", r#"yaml: invalid map key: []interface {}{"a"}"#),
        ("~: b", r#"unsupported map key of type: %!s(<nil>), key: <nil>, value: "b""#),
        ("a: \u{1}", "yaml: control characters are not allowed"),
        ("[]: a", "[]"),
        ("? a\n? b\n", r#"{"a":null,"b":null}"#),
        ("[? a : b, ? c, d: e]", r#"[{"a":"b"},{"c":null},{"d":"e"}]"#),
        ("%TAG ! x:\n", "yaml: line 1: did not find expected <document start>"),
        ("!u!x a", "yaml: found undefined tag handle"),
        ("a: |1\n  b\n c", r#"{"a":" b\nc\n"}"#),
        ("a: >-\n  b\n  c\n\n  d\n", r#"{"a":"b c\nd"}"#),
        (
            "a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\ne: {b: 3, <<: *x}",
            r#"{"a":{"b":1,"c":2},"d":{"c":2,"b":3},"e":{"b":1,"c":2}}"#,
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(answer(text), expected, "{text:?}");
    }
}

#[test]
fn what_kubectl_decides_at_random_is_an_error() {
    assert_eq!(
        answer("1: a\n'1': b"),
        "the key `1` is written as values of two types, of which kubectl keeps one at random; remove one or quote both"
    );
    let mark =
        "yaml: a byte order mark (U+FEFF) stands where kubectl's reader would drop characters; remove it";
    assert_eq!(answer("\u{feff}\u{feff}a: b\nc: d"), mark);
    assert_eq!(answer(&format!("{}\n\u{feff}: b", "#".repeat(510))), mark);
    assert_eq!(answer("a: 'x\u{feff}y'"), "{\"a\":\"x\u{feff}y\"}");
}

#[test]
fn a_forbidden_character_counts_once_its_piece_is_read() {
    let far = format!("a: b\n...\n{}\u{1}", "#".repeat(600));
    assert_eq!(answer(&far), r#"{"a":"b"}"#);
    let near = format!("a: [\n{}\u{1}", "#".repeat(60));
    assert_eq!(answer(&near), "yaml: control characters are not allowed");
}

#[test]
fn deep_texts_end_in_an_error() {
    let deep = "[".repeat(20_000);
    assert_eq!(answer(&deep), "yaml: exceeded max depth of 10000");
    let balanced = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
    assert_eq!(answer(&balanced), "lists and maps are nested more than 1000 deep");
    let laughs: String = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, i| {
        text + &format!("a{i}: &a{i} [*a{0}, *a{0}]\n", i - 1)
    });
    assert_eq!(answer(&laughs), "yaml: document contains excessive aliasing");
}

#[test]
fn spans_are_places_in_the_text() {
    let text = "# x\na:\n  b: [1, 'two']\n  c: |\n    three\nd: e\n";
    let object = Object::from_yaml(text, &Limits::default()).unwrap();
    let at = |node: crate::document::NodeRef<'_>| {
        let span = node.span();
        text.get(span.start as usize..span.end as usize).unwrap()
    };
    let a = object.root().field("a").unwrap();
    assert_eq!(at(a), "b: [1, 'two']\n  c: |\n    three\n");
    let list = a.field("b").unwrap();
    assert_eq!(at(list), "[1, 'two']");
    assert_eq!(at(list.as_list().unwrap().at(1).unwrap()), "'two'");
    assert_eq!(at(object.root().field("d").unwrap()), "e");
}
