//! `kordon batch`: one JSON object a line in, one a line out, in the same order. The oracle speaks the same protocol.

mod admit;
mod cel;
mod crd;
mod netpol;
mod psa;
mod quota;
mod rbac;
mod type_check;
mod vap;
mod yaml;

use kordon::Source;
use kordon::cel::environment::Version;
use kordon::document::{Document, Limits, Object};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::io::{BufRead, Read, Write};
use std::sync::Arc;

/// What a batch asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Admit,
    Cel,
    Crd,
    Netpol,
    Psa,
    Quota,
    Rbac,
    TypeCheck,
    Vap,
    Yaml,
}

/// Longer lines are input errors.
const LONGEST_LINE: u64 = 64 * 1024 * 1024;

/// Answers every line of `input`. A line that cannot be understood gives `{"id", "inputError"}`, and the run goes on.
pub fn run(kind: Kind, mut input: impl BufRead, mut output: impl Write) -> std::io::Result<()> {
    let mut batch = Batch::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut input).take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            return output.flush();
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = if read as u64 == LONGEST_LINE && line.last() != Some(&b'\n') {
            input.skip_until(b'\n')?;
            json!({"id": null, "inputError": format!("the line is longer than {LONGEST_LINE} bytes")})
        } else {
            batch.answer(kind, &line)
        };
        serde_json::to_writer(&mut output, &answer)?;
        output.write_all(b"\n")?;
    }
}

/// What is kept between lines.
#[derive(Default)]
struct Batch {
    schemes: admit::Schemes,
    authorizers: rbac::Authorizers,
    type_checkers: type_check::TypeCheckers,
}

impl Batch {
    fn answer(&mut self, kind: Kind, line: &[u8]) -> Value {
        let answered = match kind {
            Kind::Admit => read(line).and_then(|question| self.schemes.answer(&question)),
            Kind::Cel => read(line).and_then(|question| cel::answer(&question)),
            Kind::Crd => read(line).and_then(|question| crd::answer(&question, &mut self.schemes)),
            Kind::Netpol => read(line).and_then(|question| netpol::answer(&question, &mut self.schemes)),
            Kind::Psa => read(line).and_then(|question| psa::answer(&question, &mut self.schemes)),
            Kind::Quota => read(line).and_then(|question| quota::answer(&question, &mut self.schemes)),
            Kind::Rbac => read(line).and_then(|question| self.authorizers.answer(&question)),
            Kind::TypeCheck => read(line).and_then(|question| self.type_checkers.answer(&question)),
            Kind::Vap => read(line).and_then(|question| vap::answer(&question, &mut self.schemes)),
            Kind::Yaml => read(line).map(|question| yaml::answer(&question)),
        };
        answered.unwrap_or_else(|error| {
            let id = serde_json::from_slice::<Value>(line).ok().and_then(|value| value.get("id").cloned());
            json!({"id": id, "inputError": error})
        })
    }
}

fn version(text: &str) -> Result<Version, String> {
    if text.is_empty() { Ok(Version::default()) } else { text.parse() }
}

fn read<'l, T: Deserialize<'l>>(line: &'l [u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| error.to_string())
}

fn object(raw: &RawValue) -> Result<Object, String> {
    Object::from_json(raw.get().as_bytes(), &Limits::default()).map_err(|error| error.to_string())
}

/// An object that may be absent or null.
fn optional(raw: Option<&RawValue>) -> Result<Option<Object>, String> {
    raw.filter(|raw| raw.get() != "null").map(object).transpose()
}

fn document(name: &str, raw: &RawValue) -> Result<Document, String> {
    Ok(Document { source: Arc::new(Source::new(name, raw.get())), object: object(raw)? })
}

fn joined(problems: &[kordon::Diagnostic]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<String>>().join("; ")
}
