//! What a namespace's objects come to, beside what its ResourceQuotas allow.
//!
//! Source: apiserver `pkg/admission/plugin/resourcequota/controller.go`, kubernetes `pkg/quota/v1/evaluator/core`.

use super::amounts::{Amounts, PodAmounts, amount, amounts};
use super::{FITS, Ranges};
use crate::analysis::Observation;
use crate::analysis::cluster::{Cluster, Member, at, items, text};
use crate::analysis::workload::{Workload, workloads};
use crate::document::NodeRef;
use crate::quantity::{Read, read};
use std::collections::{BTreeMap, HashMap};

/// How many of the objects that a sum is made of are told.
const MOST_PARTS: usize = 5;

/// Resources that every container has to ask for when a quota counts them.
const REQUIRED: [&str; 6] =
    ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

/// What one object counts for.
struct Part<'c, 'o> {
    member: &'c Member<'o>,
    usage: Amounts,
    /// Of pods: the pod itself, and how many there are.
    pod: Option<(Workload<'c, 'o>, PodAmounts<'o>, u64)>,
}

pub(super) fn exceeded<'o>(cluster: &Cluster<'o>, ranges: &Ranges<'_, 'o>) -> Vec<Observation<'o>> {
    let quotas: Vec<&Member<'o>> = cluster.of("", "ResourceQuota").collect();
    let mut found = Vec::new();
    if quotas.is_empty() {
        return found;
    }
    let parts = parts(cluster, ranges);
    for quota in quotas {
        let inside = parts.get(quota.namespace).map(Vec::as_slice).unwrap_or_default();
        let counted: Vec<&Part<'_, 'o>> = inside.iter().filter(|part| is_counted(quota, part)).collect();
        let hard = quota.at(&["spec", "hard"]).and_then(NodeRef::as_map);
        let hard: Vec<(&str, NodeRef<'o>)> = hard.into_iter().flat_map(|hard| hard.iter()).collect();
        for (name, node) in &hard {
            found.extend(too_much(quota, name, *node, &counted));
        }
        let names: Vec<&str> = hard.iter().map(|(name, _)| *name).collect();
        found.extend(counted.iter().filter_map(|part| refused(quota, &names, part)));
    }
    found
}

/// All that quotas count, by namespace.
fn parts<'c, 'o>(cluster: &'c Cluster<'o>, ranges: &Ranges<'_, 'o>) -> HashMap<&'o str, Vec<Part<'c, 'o>>> {
    let mut found: HashMap<&str, Vec<Part<'_, '_>>> = HashMap::new();
    for workload in workloads(cluster) {
        let Some(replicas) = replicas(workload) else { continue };
        let pod = PodAmounts::of(workload, ranges.of(workload.member.namespace), cluster);
        let mut usage: Amounts =
            pod.usage().into_iter().map(|(name, amount)| (name, amount.times(replicas))).collect();
        if let Some(count) = count(replicas) {
            usage.insert("pods".to_owned(), count.clone());
            usage.insert("count/pods".to_owned(), count);
        }
        let part = Part { member: workload.member, usage, pod: Some((workload, pod, replicas)) };
        found.entry(workload.member.namespace).or_default().push(part);
    }
    for member in cluster.members().iter().filter(|member| !member.namespace.is_empty()) {
        let usage = objects(member);
        if !usage.is_empty() {
            found.entry(member.namespace).or_default().push(Part { member, usage, pod: None });
        }
    }
    found
}

/// How many pods there are at a time; `None` where that depends on nodes or on the time.
fn replicas(workload: Workload<'_, '_>) -> Option<u64> {
    let parallel = || workload.member.at(&["spec", "parallelism"]).and_then(NodeRef::as_int).unwrap_or(1);
    let replicas = if workload.member.kind == "Job" { parallel() } else { workload.replicas()? };
    Some(u64::try_from(replicas).unwrap_or_default())
}

fn count(number: u64) -> Option<Read> {
    read(&number.to_string()).ok()
}

