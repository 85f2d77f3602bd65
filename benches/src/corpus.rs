//! What the benches evaluate.

use kordon::cel::environment::{Env, Version};
use kordon::cel::program::Program;
use kordon::cel::program::{Activation, PER_CALL_LIMIT};
use kordon::cel::types::Type;
use kordon::cel::value::{Arena, Val};
use kordon::document::{Limits, Object, ObjectBuilder, Projection};
use serde_json::Value;

/// The Deployment, as the API server would send it.
pub const DEPLOYMENT: &[u8] = include_bytes!("../corpus/deployment.json");

/// An expression and what it is called.
#[derive(Clone, Debug)]
pub struct Check {
    pub name: String,
    pub expression: String,
}

/// The eight expressions; all are true of the Deployment.
pub fn checks() -> Vec<Check> {
    let text = include_str!("../corpus/expressions.json");
    let list: Vec<Value> = serde_json::from_str(text).expect("the corpus is JSON");
    let field = |check: &Value, name: &str| check[name].as_str().expect("a text").to_owned();
    list.iter()
        .map(|check| Check { name: field(check, "name"), expression: field(check, "expression") })
        .collect()
}

/// The environment of a policy's expressions, as far as the checks need it.
pub fn env() -> Env {
    Env::kubernetes(Version::default()).with_variable("object", Type::Dyn)
}

/// The checks, compiled by kordon.
pub fn programs() -> Vec<Program> {
    let env = env();
    checks().iter().map(|check| env.compile(&check.expression).expect("the corpus compiles")).collect()
}

/// A document of kordon.
pub fn object(bytes: &[u8]) -> Object {
    Object::from_json(bytes, &Limits::default()).expect("the corpus is JSON")
}

/// What programs read of the object.
pub fn projection(programs: &[Program]) -> Projection {
    let mut fields = Projection::default();
    programs.iter().for_each(|program| program.project(0, &mut fields));
    fields
}

/// All that is between bytes and answers, with its buffers.
#[derive(Debug)]
pub struct Decider {
    programs: Vec<Program>,
    fields: Projection,
    builder: ObjectBuilder,
    object: Option<Object>,
    arena: Arena,
}

impl Default for Decider {
    fn default() -> Decider {
        let programs = programs();
        Decider {
            fields: projection(&programs),
            programs,
            builder: ObjectBuilder::default(),
            object: None,
            arena: Arena::new(),
        }
    }
}

impl Decider {
    /// How many checks are true.
    pub fn decide(&mut self, bytes: &[u8]) -> usize {
        let recycled = self.object.take().unwrap_or_default();
        let read = self.builder.read_json_projected(bytes, recycled, &Limits::default(), &self.fields);
        let object = self.object.insert(read.expect("the corpus is JSON"));
        let slots = [Some(Val::from_node(object.root()))];
        let activation = Activation::new(&slots, &self.arena);
        let mut answer = 0;
        for program in &self.programs {
            let value = program.eval(&activation, PER_CALL_LIMIT).value;
            answer += usize::from(matches!(value, Val::Bool(true)));
        }
        self.arena.reset();
        answer
    }
}

/// The Deployment, and variants of it that break one rule or lack what a rule reads.
pub fn variants() -> Vec<Value> {
    let deployment: Value = serde_json::from_slice(DEPLOYMENT).expect("the corpus is JSON");
    let mut variants = vec![deployment.clone()];
    let container = "/spec/template/spec/containers/1";
    for (parent, key, value) in [
        ("/spec".to_owned(), "replicas", Some(Value::from(6))),
        (container.to_owned(), "image", Some(Value::from("docker.io/library/nginx:1.27"))),
        (container.to_owned(), "image", Some(Value::from("registry.corp/shop/worker:latest"))),
        (container.to_owned(), "image", Some(Value::from("registry.corp/shop/worker"))),
        (container.to_owned(), "securityContext", None),
        (format!("{container}/securityContext"), "runAsNonRoot", Some(Value::from(false))),
        (format!("{container}/securityContext"), "capabilities", None),
        (format!("{container}/securityContext/capabilities"), "drop", Some(serde_json::json!(["NET_RAW"]))),
        (format!("{container}/securityContext/capabilities"), "add", Some(serde_json::json!(["SYS_ADMIN"]))),
        (format!("{container}/securityContext/capabilities"), "add", Some(serde_json::json!(["CHOWN"]))),
        (format!("{container}/resources"), "limits", None),
        (format!("{container}/resources/limits"), "memory", None),
        ("/metadata".to_owned(), "labels", None),
        ("/metadata/labels".to_owned(), "owner", None),
        ("/spec/template/spec".to_owned(), "volumes", None),
        ("/spec/template/spec/volumes/0".to_owned(), "hostPath", Some(serde_json::json!({"path": "/"}))),
        ("/spec/template/spec/securityContext".to_owned(), "runAsNonRoot", Some(Value::from(true))),
        ("/spec/template/spec".to_owned(), "initContainers", Some(serde_json::json!([{"name": "init"}]))),
    ] {
        let mut variant = deployment.clone();
        let parent =
            variant.pointer_mut(&parent).and_then(Value::as_object_mut).expect("it is in the corpus");
        match value {
            Some(value) => parent.insert(key.to_owned(), value),
            None => parent.remove(key),
        };
        variants.push(variant);
    }
    variants
}
