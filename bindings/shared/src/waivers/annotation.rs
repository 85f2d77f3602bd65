//! Waivers in the annotations of an object.

use super::{Annotated, Selector, SuppressedBy, Suppression, Waiver};
use crate::decode::Decoder;
use kordon::document::{Document, NodeRef};

const PREFIX: &str = "kordon.dev/waive";
/// The policies, with commas between them.
const POLICIES: &str = "kordon.dev/waive";
const REASON: &str = "kordon.dev/waive-reason";
const OWNER: &str = "kordon.dev/waive-owner";
const EXPIRES: &str = "kordon.dev/waive-expires";

/// The waivers of an object. Without a reason there are none.
pub(super) fn read(document: &Document) -> Annotated {
    let metadata = document.object.root().field("metadata");
    let Some(annotations) = metadata.and_then(|metadata| metadata.field("annotations")) else {
        return Annotated::default();
    };
    let Some(map) = annotations.as_map() else { return Annotated::default() };
    let Some((_, first)) = map.iter().find(|(key, _)| key.starts_with(PREFIX)) else {
        return Annotated::default();
    };
    let mut decoder = Decoder::new(&document.source, "broken-waiver");
    for (key, value) in map.iter().filter(|(key, _)| key.starts_with(PREFIX)) {
        if ![POLICIES, REASON, OWNER, EXPIRES].contains(&key) {
            decoder.problem(value.key_span(), format!("unknown annotation `{key}`"));
        }
    }
    let text = |name: &str| annotations.field(name).and_then(NodeRef::as_str).unwrap_or_default().trim();
    for name in [POLICIES, REASON] {
        if text(name).is_empty() {
            let span = annotations.field(name).unwrap_or(first).key_span();
            decoder.problem(span, format!("a waiver needs the annotation `{name}`"));
        }
    }
    let expires = annotations.field(EXPIRES).and_then(|node| match text(EXPIRES).parse() {
        Ok(day) => Some(day),
        Err(error) => {
            decoder.problem(node.span(), error);
            None
        }
    });
    let mut waivers = Vec::new();
    if let (true, Some(node)) = (decoder.problems.is_empty(), annotations.field(POLICIES)) {
        let names = text(POLICIES).split(',').map(str::trim).filter(|name| !name.is_empty());
        waivers.extend(names.map(|policy| Waiver {
            policy: policy.to_owned(),
            selector: Selector::default(),
            suppression: Suppression {
                by: SuppressedBy::Annotation,
                reason: text(REASON).to_owned(),
                owner: text(OWNER).to_owned(),
                expires,
            },
            place: decoder.label(node.key_span().to(node.span())),
            findings: 0,
        }));
    }
    Annotated { waivers, problems: decoder.problems }
}