/// What an object that is no pod counts for: itself, and what a claim or a Service asks for.
fn objects(member: &Member<'_>) -> Amounts {
    let mut usage = Amounts::new();
    let Some(one) = count(1) else { return usage };
    let plural = crate::admission::resource_of(&crate::admission::GroupVersionKind::new(
        member.group,
        "v1",
        member.kind,
    ));
    let resource = plural.resource;
    if member.kind != "Pod" {
        let name = match member.group {
            "" => format!("count/{resource}"),
            group => format!("count/{resource}.{group}"),
        };
        usage.insert(name, one.clone());
    }
    let is_core = member.group.is_empty();
    match member.kind {
        "ConfigMap"
        | "PersistentVolumeClaim"
        | "ReplicationController"
        | "ResourceQuota"
        | "Secret"
        | "Service"
            if is_core =>
        {
            usage.insert(resource, one.clone());
        }
        _ => {}
    }
    match member.kind {
        "PersistentVolumeClaim" if is_core => {
            if let Some(storage) =
                amounts(member.root(), &["spec", "resources", "requests"]).remove("storage")
            {
                let class = member.text(&["spec", "storageClassName"]);
                if !class.is_empty() {
                    let lead = format!("{class}.storageclass.storage.k8s.io/");
                    usage.insert(format!("{lead}requests.storage"), storage.clone());
                    usage.insert(format!("{lead}persistentvolumeclaims"), one);
                }
                usage.insert("requests.storage".to_owned(), storage);
            }
        }
        "Service" if is_core => {
            let ports = items(member.root(), &["spec", "ports"]).count() as u64;
            let kind = member.text(&["spec", "type"]);
            let allocates = member
                .at(&["spec", "allocateLoadBalancerNodePorts"])
                .and_then(NodeRef::as_bool)
                .unwrap_or(true);
            if kind == "LoadBalancer" {
                usage.insert("services.loadbalancers".to_owned(), one);
            }
            if kind == "NodePort" || kind == "LoadBalancer" && allocates {
                usage.extend(count(ports).map(|ports| ("services.nodeports".to_owned(), ports)));
            }
        }
        _ => {}
    }
    usage
}

/// Whether a quota's scopes hold of a part. Quotas with scopes count pods alone.
fn is_counted(quota: &Member<'_>, part: &Part<'_, '_>) -> bool {
    let scopes: Vec<NodeRef<'_>> = items(quota.root(), &["spec", "scopes"]).collect();
    let selectors: Vec<NodeRef<'_>> =
        items(quota.root(), &["spec", "scopeSelector", "matchExpressions"]).collect();
    if scopes.is_empty() && selectors.is_empty() {
        return true;
    }
    let Some((workload, pod, _)) = &part.pod else { return false };
    scopes.iter().filter_map(|scope| scope.as_str()).all(|scope| is_in_scope(scope, None, *workload, pod))
        && selectors
            .iter()
            .all(|selector| is_in_scope(text(*selector, &["scopeName"]), Some(*selector), *workload, pod))
}

fn is_in_scope(
    scope: &str,
    selector: Option<NodeRef<'_>>,
    workload: Workload<'_, '_>,
    pod: &PodAmounts<'_>,
) -> bool {
    let terminates = || {
        workload
            .spec(&["activeDeadlineSeconds"])
            .and_then(NodeRef::as_int)
            .is_some_and(|seconds| seconds >= 0)
    };
    match scope {
        "Terminating" => terminates(),
        "NotTerminating" => !terminates(),
        "BestEffort" => pod.is_best_effort(),
        "NotBestEffort" => !pod.is_best_effort(),
        "PriorityClass" => {
            let class = workload.spec_text(&["priorityClassName"]);
            let listed = || {
                let values = selector.into_iter().flat_map(|selector| items(selector, &["values"]));
                values.filter_map(NodeRef::as_str).any(|value| value == class)
            };
            match selector.map_or("Exists", |selector| text(selector, &["operator"])) {
                "Exists" => !class.is_empty(),
                "DoesNotExist" => class.is_empty(),
                "In" => !class.is_empty() && listed(),
                "NotIn" => class.is_empty() || !listed(),
                _ => false,
            }
        }
        "CrossNamespacePodAffinity" => reaches_other_namespaces(workload),
        _ => false,
    }
}

