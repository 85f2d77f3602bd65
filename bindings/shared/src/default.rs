//! `default`: objects as the API server has them, written out.

use crate::admitted::{admit, name_of, refused_field, version_problem, without_tables};
use crate::custom::CustomResources;
use crate::files;
use crate::inputs::{advised, no_object};
use kordon::cel::environment::Version;
use kordon::document::{Document, Limits, Object, documents};
use kordon::typed::{Options, Scheme};
use kordon::validation::Validator;
use kordon::{Diagnostic, Severity};
use serde_json::json;
use std::io::{self, Write};
use std::path::PathBuf;

/// Which objects, and in which cluster.
#[derive(Clone, Debug)]
pub struct DefaultOptions {
    pub files: Vec<PathBuf>,
    pub kubernetes_version: Version,
    /// For namespaced objects that name none.
    pub namespace: String,
    /// Also search files and folders whose name begins with a dot.
    pub hidden: bool,
}

/// Objects as the API server has them. Those of kinds that are neither built in nor defined
/// among the files are as written.
#[derive(Clone, Debug, Default)]
pub struct Defaulted {
    pub objects: Vec<Object>,
    /// What is wrong with the files and with objects, or was warned of. What cannot be read is missing; what the API
    /// server refuses then is there all the same.
    pub problems: Vec<Diagnostic>,
}

/// How objects are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectFormat {
    /// YAML documents.
    #[default]
    Yaml,
    /// The object, or a List of several.
    Json,
}

/// Makes of all objects in files what the API server makes of them.
pub fn default(options: &DefaultOptions) -> Defaulted {
    let mut made = Defaulted::default();
    let version = options.kubernetes_version;
    let Some(scheme) = Scheme::for_version(version.minor) else {
        made.problems.push(without_tables(version, Severity::Error));
        return made;
    };
    let (files, problems) = files::find(&options.files, options.hidden);
    made.problems.extend(problems);
    let admitting = Options { namespace: &options.namespace, ..Options::default() };
    let mut read = Vec::new();
    let mut custom = CustomResources::default();
    for file in files {
        let bytes = match file.read() {
            Ok(bytes) => bytes,
            Err(problem) => {
                made.problems.push(problem);
                continue;
            }
        };
        for document in documents(&file.name, &bytes, &Limits::default()) {
            let document = match document {
                Ok(document) => document,
                Err(problem) => {
                    made.problems.push(advised(problem));
                    continue;
                }
            };
            if let Some(problem) = no_object(&document, file.named) {
                made.problems.push(problem);
                continue;
            }
            made.problems.extend(custom.add(&document, version));
            read.push(document);
        }
    }
    let validator = Validator::for_version(version.minor);
    for document in read {
        made.problems.extend(version_problem(scheme.schemas(), &document));
        let Ok(seen) = admit(Some(&scheme), &custom, document, &admitting, &mut made.problems) else {
            continue;
        };
        let Document { source, object } = seen.document;
        let errors = match (&validator, custom.of(&object)) {
            (_, Some(strategy)) => strategy.validate(object.root(), None).into_errors(),
            (Some(validator), None) => validator.validate(&scheme, &object, None),
            (None, None) => Vec::new(),
        };
        let name = name_of(&object);
        let errors = errors.iter().filter(|error| !error.is_of_compiling());
        made.problems.extend(errors.map(|error| refused_field(error, &name, &source)));
        made.objects.push(object);
    }
    made
}

impl Defaulted {
    /// Whether anything was wrong with the inputs.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Writes the objects.
    pub fn write(&self, format: ObjectFormat, out: &mut dyn Write) -> io::Result<()> {
        match (format, self.objects.as_slice()) {
            (ObjectFormat::Yaml, objects) => {
                // Long texts are not folded.
                let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
                for (number, object) in objects.iter().enumerate() {
                    if number > 0 {
                        writeln!(out, "---")?;
                    }
                    let text = serde_saphyr::to_string_with_options(&object.root(), options.clone());
                    out.write_all(text.map_err(io::Error::other)?.as_bytes())?;
                }
            }
            (ObjectFormat::Json, []) => {}
            (ObjectFormat::Json, [object]) => json(&object.root(), out)?,
            (ObjectFormat::Json, objects) => {
                let items: Vec<_> = objects.iter().map(Object::root).collect();
                json(&json!({"apiVersion": "v1", "kind": "List", "items": items}), out)?;
            }
        }
        out.flush()
    }
}

fn json(value: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

    use super::*;

    /// Texts that YAML 1.1 or 1.2 reads as something else unless they are quoted.
    const TEXTS: &[&str] = &[
        "yes",
        "on",
        "n",
        "Y",
        "0777",
        "0o14",
        "1_000",
        "1e3",
        "12:30:45",
        "190:20:30",
        "0b1",
        "0x1F",
        "=",
        "<<",
        "~",
        "null",
        "",
        "  a",
        "a ",
        "a: b",
        "a #b",
        "- a",
        "-",
        "?",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "`a",
        "{a",
        "[a",
        "a\nb\n",
        "a\nb",
        "a\n\n",
        " a\nb",
        "\na",
        "a\tb",
        "\t",
        "\u{7f}",
        "\u{85}x",
        "\u{2028}x",
        "\u{feff}a",
        "é",
        "2024-01-01",
        "2001-12-14t21:59:43.10-05:00",
        ".inf",
        ".NaN",
        "+1",
        "1.",
        "1e",
        "True",
        "\"q\"",
        "'q'",
        "a\\b",
        "---",
        "...",
        "a\r\nb",
        "#!/bin/sh\nset -e\n  echo\n\ttab\n",
        "trail \nb\n",
        "685_230.15",
        "key:",
        "-0",
        "_1",
        "\0",
    ];

    #[test]
    fn what_is_written_is_read_back_as_the_same() {
        let mut texts: Vec<String> = TEXTS.iter().map(|&text| text.to_owned()).collect();
        texts.push("long ".repeat(50));
        texts.push("long ".repeat(50) + "\nlines\n");
        let keys: serde_json::Map<_, _> = texts.iter().map(|text| (text.clone(), json!(1))).collect();
        let value = json!({"apiVersion": "v1", "kind": "Text", "texts": texts, "keys": keys, "nested": [{"a": [], "b": {}},
            [[1, -2], [null, true]], {"c": {"d": [{"e": texts}]}}], "numbers": [1.5, 1e30, -0.1, i64::MAX, i64::MIN]});
        let object = Object::from_json(value.to_string().as_bytes(), &Limits::default()).unwrap();
        let made = Defaulted { objects: vec![object.clone(), object], problems: Vec::new() };
        let mut out = Vec::new();
        made.write(ObjectFormat::Yaml, &mut out).unwrap();
        let read = documents("out.yaml", &out, &Limits::default());
        assert_eq!(read.len(), 2);
        for document in read {
            let object = document.unwrap().object;
            assert_eq!(serde_json::to_value(object.root()).unwrap(), value);
        }
    }
}
