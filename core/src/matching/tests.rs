use super::*;
use crate::admission::Request;
use crate::document::{Limits, Object};
use proptest::prelude::*;

fn request(json: &str) -> Request {
    Request::create(Object::from_json(json.as_bytes(), &Limits::default()).unwrap())
}

fn rule(groups: &[&str], versions: &[&str], resources: &[&str]) -> NamedRuleWithOperations {
    let owned = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
    NamedRuleWithOperations {
        operations: vec!["CREATE".to_owned()],
        api_groups: owned(groups),
        api_versions: owned(versions),
        resources: owned(resources),
        ..NamedRuleWithOperations::default()
    }
}

const SCALER: &str =
    r#"{"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "a"}}"#;

#[test]
fn equivalent_versions_are_named_as_the_rule_has_them() {
    let request = request(SCALER);
    let mut resources = MatchResources {
        resource_rules: vec![rule(&["autoscaling"], &["v1"], &["horizontalpodautoscalers"])],
        ..MatchResources::default()
    };
    let matched = resources.matches(&request, &Namespaces::default(), &Kinds::default()).unwrap().unwrap();
    assert_eq!(matched.kind.version, "v1");
    resources.match_policy = MatchPolicy::Exact;
    assert_eq!(resources.matches(&request, &Namespaces::default(), &Kinds::default()), Ok(None));
}

#[test]
fn a_selector_error_counts_only_when_the_rules_match() {
    let node =
        Object::from_json(br#"{"matchExpressions": [{"key": "a", "operator": "Near"}]}"#, &Limits::default());
    let selector = LabelSelector::from_node(node.unwrap().root());
    let mut resources = MatchResources {
        object_selector: Some(selector),
        resource_rules: vec![rule(&[""], &["v1"], &["pods"])],
        ..MatchResources::default()
    };
    assert_eq!(resources.matches(&request(SCALER), &Namespaces::default(), &Kinds::default()), Ok(None));
    resources.resource_rules = vec![rule(&["*"], &["*"], &["*"])];
    assert!(resources.matches(&request(SCALER), &Namespaces::default(), &Kinds::default()).is_err());
}

proptest! {
    /// The index offers every policy that matches, in order, whatever the rules are.
    #[test]
    fn the_index_misses_nothing(policies in prop::collection::vec(
        prop::collection::vec(prop::sample::select(vec!["pods", "*", "pods/log", "*/*", "services", "*/scale"]), 0..3),
        0..8,
    ), resource in prop::sample::select(vec!["pods", "services", "nodes"])) {
        let policies: Vec<MatchResources> = policies
            .into_iter()
            .map(|resources| MatchResources {
                resource_rules: if resources.is_empty() { Vec::new() } else { vec![rule(&["*"], &["*"], &resources)] },
                ..MatchResources::default()
            })
            .collect();
        let index = Index::new(&policies);
        let mut request = request(r#"{"apiVersion": "v1", "kind": "Pod"}"#);
        request.resource.resource = resource.to_owned();
        let naive: Vec<u32> = (0_u32..)
            .zip(&policies)
            .filter(|(_, policy)| policy.matches(&request, &Namespaces::default(), &Kinds::default()).unwrap().is_some())
            .map(|(number, _)| number)
            .collect();
        let candidates = index.candidates(resource);
        prop_assert!(candidates.is_sorted());
        prop_assert!(naive.iter().all(|number| candidates.contains(number)));
    }
}
