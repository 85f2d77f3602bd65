//! Labels of SELinux.

use super::super::pod::{Pod, text};
use super::super::registry::Violation;
use super::{Setters, Values, forbidden, plural, quoted};
use crate::document::NodeRef;

/// Source: `check_seLinuxOptions.go`.
pub(super) fn options(pod: Pod<'_>) -> Option<Violation<'_>> {
    check(pod, &["", "container_t", "container_init_t", "container_kvm_t"])
}

pub(super) fn options_1_31(pod: Pod<'_>) -> Option<Violation<'_>> {
    check(pod, &["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"])
}

fn check<'o>(pod: Pod<'o>, types: &[&str]) -> Option<Violation<'o>> {
    let mut found = Found::default();
    let mut setters = Setters::default();
    let faults = found.add(pod.security(&["seLinuxOptions"]), types);
    setters.pod(faults.first().copied());
    for container in pod.containers() {
        setters.container(container, found.add(container.security(&["seLinuxOptions"]), types));
    }
    if setters.is_empty() {
        return None;
    }
    let mut data = Vec::new();
    if !found.types.is_empty() {
        let types = plural("type", "types", found.types.len());
        data.push(format!("{types} {}", quoted(found.types)));
    }
    if found.user {
        data.push("user may not be set".to_owned());
    }
    if found.role {
        data.push("role may not be set".to_owned());
    }
    let detail =
        format!("{} set forbidden securityContext.seLinuxOptions: {}", setters.who(), data.join("; "));
    forbidden("seLinuxOptions", detail, setters.at)
}

/// What is wrong with labels.
#[derive(Default)]
struct Found<'o> {
    types: Values<'o>,
    user: bool,
    role: bool,
}

impl<'o> Found<'o> {
    /// The fields of a label that are at fault.
    fn add(&mut self, label: Option<NodeRef<'o>>, types: &[&str]) -> Vec<NodeRef<'o>> {
        let mut faults = Vec::new();
        let mut fault = |name: &str| faults.extend(label.and_then(|label| label.field(name)));
        let of = |name: &str| text(label, name);
        if !types.contains(&of("type")) {
            self.types.insert(of("type"));
            fault("type");
        }
        if !of("user").is_empty() {
            self.user = true;
            fault("user");
        }
        if !of("role").is_empty() {
            self.role = true;
            fault("role");
        }
        faults
    }
}