fn reaches_other_namespaces(workload: Workload<'_, '_>) -> bool {
    let lists = [
        ("requiredDuringSchedulingIgnoredDuringExecution", &[][..]),
        ("preferredDuringSchedulingIgnoredDuringExecution", &["podAffinityTerm"]),
    ];
    ["podAffinity", "podAntiAffinity"].into_iter().any(|affinity| {
        lists.iter().any(|(list, path)| {
            let terms = workload.spec(&["affinity", affinity, list]).and_then(NodeRef::as_list);
            terms.into_iter().flat_map(|terms| terms.iter()).filter_map(|term| at(term, path)).any(|term| {
                items(term, &["namespaces"]).next().is_some() || at(term, &["namespaceSelector"]).is_some()
            })
        })
    })
}

fn too_much<'o>(
    quota: &Member<'o>,
    name: &str,
    node: NodeRef<'o>,
    counted: &[&Part<'_, 'o>],
) -> Option<Observation<'o>> {
    let hard = amount(node)?;
    let mut asking: Vec<(&Part<'_, 'o>, &Read)> =
        counted.iter().filter_map(|part| Some((*part, part.usage.get(name)?))).collect();
    let mut amounts = asking.iter().map(|(_, amount)| *amount);
    let mut sum = amounts.next()?.clone();
    amounts.for_each(|amount| sum.add(amount));
    if !sum.exceeds(&hard) {
        return None;
    }
    // The largest first.
    asking.sort_by(|(_, one), (_, other)| match (one.exceeds(other), other.exceeds(one)) {
        (true, _) => std::cmp::Ordering::Less,
        (_, true) => std::cmp::Ordering::Greater,
        _ => std::cmp::Ordering::Equal,
    });
    let message = format!(
        "{} allows {} of {name}, but what is in namespace {} comes to {}: raise it, or ask for less",
        quota.title(),
        hard.text(),
        quota.namespace,
        sum.text()
    );
    // A quota that is not checked itself is told where it is exceeded.
    let first_checked = asking.iter().find(|(part, _)| part.member.checked);
    let mut observation = match first_checked.filter(|_| !quota.checked) {
        Some((part, _)) => {
            let place = part.member.nearest(&["spec", "replicas"]);
            Observation::new(FITS, part.member, place, message)
                .because(quota.title(), Some((quota.index, node)))
        }
        None => Observation::new(FITS, quota, node, message),
    };
    for (part, amount) in asking.iter().take(MOST_PARTS) {
        let times = match &part.pod {
            Some((_, _, replicas)) if *replicas != 1 => format!(" in {replicas} Pods"),
            _ => String::new(),
        };
        let text = format!("{} asks for {}{times}", part.member.title(), amount.text());
        observation =
            observation.because(text, Some((part.member.index, part.member.nearest(&["metadata", "name"]))));
    }
    Some(observation)
}

/// Pods that the quota refuses because they do not say how much they need.
fn refused<'o>(quota: &Member<'o>, hard: &[&str], part: &Part<'_, 'o>) -> Option<Observation<'o>> {
    let (workload, pod, _) = part.pod.as_ref()?;
    let message = format!(
        "failed quota: {}: {}; or add a LimitRange with defaults to namespace {}",
        quota.name,
        unspecified(hard, pod)?,
        quota.namespace
    );
    let place = workload.spec(&["containers"]).unwrap_or(workload.pod);
    let observation = Observation::new(FITS, part.member, place, message);
    Some(observation.because(quota.title(), Some((quota.index, quota.nearest(&["spec", "hard"])))))
}

/// What containers do not say that a quota counts. Source: `podEvaluator.Constraints`.
pub(super) fn unspecified(hard: &[&str], pod: &PodAmounts<'_>) -> Option<String> {
    if pod.as_a_whole {
        return None;
    }
    let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in REQUIRED.into_iter().filter(|name| hard.contains(name)) {
        for container in &pod.containers {
            let has = match name.strip_prefix("limits.") {
                Some(name) => container.limits.contains_key(name),
                None => container.requests.contains_key(name.strip_prefix("requests.").unwrap_or(name)),
            };
            if !has {
                missing.entry(name).or_default().push(container.name());
            }
        }
    }
    let missing = missing.into_iter().map(|(name, mut containers)| {
        containers.sort_unstable();
        format!("{name} for: {}", containers.join(","))
    });
    let missing: Vec<String> = missing.collect();
    (!missing.is_empty()).then(|| format!("must specify {}", missing.join("; ")))
}
