//! What changes between two sets of objects.

use super::address::{Block, IpBlock, joined};
use super::connections::Connections;
use super::policy::Direction;
use super::reach::{Finer, Id, Party, Pool, Reach};
use super::{Network, TooLarge};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, HashMap};

/// Changes that are kept.
const MOST_CHANGES: usize = 1 << 20;

/// What is not the same in two sets of objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Between those that are in both.
    pub changes: Vec<Change>,
    /// Workloads that are only in the later set.
    pub added: Vec<String>,
    /// Workloads that are only in the earlier set.
    pub removed: Vec<String>,
}

/// Connections between two parties that change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    pub from: String,
    pub to: String,
    #[serde(serialize_with = "shown")]
    pub before: Connections,
    #[serde(serialize_with = "shown")]
    pub after: Connections,
}

impl Change {
    /// What was not allowed before.
    pub fn opened(&self) -> Connections {
        self.after.difference(&self.before)
    }

    /// What is not allowed any more.
    pub fn closed(&self) -> Connections {
        self.before.difference(&self.after)
    }
}

impl Difference {
    /// Compares who reaches whom.
    pub fn between(before: &Network<'_>, after: &Network<'_>) -> Result<Difference, TooLarge> {
        let blocks = |direction: Direction| -> Vec<&IpBlock> {
            [before, after]
                .into_iter()
                .flat_map(|own| own.policies.iter().flat_map(move |policy| policy.blocks(direction)))
                .collect()
        };
        let apart = before.divided().union(&after.divided()).cloned().collect();
        let finer = Finer { blocks: Direction::BOTH.map(blocks), apart };
        let (old, new) = (before.finer_reach(&finer)?, after.finer_reach(&finer)?);
        let places = |reach: &Reach| -> BTreeMap<String, usize> {
            (0..reach.len()).map(|at| (reach.name(at).to_owned(), at)).collect()
        };
        let (was, is) = (places(&old), places(&new));
        let only = |these: &BTreeMap<String, usize>, others: &BTreeMap<String, usize>| {
            these.keys().filter(|name| !others.contains_key(*name)).cloned().collect()
        };
        let common: Vec<(usize, usize)> =
            was.iter().filter_map(|(name, at)| Some((*at, *is.get(name)?))).collect();
        let mut compared =
            Compared { old: &old, new: &new, pools: [old.pool(), new.pool()], changes: Vec::new() };
        for pair in &common {
            compared.outside(*pair, Direction::Ingress)?;
        }
        compared.exposed(&common)?;
        for pair in &common {
            compared.outside(*pair, Direction::Egress)?;
            for other in &common {
                compared.inside(*pair, *other)?;
            }
        }
        Ok(Difference { changes: compared.changes, added: only(&is, &was), removed: only(&was, &is) })
    }

    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }
}

struct Compared<'r> {
    old: &'r Reach,
    new: &'r Reach,
    pools: [Pool; 2],
    changes: Vec<Change>,
}

impl Compared<'_> {
    fn inside(&mut self, (old, new): (usize, usize), other: (usize, usize)) -> Result<(), TooLarge> {
        if old == other.0 && !self.old.is_several(old) && !self.new.is_several(new) {
            return Ok(());
        }
        let [old_pool, new_pool] = &mut self.pools;
        let before = self.old.between(old, other.0, old_pool);
        let after = self.new.between(new, other.1, new_pool);
        let (before, after) = (old_pool.of(before), new_pool.of(after));
        if before != after {
            let (before, after) = (before.clone(), after.clone());
            let (from, to) = (self.old.name(old).to_owned(), self.old.name(other.0).to_owned());
            self.add(Change { from, to, before, after })?;
        }
        Ok(())
    }

    /// Parts outside with the same change are one.
    fn outside(&mut self, (old, new): (usize, usize), direction: Direction) -> Result<(), TooLarge> {
        let mut changed: Vec<((Id, Id), Vec<Block>)> = Vec::new();
        let mut places = HashMap::new();
        let both = self.old.outside_parts(old, direction).zip(self.new.outside_parts(new, direction));
        for ((part, before), (_, after)) in both {
            let [old_pool, new_pool] = &self.pools;
            if old_pool.of(before) == new_pool.of(after) {
                continue;
            }
            let place = *places.entry((before, after)).or_insert(changed.len());
            match changed.get_mut(place) {
                Some((_, blocks)) => blocks.push(part),
                None => changed.push(((before, after), vec![part])),
            }
        }
        for ((before, after), blocks) in changed {
            let [old_pool, new_pool] = &self.pools;
            let (before, after) = (old_pool.of(before).clone(), new_pool.of(after).clone());
            let outside = Party::Outside(joined(blocks)).to_string();
            let own = self.old.name(old).to_owned();
            let (from, to) = match direction {
                Direction::Ingress => (outside, own),
                Direction::Egress => (own, outside),
            };
            self.add(Change { from, to, before, after })?;
        }
        Ok(())
    }

    /// What leads to workloads that are in both.
    fn exposed(&mut self, common: &[(usize, usize)]) -> Result<(), TooLarge> {
        let places: [HashMap<usize, usize>; 2] = [
            common.iter().enumerate().map(|(place, (old, _))| (*old, place)).collect(),
            common.iter().enumerate().map(|(place, (_, new))| (*new, place)).collect(),
        ];
        let mut led: BTreeMap<(String, usize), [Connections; 2]> = BTreeMap::new();
        for (side, reach) in [self.old, self.new].into_iter().enumerate() {
            for (through, at, id) in reach.exposed() {
                let place = places.get(side).and_then(|places| places.get(at));
                let (Some(place), Some(pool)) = (place, self.pools.get(side)) else { continue };
                let both = led.entry((through.clone(), *place)).or_default();
                if let Some(own) = both.get_mut(side) {
                    *own = pool.of(*id).clone();
                }
            }
        }
        for ((from, place), [before, after]) in led.into_iter().filter(|(_, [before, after])| before != after)
        {
            let to = common.get(place).map(|(old, _)| self.old.name(*old).to_owned()).unwrap_or_default();
            self.add(Change { from, to, before, after })?;
        }
        Ok(())
    }

    fn add(&mut self, change: Change) -> Result<(), TooLarge> {
        if self.changes.len() >= MOST_CHANGES {
            return Err(TooLarge("changes"));
        }
        self.changes.push(change);
        Ok(())
    }
}

fn shown<S: Serializer>(connections: &Connections, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(connections)
}
