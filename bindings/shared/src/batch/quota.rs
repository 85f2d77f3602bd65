//! Pods beside LimitRanges and a quota, as the plug-ins of the API server decide them.

use super::admit::Schemes;
use super::object;
use kordon::analysis::{Cluster, pod_usage};
use kordon::document::Object;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Question {
    id: Value,
    /// A Pod, or what makes Pods.
    object: Box<RawValue>,
    #[serde(default)]
    limit_ranges: Vec<Box<RawValue>>,
    /// What the quota counts.
    #[serde(default)]
    hard: Vec<String>,
}

pub(super) fn answer(question: &Question, schemes: &mut Schemes) -> Result<Value, String> {
    let mut admitted = |raw: &RawValue| schemes.admitted(object(raw)?, "default", None);
    let asked = admitted(&question.object)?;
    let ranges = question.limit_ranges.iter().map(|raw| admitted(raw)).collect::<Result<Vec<Object>, _>>()?;
    let objects = std::iter::once(&asked).chain(&ranges).map(|object| (object, "default", true));
    let cluster = Cluster::new(objects);
    let hard: Vec<&str> = question.hard.iter().map(String::as_str).collect();
    let member = cluster.members().first().ok_or("object: there is none")?;
    let usage = pod_usage(&cluster, member, &hard).ok_or("object: its kind has no pod")?;
    let mut refused = usage.refused;
    // The API server goes through maps in no order.
    refused.sort_unstable();
    let unspecified = usage.unspecified.unwrap_or_default();
    Ok(json!({"id": question.id, "usage": usage.usage, "refused": refused, "unspecified": unspecified}))
}
