//! Defaults that functions set, in files by API group. Source: kubernetes `pkg/apis/*/v*/defaults.go`.
//!
//! A function belongs to a struct and runs when a struct of its kind is complete, from the inside out; Go runs them from
//! the outside in, which no function can tell.

mod admissionregistration;
mod apps;
mod autoscaling;
mod batch;
mod core;
mod flowcontrol;
mod image;
mod networking;
mod others;
mod pod;
mod resource;
mod storage;

pub(super) use others::stored_versions;

use super::value::{Set, Value};

/// Sets the defaults of a struct.
pub(super) type Rule = fn(&mut Value<'_, '_, '_>);

/// The defaults of a struct by its name in the table, `core/v1.PodSpec`, in Kubernetes 1.`minor`.
pub(super) fn rule(name: &str, minor: u16) -> Option<Rule> {
    let (package, own) = name.split_once('.')?;
    let (group, version) = package.split_once('/')?;
    match group {
        "core" => core::rule(own, minor).or_else(|| pod::rule(own)),
        "apps" => apps::rule(own),
        "batch" => batch::rule(own),
        "networking" => networking::rule(own),
        "autoscaling" => autoscaling::rule(version, own),
        "admissionregistration" => admissionregistration::rule(version, own),
        "flowcontrol" => flowcontrol::rule(version, own),
        "storage" => storage::rule(own),
        "resource" => resource::rule(version, own),
        _ => others::rule(group, own),
    }
}
