//! One question, built from a plain one by saying what is different.

use serde_json::{Map, Value, json};

/// A question whose policy denies the creation of one ConfigMap, until something else is said.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    id: String,
    policy: Value,
    fields: Map<String, Value>,
}

/// A rule that every request matches.
pub(super) fn everything() -> Value {
    json!([{"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"]}])
}

/// The object of a question that names none.
pub(super) fn config_map() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop", "labels": {"app": "web"}},
        "data": {"mode": "fast"},
    })
}

/// A policy of this name, with these fields of its spec beside one validation that denies.
pub(super) fn policy(name: &str, spec: Value) -> Value {
    let mut policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {"matchConstraints": {"resourceRules": everything()}, "validations": [{"expression": "false"}]},
    });
    merge(&mut policy["spec"], spec);
    policy
}

/// A binding of a policy that denies, with these fields of its spec.
pub(super) fn binding(name: &str, policy: &str, spec: Value) -> Value {
    let mut binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": policy, "validationActions": ["Deny"]},
    });
    merge(&mut binding["spec"], spec);
    binding
}

impl Ask {
    pub(super) fn new(id: impl Into<String>) -> Ask {
        let mut fields = Map::new();
        fields.insert("object".to_owned(), config_map());
        Ask { id: id.into(), policy: policy("p", json!({})), fields }
    }

    /// Replaces fields of the policy's spec.
    pub(super) fn spec(mut self, spec: Value) -> Ask {
        merge(&mut self.policy["spec"], spec);
        self
    }

    /// One validation.
    pub(super) fn validation(self, validation: Value) -> Ask {
        self.spec(json!({"validations": [validation]}))
    }

    /// Validations with these expressions.
    pub(super) fn expressions(self, expressions: &[&str]) -> Ask {
        let validations: Vec<Value> =
            expressions.iter().map(|expression| json!({"expression": expression})).collect();
        self.spec(json!({"validations": validations}))
    }

    /// Replaces fields of matchConstraints.
    pub(super) fn constraints(mut self, constraints: Value) -> Ask {
        merge(&mut self.policy["spec"]["matchConstraints"], constraints);
        self
    }

    pub(super) fn ignoring_failures(self) -> Ask {
        self.spec(json!({"failurePolicy": "Ignore"}))
    }

    /// A binding with these fields of its spec.
    pub(super) fn bound(self, spec: Value) -> Ask {
        let one = binding("b", "p", spec);
        self.field("binding", one)
    }

    /// A field of the question.
    pub(super) fn field(mut self, name: &str, value: Value) -> Ask {
        self.fields.insert(name.to_owned(), value);
        self
    }

    /// The policy's apiVersion.
    pub(super) fn api_version(mut self, version: &str) -> Ask {
        self.policy["apiVersion"] = json!(version);
        self
    }

    /// Both failure policies.
    pub(super) fn with_both_failure_policies(self) -> [Ask; 2] {
        let mut ignoring = self.clone().ignoring_failures();
        ignoring.id.push_str("/ignore");
        [self, ignoring]
    }

    pub(super) fn question(self, room: &str) -> Value {
        let mut fields = self.fields;
        fields.insert("id".to_owned(), json!(format!("{room}/{}", self.id)));
        if !fields.contains_key("policies") {
            fields.insert("policy".to_owned(), self.policy);
        }
        Value::Object(fields)
    }
}

fn merge(into: &mut Value, fields: Value) {
    let (Value::Object(into), Value::Object(fields)) = (into, fields) else { return };
    into.extend(fields);
}
