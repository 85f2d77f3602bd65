//! How values are written into YAML and JSON.

use serde_json::Value;

/// Where something is written: as the keys beside it are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// `key: value` on lines of its own.
    Block,
    /// `{key: value}`
    Flow,
    /// `{"key": value}`
    Json,
}

/// Spaces by which a map lies deeper than its key.
pub(super) const STEP: usize = 2;

/// `key: value`, without indentation before the first line and without a line break at the end.
pub(super) fn entry(key: &str, value: &Value, manner: Manner, indent: usize, line_break: &str) -> String {
    match (manner, value) {
        (Manner::Block, Value::Object(map)) if !map.is_empty() => {
            let mut text = format!("{}:", plain(key));
            for (key, value) in map {
                let inner = indent + STEP;
                let entry = entry(key, value, manner, inner, line_break);
                text.push_str(&format!("{line_break}{}{entry}", " ".repeat(inner)));
            }
            text
        }
        (Manner::Json, _) => format!("{}: {}", Value::from(key), json(value)),
        _ => format!("{}: {}", plain(key), flow(value)),
    }
}

/// A value in one line.
pub(super) fn value(value: &Value, manner: Manner) -> String {
    if manner == Manner::Json { json(value) } else { flow(value) }
}

fn json(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), json(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(json).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn flow(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{}: {}", plain(key), flow(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) => plain(text),
        other => other.to_string(),
    }
}

/// A text without quotes where that is sure to be read as a text.
fn plain(text: &str) -> String {
    const WORDS: [&str; 11] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "inf", "nan"];
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if is_plain { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_written_as_their_neighbours() {
        let value = json!({"a": {"b": ["ALL", "yes", 1]}, "c/d": true});
        let block = "k:\n    a:\n      b: [ALL, \"yes\", 1]\n    c/d: true";
        assert_eq!(entry("k", &value, Manner::Block, 2, "\n"), block);
        assert_eq!(entry("k", &value, Manner::Flow, 2, "\n"), "k: {a: {b: [ALL, \"yes\", 1]}, c/d: true}");
        let json = "\"k\": {\"a\": {\"b\": [\"ALL\", \"yes\", 1]}, \"c/d\": true}";
        assert_eq!(entry("k", &value, Manner::Json, 2, "\n"), json);
        assert_eq!(entry("no", &json!({}), Manner::Block, 0, "\n"), "\"no\": {}");
    }
}
