//! What all kordon bindings share: files to policies and objects, findings and how they are printed, batches.
//!
//! The bindings themselves only translate: arguments and host objects in, text and host objects out.

pub mod access;
mod admitted;
pub mod api;
mod baseline;
pub mod batch;
mod check;
mod cluster;
mod custom;
mod decided;
mod decode;
mod default;
pub mod files;
mod finding;
mod fix;
mod inputs;
mod kinds;
mod netpol;
mod ordered;
pub mod packs;
mod pieces;
mod pod_security;
pub mod render;
pub mod test;
mod waivers;

pub use admitted::View;
pub use baseline::NewBaseline;
pub use check::{Options, Outcome, Sink, Stage, Summary, check, check_into};
pub use cluster::ClusterRule;
pub use decided::{Decided, DecidedObject, DecidedPolicy, ExpressionPlace};
pub use default::{DefaultOptions, Defaulted, ObjectFormat, default};
pub use finding::{Finding, FindingAction, Related, Step, Subject, Validation};
pub use fix::{Edit, Fix, Fixing, Mending, Rewritten, unified_diff, write_back};
pub use inputs::{Inputs, Role};
pub use kinds::CustomKinds;
pub use netpol::{Netpol, NetpolOptions, NetpolOutcome, netpol};
pub use waivers::{Date, SuppressedBy, Suppression, WaiverOptions};
