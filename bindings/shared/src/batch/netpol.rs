//! Who reaches whom by the NetworkPolicies among objects, and who says so.

use super::admit::Schemes;
use crate::netpol;
use kordon::document::{Limits, Object, documents};
use kordon::network::{Difference, Network, PortChoice, Protocol, Question as Query};
use kordon::typed::{Options, Scheme, Stage};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Question {
    id: Value,
    /// Pods, workloads, namespaces, policies, Services; lists of them too.
    objects: Vec<Box<RawValue>>,
    #[serde(default)]
    queries: Vec<Asked>,
    /// The namespace of objects that name none.
    #[serde(default = "default_namespace")]
    namespace: String,
    /// All connections are asked for.
    #[serde(default)]
    connections: bool,
    /// What the policies cover is asked for.
    #[serde(default)]
    coverage: bool,
    /// Objects as they were: what has changed since is asked for.
    before: Option<Vec<Box<RawValue>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    from: String,
    to: String,
    /// A number or a name; none for all ports.
    #[serde(default)]
    port: Option<Port>,
    #[serde(default)]
    protocol: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Port {
    Number(i64),
    Name(String),
}

fn default_namespace() -> String {
    "default".to_owned()
}

pub(super) fn answer(question: &Question, schemes: &mut Schemes) -> Result<Value, String> {
    let scheme = schemes.of("")?;
    let namespace = question.namespace.as_str();
    let objects = read("objects", &question.objects, scheme)?;
    let network = Network::new(&objects, namespace).map_err(|error| error.to_string())?;
    let mut answer = json!({"id": question.id});
    let mut set = |name: &str, value: Value| {
        if let Value::Object(fields) = &mut answer {
            fields.insert(name.to_owned(), value);
        }
    };
    let answers = question.queries.iter().enumerate().map(|(number, asked)| {
        let answered = asked.query().and_then(|query| network.answer(&query));
        answered.map(|answer| json!(answer)).map_err(|error| format!("queries[{number}]: {error}"))
    });
    set("answers", answers.collect::<Result<Value, String>>()?);
    if question.connections {
        let reach = network.reach().map_err(|error| error.to_string())?;
        let mut rows = Vec::new();
        reach.each(&mut |connection| rows.push(netpol::row(&connection)));
        set("connections", Value::Array(rows));
    }
    if question.coverage {
        set("coverage", netpol::covered(&network.coverage(), &|_| None));
    }
    if let Some(before) = &question.before {
        let objects = read("before", before, scheme)?;
        let before = Network::new(&objects, namespace).map_err(|error| error.to_string())?;
        let difference = Difference::between(&before, &network).map_err(|error| error.to_string())?;
        set("difference", json!(difference));
    }
    Ok(answer)
}

impl Asked {
    fn query(&self) -> Result<Query<'_>, String> {
        let port = match &self.port {
            None => None,
            Some(Port::Name(name)) => Some(PortChoice::Name(name)),
            Some(Port::Number(number)) => {
                let number = u16::try_from(*number).ok().filter(|number| *number > 0);
                Some(PortChoice::Number(number.ok_or("port: must be between 1 and 65535, inclusive")?))
            }
        };
        let protocol = match self.protocol.as_str() {
            "" => Protocol::Tcp,
            protocol => protocol.parse()?,
        };
        Ok(Query { from: &self.from, to: &self.to, port, protocol })
    }
}

/// Objects with their defaults, and with their status.
fn read(field: &str, list: &[Box<RawValue>], scheme: &Scheme) -> Result<Vec<Object>, String> {
    let options = Options { stage: Stage::Defaulted, ..Options::default() };
    let mut objects = Vec::new();
    for (number, raw) in list.iter().enumerate() {
        let at = |error: &dyn std::fmt::Display| format!("{field}[{number}]: {error}");
        for document in documents(field, raw.get().as_bytes(), &Limits::default()) {
            let object = document.map_err(|problem| at(&problem.message))?.object;
            let root = object.root();
            if let Some(missing) = ["apiVersion", "kind"].iter().find(|name| root.field(name).is_none()) {
                return Err(at(&format!("no `{missing}`")));
            }
            let admitted = scheme.admit(&object, &options).map_err(|refusal| at(&refusal.message))?;
            objects.push(admitted.map_or(object, |admitted| admitted.object));
        }
    }
    Ok(objects)
}
