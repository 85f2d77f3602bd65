//! Files of waivers.
//!
//! ```yaml
//! apiVersion: kordon.dev/v1alpha1
//! kind: Waivers
//! waivers:
//! - policy: run-as-non-root
//!   selector: {namespace: shop, kind: Deployment, name: legacy, labels: {team: checkout}}
//!   reason: the image is rebuilt in spring
//!   owner: checkout@example.com
//!   expires: 2027-03-31
//! ```

use super::{Selector, SuppressedBy, Suppression, Waiver};
use crate::decode::{self, Decoder};
use kordon::Diagnostic;
use kordon::document::{Document, NodeRef};
use std::path::Path;

const CODE: &str = "broken-waiver";

/// The waivers of a file. One with a fault waives nothing; the others count.
pub(super) fn read(path: &Path, problems: &mut Vec<Diagnostic>) -> Vec<Waiver> {
    let (documents, told) = decode::read(path, CODE);
    problems.extend(told);
    documents.iter().flat_map(|document| read_document(document, problems)).collect()
}

fn read_document(document: &Document, problems: &mut Vec<Diagnostic>) -> Vec<Waiver> {
    let root = document.object.root();
    let mut decoder = Decoder::new(&document.source, CODE);
    decoder.head(root, "Waivers", "waivers");
    let mut waivers = Vec::new();
    match root.field("waivers").map(|list| (list, list.as_list())) {
        Some((_, Some(list))) => {
            for (at, entry) in list.iter().enumerate() {
                let before = decoder.problems.len();
                let waiver = read_waiver(&mut decoder, entry, &format!("waivers[{at}]"));
                waivers.extend((decoder.problems.len() == before).then_some(waiver));
            }
        }
        Some((other, None)) => decoder.problem(other.span(), "`waivers` must be a list"),
        None => decoder.problem(root.span(), "`waivers` is required"),
    }
    problems.extend(decoder.problems);
    waivers
}

fn read_waiver(decoder: &mut Decoder<'_>, entry: NodeRef<'_>, path: &str) -> Waiver {
    decoder.fields(entry, path, &["policy", "selector", "reason", "owner", "expires"]);
    let policy = decoder.required(entry, path, "policy");
    let reason = decoder.required(entry, path, "reason");
    let owner = decoder.optional(entry, path, "owner").unwrap_or_default();
    let day = decoder.optional(entry, path, "expires");
    let expires = day.and_then(|day| {
        let read = day.parse();
        if let (Err(error), Some(node)) = (&read, entry.field("expires")) {
            decoder.problem(node.span(), format!("`{path}.expires`: {error}"));
        }
        read.ok()
    });
    let selector = match entry.field("selector") {
        Some(selector) => read_selector(decoder, selector, &format!("{path}.selector")),
        None => {
            // Nothing is waived everywhere by leaving a line out.
            decoder.problem(entry.span(), format!("`{path}.selector` is required; `{{}}` is every object"));
            Selector::default()
        }
    };
    let place = entry.field("policy").map_or(entry.span(), |policy| policy.key_span().to(policy.span()));
    Waiver {
        policy,
        selector,
        suppression: Suppression { by: SuppressedBy::Waiver, reason, owner, expires },
        place: decoder.label(place),
        findings: 0,
    }
}

fn read_selector(decoder: &mut Decoder<'_>, node: NodeRef<'_>, path: &str) -> Selector {
    decoder.fields(node, path, &["namespace", "kind", "name", "labels"]);
    Selector {
        namespace: decoder.optional(node, path, "namespace"),
        kind: decoder.optional(node, path, "kind"),
        name: decoder.optional(node, path, "name"),
        labels: decoder.strings(node, path, "labels"),
    }
}
