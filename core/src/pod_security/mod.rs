//! Pod Security Standards: what the admission plug-in PodSecurity says of pods and of what makes pods.
//!
//! Decisions and texts are those of k8s.io/pod-security-admission 0.37.2. Objects are to be as the API server has them
//! ([`crate::typed`]); of one as written, a field that would have been defaulted is taken as not set.

mod admission;
mod checks;
mod level;
mod pod;
mod registry;

#[cfg(test)]
mod tests;

pub use admission::{Exemptions, PodSecurity, Response, is_significant_update};
pub use level::{InvalidLabel, Level, LevelVersion, Mode, ParseError, Policy, PolicyVersion};
pub use pod::{Pod, PodKind};
pub use registry::{Evaluator, NEWEST, Violation, forbidden_detail, forbidden_reason};
