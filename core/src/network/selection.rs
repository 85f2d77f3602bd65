//! Which endpoints a pair of selectors selects, worked out once for each different pair.

use super::TooLarge;
use super::endpoint::Endpoint;
use super::namespaces::Namespaces;
use crate::labels::LabelSelector;
use std::collections::{HashMap, HashSet};

/// Requirements of selectors that may be held against labels, and members that may be kept.
const MOST_STEPS: usize = 1 << 27;

/// Which Pods are meant, of which namespaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Selection {
    pub(super) namespaces: NamespaceChoice,
    /// None for all Pods.
    pub(super) pods: Option<LabelSelector>,
    /// Pods on the network of their node are not meant.
    pub(super) without_host_network: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum NamespaceChoice {
    /// The one of the policy.
    Own(String),
    Selected(LabelSelector),
}

/// One of the different selections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct SelectionId(u32);

/// Selections while policies are read.
#[derive(Debug, Default)]
pub(super) struct Selections {
    ids: HashMap<Selection, SelectionId>,
}

/// The endpoints of each selection.
#[derive(Debug, Default)]
pub(super) struct Members {
    sets: Vec<Set>,
    /// Selections of Pods of all namespaces, whatever their labels.
    anybody: HashSet<SelectionId>,
}

/// A set of endpoints by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set {
    words: Vec<u64>,
}

impl Selection {
    /// An empty selector of Pods is as good as none.
    pub(super) fn new(namespaces: NamespaceChoice, pods: Option<LabelSelector>) -> Selection {
        Selection { namespaces, pods: pods.filter(|pods| !pods.is_empty()), without_host_network: false }
    }
}

impl Selections {
    pub(super) fn id(&mut self, selection: Selection) -> SelectionId {
        let next = SelectionId(u32::try_from(self.ids.len()).unwrap_or(u32::MAX));
        *self.ids.entry(selection).or_insert(next)
    }

    /// Whether any of them looks at labels of namespaces.
    pub(super) fn have_namespaces(&self) -> bool {
        let mut all = self.ids.keys();
        all.any(|own| matches!(&own.namespaces, NamespaceChoice::Selected(selector) if !selector.is_empty()))
    }

    /// Works all of them out.
    pub(super) fn members(
        self,
        endpoints: &[Endpoint<'_>],
        namespaces: &Namespaces<'_>,
    ) -> Result<Members, TooLarge> {
        let mut by_namespace: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, endpoint) in endpoints.iter().enumerate() {
            by_namespace.entry(&endpoint.name.namespace).or_default().push(number);
        }
        let mut sets = vec![Set::default(); self.ids.len()];
        let mut steps = 0_usize;
        for (selection, id) in &self.ids {
            let Some(set) = sets.get_mut(id.0 as usize) else { continue };
            let pods = selection.pods.as_ref();
            let mut select = |numbers: &[usize]| {
                // A member takes a bit, what is asked of each takes a while.
                steps += numbers.len() * (1 + pods.map_or(0, weight)) + endpoints.len() / 64;
                if steps > MOST_STEPS {
                    return Err(TooLarge("selectors and Pods"));
                }
                let is_meant = |number: &usize| {
                    endpoints.get(*number).is_some_and(|own| {
                        !(selection.without_host_network && own.host_network)
                            && pods.is_none_or(|pods| pods.matches(own.labels))
                    })
                };
                numbers.iter().filter(|number| is_meant(number)).for_each(|number| set.insert(*number));
                Ok(())
            };
            match &selection.namespaces {
                NamespaceChoice::Own(namespace) => {
                    by_namespace.get(namespace.as_str()).map_or(Ok(()), |numbers| select(numbers))?;
                }
                NamespaceChoice::Selected(selector) => {
                    for (namespace, numbers) in &by_namespace {
                        if namespaces.is_selected(namespace, selector) {
                            select(numbers)?;
                        }
                    }
                    steps += by_namespace.len() * weight(selector);
                }
            }
        }
        let anybody = self.ids.iter().filter(|(own, _)| {
            let everywhere =
                matches!(&own.namespaces, NamespaceChoice::Selected(selector) if selector.is_empty());
            everywhere && own.pods.is_none()
        });
        let anybody = anybody.map(|(_, id)| *id).collect();
        Ok(Members { sets, anybody })
    }
}

impl Members {
    pub(super) fn all(&self) -> &[Set] {
        &self.sets
    }

    /// Whether a Pod is meant of which nothing is known.
    pub(super) fn has_anybody(&self, id: SelectionId) -> bool {
        self.anybody.contains(&id)
    }

    pub(super) fn of(&self, id: SelectionId) -> &Set {
        const NONE: &Set = &Set { words: Vec::new() };
        self.sets.get(id.0 as usize).unwrap_or(NONE)
    }
}

impl Set {
    pub(super) fn insert(&mut self, number: usize) {
        if self.words.len() <= number / 64 {
            self.words.resize(number / 64 + 1, 0);
        }
        if let Some(word) = self.words.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    pub(super) fn contains(&self, number: usize) -> bool {
        self.words.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest.wrapping_sub(1);
                (bit < 64).then_some(at * 64 + bit)
            })
        })
    }
}

/// How much there is to compare.
fn weight(selector: &LabelSelector) -> usize {
    let values = selector.match_expressions.iter().map(|requirement| 1 + requirement.values.len());
    selector.match_labels.len() + values.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::Set;

    #[test]
    fn a_set_gives_back_what_was_put_in() {
        let mut set = Set::default();
        assert!(set.is_empty());
        for number in [0, 5, 63, 64, 200] {
            set.insert(number);
        }
        assert_eq!(set.iter().collect::<Vec<usize>>(), [0, 5, 63, 64, 200]);
        assert!(set.contains(200) && !set.contains(199) && !set.contains(100_000) && !set.is_empty());
    }
}
