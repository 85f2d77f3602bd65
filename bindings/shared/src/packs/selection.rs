//! Which policies count.

use super::Metadata;
use super::metadata::Gravity;

/// A choice among policies by their labels. What has no severity is never left out for it.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The least severity that counts.
    pub severity: Option<Gravity>,
    /// Standards or their numbers, of which a policy needs one.
    pub controls: Vec<String>,
}

impl Selection {
    pub fn takes(&self, metadata: &Metadata) -> bool {
        let grave = match (self.severity, metadata.severity) {
            (Some(least), Some(severity)) => severity >= least,
            _ => true,
        };
        let named = |name: &String| metadata.controls.iter().any(|control| control.is_named(name));
        grave && (self.controls.is_empty() || self.controls.iter().any(named))
    }
}
