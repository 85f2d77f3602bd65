use super::*;
use crate::cel::environment::Version;
use crate::document::{Limits, documents};

fn document(text: &str) -> Document {
    documents("policy.yaml", text.as_bytes(), &Limits::default()).remove(0).unwrap()
}

const POLICY: &str = "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: replicas
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
  validations:
  - expression: |
      object.spec.replicas <= 5 &&
      object.spec.replica >
    message: too many
";

#[test]
fn errors_of_expressions_have_their_place_in_the_file() {
    let policy = ValidatingAdmissionPolicy::from_document(&document(POLICY)).unwrap();
    let (_, problems) = CompiledPolicy::new(&policy, &environment::types(Version::default()));
    let rendered: Vec<String> = problems.iter().map(|problem| problem.render(false)).collect();
    assert_eq!(problems.len(), 1, "{rendered:?}");
    assert!(rendered[0].contains(" --> policy.yaml:1"), "{}", rendered[0]);
}

#[test]
fn misspelt_fields_are_errors_with_a_suggestion() {
    let text = POLICY.replace("validations:", "validation:").replace("operations:", "operation:");
    let problems = ValidatingAdmissionPolicy::from_document(&document(&text)).unwrap_err();
    let helps: Vec<&str> = problems.iter().filter_map(|problem| problem.help.as_deref()).collect();
    assert!(helps.contains(&"did you mean `validations`?"), "{problems:?}");
    assert!(helps.contains(&"did you mean `operations`?"), "{problems:?}");
}
