//! What only several objects together show: an analysis sees all objects of the input and tells what it observes.
//!
//! [`ANALYSES`] lists them with the rules that they decide. What a rule is about, how grave it is and what is to be done
//! stands in `policies/<pack>/<rule>`, as with policies.

mod availability;
mod backup;
mod cluster;
mod network;
mod quota;
pub mod rbac;
mod references;
mod selected;
mod workload;

pub use cluster::{Cluster, Member};
pub use quota::{PodUsage, pod_usage};

use crate::document::NodeRef;

/// A question about all objects of the input.
#[derive(Clone, Copy, Debug)]
pub struct Analysis {
    /// The rules that it decides; every observation is of one of them.
    pub rules: &'static [&'static str],
    /// Observations in the order of the objects that they are about.
    pub run: for<'o> fn(&Cluster<'o>) -> Vec<Observation<'o>>,
}

/// A rule that is not met, and where.
#[derive(Clone, Debug)]
pub struct Observation<'o> {
    pub rule: &'static str,
    /// The object at fault.
    pub member: usize,
    /// The value at fault in it.
    pub at: NodeRef<'o>,
    /// What is wrong and how to mend it.
    pub message: String,
    /// What it follows from, step by step, or what else has a part in it.
    pub steps: Vec<Step<'o>>,
}

/// A part of the reason for an observation.
#[derive(Clone, Debug)]
pub struct Step<'o> {
    pub text: String,
    /// The object and the value in it; `None` for what is built in.
    pub place: Option<(usize, NodeRef<'o>)>,
}

/// All analyses.
pub const ANALYSES: &[Analysis] = &[
    rbac::BINDINGS,
    rbac::ESCALATION,
    references::REFERENCES,
    availability::AVAILABILITY,
    quota::QUOTA,
    backup::BACKUP,
    network::NETWORK,
];

impl<'o> Observation<'o> {
    /// About an object, with its value at fault.
    pub fn new(
        rule: &'static str,
        member: &Member<'o>,
        at: NodeRef<'o>,
        message: impl Into<String>,
    ) -> Observation<'o> {
        Observation { rule, member: member.index, at, message: message.into(), steps: Vec::new() }
    }

    /// The same with another part of the reason.
    #[must_use]
    pub fn because(
        mut self,
        text: impl Into<String>,
        place: Option<(usize, NodeRef<'o>)>,
    ) -> Observation<'o> {
        self.steps.push(Step { text: text.into(), place });
        self
    }
}
