//! Source: kubernetes `pkg/apis/flowcontrol/*/defaults.go`.

use super::{Rule, Set, Value};

/// Says that zero shares are meant. Source: `PriorityLevelPreserveZeroConcurrencySharesKey`.
const PRESERVE_ZERO: &str = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";

pub(super) fn rule(version: &str, name: &str) -> Option<Rule> {
    Some(match (version, name) {
        (_, "FlowSchemaSpec") => |spec| spec.default("matchingPrecedence", Set::Int(1_000)),
        (_, "ExemptPriorityLevelConfiguration") => |exempt| {
            exempt.default_nil("nominalConcurrencyShares", Set::Int(0));
            exempt.default_nil("lendablePercent", Set::Int(0));
        },
        ("v1", "LimitedPriorityLevelConfiguration") => |limited| {
            limited.default_nil("nominalConcurrencyShares", Set::Int(30));
            limited.default_nil("lendablePercent", Set::Int(0));
        },
        (_, "LimitedPriorityLevelConfiguration") => {
            |limited| limited.default_nil("lendablePercent", Set::Int(0))
        }
        ("v1beta3", "PriorityLevelConfiguration") => preserved_zero,
        (_, "QueuingConfiguration") => |queuing| {
            queuing.default("handSize", Set::Int(8));
            queuing.default("queues", Set::Int(64));
            queuing.default("queueLengthLimit", Set::Int(50));
        },
        _ => return None,
    })
}

fn preserved_zero(level: &mut Value<'_, '_, '_>) {
    let preserved = level.path(&["metadata", "annotations", PRESERVE_ZERO]).is_some();
    if let Some(limited) = level.path(&["spec", "limited"])
        && !preserved
    {
        level.at(limited).default("nominalConcurrencyShares", Set::Int(30));
    }
}
