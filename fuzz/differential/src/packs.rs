//! The policies of `policies/` as questions: their types, and every object of their tests.

use kordon::document::{Document, Limits, documents};
use kordon::typed::{Options, Scheme};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A policy with what stands beside it.
struct Folder {
    name: String,
    policies: Vec<Value>,
    bindings: Vec<Value>,
    params: Vec<Value>,
    namespaces: Vec<Value>,
    cases: Vec<Value>,
    path: PathBuf,
}

/// Each policy, for its type warnings.
pub fn types() -> Vec<Value> {
    let folders = folders();
    let each = folders.iter().flat_map(|folder| {
        folder.policies.iter().map(move |policy| json!({"id": folder.name, "policy": policy}))
    });
    each.collect()
}

/// Each object of the tests of each policy, as a request.
pub fn requests() -> Vec<Value> {
    let Some(scheme) = Scheme::for_version(37) else { return Vec::new() };
    let mut questions = Vec::new();
    for folder in folders() {
        for expected in ["pass", "fail", "skip"] {
            for path in yaml_files(&folder.path.join("testdata").join(expected)) {
                let file = format!("{expected}/{}", path.file_name().unwrap_or_default().to_string_lossy());
                for (number, document) in read_documents(&path).into_iter().enumerate() {
                    let id = format!("{}/{file}/{number}", folder.name);
                    questions.push(folder.question(&id, &file, admitted(&document, &scheme)));
                }
            }
        }
    }
    questions
}

impl Folder {
    fn question(&self, id: &str, file: &str, object: Value) -> Value {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
        let case = self.cases.iter().find(|case| case["file"] == file);
        let user = case.and_then(|case| case["user"].as_str()).unwrap_or("kubernetes-admin");
        let request = json!({"operation": "CREATE", "namespace": namespace, "userInfo": {"username": user}});
        let mut question = json!({
            "id": id, "policy": self.policies.first(), "bindings": self.bindings, "request": request,
        });
        if !self.params.is_empty() {
            question["params"] = json!(self.params);
        }
        let named = |object: &&Value| object["metadata"]["name"] == namespace;
        question["namespaceObject"] = match self.namespaces.iter().find(named) {
            Some(object) => object.clone(),
            None if namespace.is_empty() => Value::Null,
            None => json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}),
        };
        question["object"] = object;
        question
    }
}

fn folders() -> Vec<Folder> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    sorted(&root).iter().flat_map(|pack| sorted(pack)).filter_map(|path| folder(&path)).collect()
}

fn folder(path: &Path) -> Option<Folder> {
    let of_kind = |objects: &[Value], kind: &str| -> Vec<Value> {
        objects.iter().filter(|object| object["kind"] == kind).cloned().collect()
    };
    let own = read(&path.join("policy.yaml"));
    let context: Vec<Value> =
        yaml_files(&path.join("testdata/context")).iter().flat_map(|path| read(path)).collect();
    let (own_params, given) = (of_kind(&own, "ConfigMap"), of_kind(&context, "ConfigMap"));
    let policies = of_kind(&own, "ValidatingAdmissionPolicy");
    let tests = read(&path.join("testdata/tests.yaml"));
    let cases = tests.first().and_then(|tests| tests["cases"].as_array().cloned()).unwrap_or_default();
    Some(Folder {
        name: policies.first()?["metadata"]["name"].as_str()?.to_owned(),
        bindings: of_kind(&own, "ValidatingAdmissionPolicyBinding"),
        params: if given.is_empty() { own_params } else { given },
        namespaces: of_kind(&context, "Namespace"),
        policies,
        cases,
        path: path.to_path_buf(),
    })
}

/// An object as policies see it in a cluster.
fn admitted(document: &Document, scheme: &Scheme) -> Value {
    let admitted = scheme.admit(&document.object, &Options::default());
    let admitted = admitted.unwrap_or_else(|refusal| panic!("{}: {}", document.source.name, refusal.message));
    let object = admitted.map_or_else(|| document.object.clone(), |admitted| admitted.object);
    serde_json::to_value(object.root()).unwrap()
}

fn read(path: &Path) -> Vec<Value> {
    let value = |document: Document| serde_json::to_value(document.object.root()).unwrap();
    read_documents(path).into_iter().map(value).collect()
}

fn read_documents(path: &Path) -> Vec<Document> {
    let bytes = std::fs::read(path).unwrap_or_default();
    let read = documents(&path.to_string_lossy(), &bytes, &Limits::default()).into_iter();
    read.map(|document| document.unwrap()).collect()
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut paths = sorted(folder);
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
