//! `kordon batch`: one JSON object a line in, one a line out, in the same order. The oracle speaks the same protocol.

mod cel;
mod crd;

use kordon::admission::{GroupVersionKind, GroupVersionResource, Namespaces, Request};
use kordon::authorization::{Attributes, Authorizer, Decision, Rbac, Target, User, UserInfo};
use kordon::cel::environment::Version;
use kordon::document::{Document, Limits, Object, yaml_documents};
use kordon::matching::MatchResources;
use kordon::policy::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use kordon::schema::Schemas;
use kordon::type_checking::TypeChecker;
use kordon::typed::{Options, Refusal, Scheme, Stage};
use kordon::{Engine, Source};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{BufRead, Read, Write};
use std::sync::Arc;

/// What a batch asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Admit,
    Vap,
    Cel,
    Crd,
    Yaml,
    Rbac,
    TypeCheck,
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
    /// Authorizers by the file that their objects came from.
    authorizers: HashMap<String, Rbac>,
    /// Kinds by the minor version of Kubernetes.
    schemes: HashMap<u16, Scheme>,
    /// What checks the types of policies, by version.
    type_checkers: HashMap<Version, TypeChecker>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdmitQuestion {
    id: Value,
    object: Box<RawValue>,
    #[serde(default)]
    version: String,
    #[serde(default)]
    stage: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YamlQuestion {
    id: Value,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RbacQuestion {
    id: Value,
    #[serde(default)]
    objects: Vec<Box<RawValue>>,
    #[serde(default)]
    objects_file: String,
    spec: Spec,
}

/// The spec of a SubjectAccessReview.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[derive(Default)]
struct Spec {
    resource_attributes: Option<ResourceAttributes>,
    non_resource_attributes: Option<NonResourceAttributes>,
    user: String,
    groups: Vec<String>,
    uid: String,
    extra: Value,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct ResourceAttributes {
    namespace: String,
    verb: String,
    group: String,
    version: String,
    resource: String,
    subresource: String,
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct NonResourceAttributes {
    path: String,
    verb: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct VapQuestion {
    id: Value,
    policy: Option<Box<RawValue>>,
    #[serde(default)]
    policies: Vec<Box<RawValue>>,
    binding: Option<Box<RawValue>>,
    bindings: Option<Vec<Box<RawValue>>>,
    params: Option<Vec<Box<RawValue>>>,
    #[serde(default)]
    request: RequestHead,
    object: Option<Box<RawValue>>,
    old_object: Option<Box<RawValue>>,
    namespace_object: Option<Box<RawValue>>,
    rbac: Option<Vec<Box<RawValue>>>,
    #[serde(default)]
    ignore_match_constraints: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeCheckQuestion {
    id: Value,
    policy: Box<RawValue>,
    #[serde(default)]
    crds: Vec<Box<RawValue>>,
    #[serde(default)]
    version: String,
    #[serde(default, rename = "allAPIs")]
    all_apis: bool,
}

/// The request without its objects; what is missing is derived from them.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct RequestHead {
    operation: String,
    user_info: Option<Box<RawValue>>,
    kind: Option<Kinded>,
    resource: Option<Kinded>,
    sub_resource: String,
    namespace: Option<String>,
    name: Option<String>,
    dry_run: bool,
    options: Option<Box<RawValue>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Kinded {
    group: String,
    version: String,
    kind: String,
    resource: String,
}

impl Batch {
    fn answer(&mut self, kind: Kind, line: &[u8]) -> Value {
        let answered = match kind {
            Kind::Cel => read(line).and_then(|question| cel::answer(&question)),
            Kind::Admit => read(line).and_then(|question| self.admit(&question)),
            Kind::Crd => read(line).and_then(|question| crd::answer(&question)),
            Kind::Yaml => read(line).map(|question| yaml(&question)),
            Kind::Rbac => read(line).and_then(|question| self.rbac(&question)),
            Kind::Vap => read(line).and_then(|question| vap(&question)),
            Kind::TypeCheck => read(line).and_then(|question| self.type_check(&question)),
        };
        answered.unwrap_or_else(|error| {
            let id = serde_json::from_slice::<Value>(line).ok().and_then(|value| value.get("id").cloned());
            json!({"id": id, "inputError": error})
        })
    }

    /// What the API server makes of an object.
    fn admit(&mut self, question: &AdmitQuestion) -> Result<Value, String> {
        let minor = match question.version.as_str() {
            "" => *Schemas::VERSIONS.end(),
            text => text
                .strip_prefix("1.")
                .and_then(|minor| minor.parse().ok())
                .ok_or_else(|| format!("unknown version `{text}`"))?,
        };
        if let Entry::Vacant(entry) = self.schemes.entry(minor) {
            let scheme = Scheme::for_version(minor).ok_or_else(|| format!("unknown version `1.{minor}`"))?;
            entry.insert(scheme);
        }
        let scheme = self.schemes.get(&minor).ok_or("no scheme")?;
        let stage = match question.stage.as_str() {
            "" => Stage::Prepared,
            "decode" => Stage::Decoded,
            "default" => Stage::Defaulted,
            other => return Err(format!("unknown stage `{other}`: decode or default")),
        };
        let written = object(&question.object)?;
        Ok(match scheme.admit(&written, &Options { stage, ..Options::default() }) {
            Ok(None) => return Err("object: no such kind".to_owned()),
            Ok(Some(admitted)) => {
                let warnings: Vec<&str> =
                    admitted.warnings.iter().map(|warning| warning.message.as_str()).collect();
                json!({"id": question.id, "object": admitted.object.root(), "warnings": warnings})
            }
            Err(refusal) => {
                let error =
                    json!({"field": refusal.field, "message": refusal.message, "reason": Refusal::REASON});
                json!({"id": question.id, "errors": [error], "warnings": []})
            }
        })
    }

    fn rbac(&mut self, question: &RbacQuestion) -> Result<Value, String> {
        let mut objects = Vec::new();
        for raw in &question.objects {
            objects.push(object(raw)?);
        }
        let fresh;
        let rbac = if question.objects_file.is_empty() {
            fresh = Rbac::new(&objects);
            &fresh
        } else {
            let file = &question.objects_file;
            if !self.authorizers.contains_key(file) {
                let bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
                let list: Vec<Box<RawValue>> =
                    serde_json::from_slice(&bytes).map_err(|error| format!("{file}: {error}"))?;
                let read: Result<Vec<Object>, String> = list.iter().map(|raw| object(raw)).collect();
                let all: Vec<Object> = read?.into_iter().chain(objects).collect();
                self.authorizers.insert(file.clone(), Rbac::new(&all));
            }
            self.authorizers.get(file).ok_or("no objects")?
        };
        let spec = &question.spec;
        let groups: Vec<&str> = spec.groups.iter().map(String::as_str).collect();
        let (verb, target) = match (&spec.resource_attributes, &spec.non_resource_attributes) {
            (Some(of), _) => (
                of.verb.as_str(),
                Target::Resource {
                    group: &of.group,
                    resource: &of.resource,
                    subresource: &of.subresource,
                    namespace: &of.namespace,
                    name: &of.name,
                },
            ),
            (None, Some(of)) => (of.verb.as_str(), Target::Path(&of.path)),
            (None, None) => return Err("`spec` needs resourceAttributes or nonResourceAttributes".to_owned()),
        };
        let answer =
            rbac.authorize(&Attributes { user: User { name: &spec.user, groups: &groups }, verb, target });
        let allowed = answer.decision == Decision::Allow;
        Ok(json!({"id": question.id, "allowed": allowed, "reason": answer.reason}))
    }

    fn type_check(&mut self, question: &TypeCheckQuestion) -> Result<Value, String> {
        let read = ValidatingAdmissionPolicy::from_document(&document("policy", &question.policy)?);
        let policy = read.map_err(|problems| joined(&problems))?;
        let crds: Result<Vec<Object>, String> = question.crds.iter().map(|raw| object(raw)).collect();
        let version = version(&question.version)?;
        let checker = self.type_checkers.entry(version).or_insert_with(|| TypeChecker::new(version));
        let checker = checker.clone().custom_kinds(&crds?).all_apis(question.all_apis);
        let warnings: Vec<Value> = checker
            .check(&policy)
            .iter()
            .map(|warning| json!({"fieldRef": warning.field_ref, "warning": warning.warning()}))
            .collect();
        Ok(json!({"id": question.id, "expressionWarnings": warnings}))
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

fn yaml(question: &YamlQuestion) -> Value {
    let (documents, errors) = yaml_documents(&question.text, &Limits::default());
    let documents: Vec<Value> = documents.iter().map(|object| json!(object.root())).collect();
    let errors: Vec<Value> = errors
        .iter()
        .map(|error| json!({"message": error.message, "line": error.line, "column": error.column}))
        .collect();
    json!({"id": question.id, "docs": documents, "errors": errors})
}

fn vap(question: &VapQuestion) -> Result<Value, String> {
    let mut policies = Vec::new();
    for raw in question.policy.iter().chain(&question.policies) {
        let read = ValidatingAdmissionPolicy::from_document(&document("policy", raw)?);
        let mut policy = read.map_err(|problems| joined(&problems))?;
        if question.ignore_match_constraints {
            policy.match_constraints = MatchResources::default();
        }
        policies.push(policy);
    }
    let given = question.binding.iter().filter(|raw| raw.get() != "null");
    let mut bindings = Vec::new();
    for raw in given.chain(question.bindings.iter().flatten()) {
        let read = ValidatingAdmissionPolicyBinding::from_document(&document("binding", raw)?);
        bindings.push(read.map_err(|problems| joined(&problems))?);
    }
    let all = |raws: &Option<Vec<Box<RawValue>>>| -> Result<Vec<Object>, String> {
        raws.iter().flatten().map(|raw| object(raw)).collect()
    };
    let request = request(question)?;
    let mut namespaces = Namespaces::default();
    if let Some(namespace) = optional(question.namespace_object.as_deref())? {
        namespaces.insert(request.namespace.clone(), namespace);
    }
    let bound = question.bindings.is_some() || !bindings.is_empty();
    let mut builder = Engine::builder()
        .policies(policies)
        .bindings(bindings)
        .require_bindings(bound)
        .params(all(&question.params)?)
        .namespaces(namespaces);
    let roles = all(&question.rbac)?;
    if !roles.is_empty() {
        builder = builder.authorizer(Arc::new(Rbac::new(&roles)));
    }
    let (engine, _) = builder.build();
    let mut answer = json!(engine.evaluate(&request));
    if let Value::Object(fields) = &mut answer {
        fields.insert("id".to_owned(), question.id.clone());
    }
    Ok(answer)
}

fn request(question: &VapQuestion) -> Result<Request, String> {
    let head = &question.request;
    let mut request =
        Request::derive(optional(question.object.as_deref())?, optional(question.old_object.as_deref())?);
    if let Some(kind) = &head.kind {
        request.kind = GroupVersionKind::new(&kind.group, &kind.version, &kind.kind);
        request.resource = kordon::admission::resource_of(&request.kind);
    }
    if let Some(resource) = &head.resource {
        request.resource = GroupVersionResource::new(&resource.group, &resource.version, &resource.resource);
    }
    if !head.operation.is_empty() {
        request.operation = head.operation.parse()?;
    }
    if let Some(namespace) = &head.namespace {
        request.namespace.clone_from(namespace);
    }
    if let Some(name) = &head.name {
        request.name.clone_from(name);
    }
    if let Some(user) = optional(head.user_info.as_deref())? {
        request.user_info = UserInfo::from_node(user.root());
    }
    request.sub_resource.clone_from(&head.sub_resource);
    request.dry_run = head.dry_run;
    request.options = optional(head.options.as_deref())?;
    Ok(request)
}

fn document(name: &str, raw: &RawValue) -> Result<Document, String> {
    Ok(Document { source: Arc::new(Source::new(name, raw.get())), object: object(raw)? })
}

fn joined(problems: &[kordon::Diagnostic]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<String>>().join("; ")
}
