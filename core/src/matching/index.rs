//! From a resource to the policies whose rules name it.

use super::MatchResources;
use std::collections::HashMap;

/// Candidate policies by resource, in the order of the policies. A candidate may still not match; what is no
/// candidate cannot.
#[derive(Clone, Debug, Default)]
pub struct Index {
    by_resource: HashMap<String, Vec<u32>>,
    /// For resources that no rule names: the policies with `*`.
    others: Vec<u32>,
}

impl Index {
    pub fn new<'m>(policies: impl IntoIterator<Item = &'m MatchResources>) -> Index {
        let mut named: Vec<(u32, Option<Vec<&str>>)> = Vec::new();
        for (policy, resources) in (0_u32..).zip(policies) {
            let rules = resources.resource_rules.iter().flat_map(|rule| &rule.resources);
            let names: Vec<&str> =
                rules.map(|resource| resource.split('/').next().unwrap_or(resource)).collect();
            let any = resources.resource_rules.is_empty() || names.contains(&"*");
            named.push((policy, (!any).then_some(names)));
        }
        let mut index = Index::default();
        for name in named.iter().filter_map(|(_, names)| names.as_ref()).flatten() {
            index.by_resource.entry((*name).to_owned()).or_default();
        }
        for (policy, names) in &named {
            match names {
                None => {
                    index.others.push(*policy);
                    index.by_resource.values_mut().for_each(|policies| policies.push(*policy));
                }
                Some(names) => {
                    for name in names {
                        let policies = index.by_resource.entry((*name).to_owned()).or_default();
                        if policies.last() != Some(policy) {
                            policies.push(*policy);
                        }
                    }
                }
            }
        }
        index
    }

    /// The numbers of the policies that may match requests for a resource such as `pods`, in ascending order.
    pub fn candidates(&self, resource: &str) -> &[u32] {
        self.by_resource.get(resource).unwrap_or(&self.others)
    }
}
