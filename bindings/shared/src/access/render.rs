//! Answers, for people and for programs.

use super::{AllowedSubject, Asked, WhoCan};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes a table; problems are told elsewhere.
pub fn render_text(answer: &WhoCan, out: &mut dyn Write) -> io::Result<()> {
    if answer.allowed.is_empty() {
        writeln!(out, "nobody can {}", question(&answer.asked))?;
        return out.flush();
    }
    let head = ["SUBJECT", "BINDING", "ROLE", "PLACE"].map(str::to_owned);
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(answer.allowed.iter().map(row)).collect();
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2)];
    for [subject, binding, role, place] in &rows {
        let [first, second, third] = widths;
        writeln!(out, "{subject:first$}  {binding:second$}  {role:third$}  {place}")?;
    }
    out.flush()
}

/// Writes everything as one JSON object, `version` 1.
pub fn render_json(answer: &WhoCan, out: &mut dyn Write) -> io::Result<()> {
    let Asked { verb, group, resource, subresource, name, path, .. } = &answer.asked;
    let asked = match path.as_str() {
        "" => json!({
            "verb": verb, "group": group, "resource": resource, "subresource": subresource, "name": name,
            "namespace": answer.asked.namespace().unwrap_or_default(),
        }),
        path => json!({"verb": verb, "path": path}),
    };
    let allowed = answer.allowed.iter().map(|allowed| {
        let (line, column) = allowed.place.source.line_column(allowed.place.span.start);
        let subject = &allowed.subject;
        let mut subject_value = json!({"kind": subject.kind(), "name": subject.name()});
        if let (false, Value::Object(fields)) = (subject.namespace().is_empty(), &mut subject_value) {
            fields.insert("namespace".to_owned(), subject.namespace().into());
        }
        json!({
            "subject": subject_value, "binding": allowed.binding, "role": allowed.role,
            "namespace": allowed.namespace.as_deref().unwrap_or_default(),
            "file": *allowed.place.source.name, "line": line, "column": column,
        })
    });
    let allowed: Vec<Value> = allowed.collect();
    let document = json!({"version": 1, "asked": asked, "allowed": allowed, "problems": answer.problems});
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)?;
    out.flush()
}

fn row(allowed: &AllowedSubject) -> [String; 4] {
    let (line, column) = allowed.place.source.line_column(allowed.place.span.start);
    let place = format!("{}:{line}:{column}", allowed.place.source.name);
    [allowed.subject.to_string(), allowed.binding.clone(), allowed.role.clone(), place]
}

/// As `get pods/log web in namespace shop`.
fn question(asked: &Asked) -> String {
    if !asked.path.is_empty() {
        return format!("{} {}", asked.verb, asked.path);
    }
    let mut text = format!("{} {}", asked.verb, asked.resource);
    for (lead, part) in [(".", &asked.group), ("/", &asked.subresource), (" ", &asked.name)] {
        if !part.is_empty() {
            text.push_str(lead);
            text.push_str(part);
        }
    }
    match asked.namespace() {
        Some(namespace) if asked.namespaced => text.push_str(&format!(" in namespace {namespace}")),
        _ => {}
    }
    text
}
