//! [`PodSecurity`]: the plug-in, from a request and the labels of its namespace to an answer.
//!
//! Source: pod-security-admission `admission/admission.go`, `admission/response.go`.

use super::level::{InvalidLabel, Level, LevelVersion, Policy, PolicyVersion};
use super::pod::{Pod, PodKind, text};
use super::registry::{Evaluator, forbidden_detail, forbidden_reason};
use crate::admission::{Operation, Request};
use crate::document::{NodeRef, Object};
use crate::go::quoted;
use std::collections::{BTreeMap, HashSet};

/// The plug-in with its configuration, a PodSecurityConfiguration.
#[derive(Clone, Debug, Default)]
pub struct PodSecurity {
    /// For namespaces without labels.
    pub defaults: Policy,
    pub exemptions: Exemptions,
    pub evaluator: Evaluator,
}

/// Whom the plug-in leaves alone.
#[derive(Clone, Debug, Default)]
pub struct Exemptions {
    pub usernames: Vec<String>,
    pub runtime_classes: Vec<String>,
    pub namespaces: Vec<String>,
}

/// What the plug-in says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub allowed: bool,
    /// The message of the status, empty when the request is allowed.
    pub message: String,
    pub warnings: Vec<String>,
    /// Without the prefix `pod-security.kubernetes.io/`.
    pub audit_annotations: BTreeMap<&'static str, String>,
}

/// Of more pods in a namespace only so many are checked.
const MOST_PODS: usize = 3000;

/// Requests to these are not about the pod's spec.
const IGNORED_SUBRESOURCES: [&str; 8] =
    ["exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status"];

impl PodSecurity {
    /// Decides a request. `namespace` is the one that the object is in, as it is in the cluster; without one, it has no
    /// labels. `pods` are those that there are in it, for what a change of its labels would mean to them.
    ///
    /// ```
    /// use kordon::admission::Request;
    /// use kordon::document::{Limits, Object};
    /// use kordon::pod_security::PodSecurity;
    ///
    /// let object = |json: &[u8]| Object::from_json(json, &Limits::default());
    /// let namespace = object(br#"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop",
    ///     "labels": {"pod-security.kubernetes.io/enforce": "baseline"}}}"#)?;
    /// let pod = object(br#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
    ///     "spec": {"hostPID": true}}"#)?;
    /// let response = PodSecurity::default().validate(&Request::create(pod), Some(&namespace), &[]);
    /// assert_eq!(
    ///     response.message,
    ///     "pods \"web\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)"
    /// );
    /// # Ok::<(), kordon::document::DocumentError>(())
    /// ```
    pub fn validate(&self, request: &Request, namespace: Option<&Object>, pods: &[&Object]) -> Response {
        let Some(object) = &request.object else { return Response::allowed() };
        if !matches!(request.operation, Operation::Create | Operation::Update) {
            return Response::allowed();
        }
        if request.resource.group.is_empty() && request.resource.resource == "namespaces" {
            return self.validate_namespace(request, object, pods);
        }
        let Some(kind) = PodKind::of(object) else { return Response::allowed() };
        let is_pod = matches!(kind, PodKind::Pod(_));
        let subresource = request.sub_resource.as_str();
        let is_ignored =
            if is_pod { IGNORED_SUBRESOURCES.contains(&subresource) } else { !subresource.is_empty() };
        if is_ignored {
            return Response::allowed();
        }
        if is_among(&request.namespace, &self.exemptions.namespaces) {
            return Response::exempt("namespace");
        }
        if is_among(&request.user_info.username, &self.exemptions.usernames) {
            return Response::exempt("user");
        }
        let (policy, invalid) = self.policy(namespace);
        if invalid.is_empty() && is_pod && policy.is_fully_privileged() {
            let privileged = LevelVersion { level: Level::Privileged, version: PolicyVersion::Latest };
            return Response::allowed().annotated("enforce-policy", privileged.to_string());
        }
        let asks = |of: LevelVersion| of.level != Level::Privileged;
        if invalid.is_empty() && !is_pod && !asks(policy.warn) && !asks(policy.audit) {
            return Response::allowed();
        }
        let Some(pod) = kind.pod() else { return Response::allowed() };
        if is_pod && request.operation == Operation::Update {
            let old = request.old_object.as_ref().and_then(PodKind::of).and_then(PodKind::pod);
            if old.is_some_and(|old| !is_significant_update(pod, old)) {
                return Response::allowed();
            }
        }
        self.evaluate(request, &policy, &invalid, pod, is_pod)
    }

    /// What a namespace asks for.
    pub fn policy<'o>(&self, namespace: Option<&'o Object>) -> (Policy, Vec<InvalidLabel<'o>>) {
        match namespace {
            Some(namespace) => Policy::of_namespace(namespace.root(), self.defaults),
            None => (self.defaults, Vec::new()),
        }
    }

    fn evaluate(
        &self,
        request: &Request,
        policy: &Policy,
        invalid: &[InvalidLabel<'_>],
        pod: Pod<'_>,
        enforce: bool,
    ) -> Response {
        if is_among(pod.runtime_class(), &self.exemptions.runtime_classes) {
            return Response::exempt("runtimeClass");
        }
        let mut response = Response::allowed();
        if !invalid.is_empty() {
            response = response.annotated("error", format!("Failed to parse policy: {}", aggregate(invalid)));
        }
        let violated = |asked: LevelVersion, word: &str| {
            let violations = self.evaluator.evaluate(asked, pod);
            let name = quoted(&asked.to_string());
            let text = || format!("{word} PodSecurity {name}: {}", forbidden_detail(&violations));
            (!violations.is_empty()).then(text)
        };
        if enforce {
            response = response.annotated("enforce-policy", policy.enforce.to_string());
            if let Some(text) = violated(policy.enforce, "violates") {
                response.allowed = false;
                response.message = forbidden_message(request, &text);
            }
        }
        if let Some(text) = violated(policy.audit, "would violate") {
            response = response.annotated("audit-violations", text);
        }
        // Nobody is warned of what is refused anyway.
        if response.allowed {
            response.warnings.extend(violated(policy.warn, "would violate"));
        }
        response
    }

    fn validate_namespace(&self, request: &Request, object: &Object, pods: &[&Object]) -> Response {
        if !request.sub_resource.is_empty() {
            return Response::allowed();
        }
        let (policy, invalid) = self.policy(Some(object));
        let refused = || {
            let message = format!("Namespace {} is invalid: {}", quoted(&request.name), aggregate(&invalid));
            Response { allowed: false, message, ..Response::allowed() }
        };
        let exempt = is_among(&request.namespace, &self.exemptions.namespaces);
        let Some(old) = request.old_object.as_ref().filter(|_| request.operation == Operation::Update) else {
            return match () {
                () if !invalid.is_empty() => refused(),
                () if exempt => self.of_exempt(object, &policy),
                () => Response::allowed(),
            };
        };
        let (before, invalid_before) = self.policy(Some(old));
        let told = |labels: &[InvalidLabel<'_>]| labels.iter().map(InvalidLabel::message).collect::<Vec<_>>();
        if !invalid.is_empty() && told(&invalid) != told(&invalid_before) {
            return refused();
        }
        let (new, before) = (policy.enforce, before.enforce);
        let is_relaxed = new.version == before.version && new.level <= before.level;
        if new == before || new.level == Level::Privileged || is_relaxed {
            return Response::allowed();
        }
        if exempt {
            return self.of_exempt(object, &policy);
        }
        Response { warnings: self.of_existing(&request.name, new, pods), ..Response::allowed() }
    }

    /// A warning about labels that do nothing.
    fn of_exempt(&self, object: &Object, policy: &Policy) -> Response {
        if policy.is_fully_privileged() || policy.is_equivalent(&self.defaults) {
            return Response::allowed();
        }
        let labels = object.root().field("metadata").and_then(|metadata| metadata.field("labels"));
        let has = |label: &str| labels.is_some_and(|labels| labels.field(label).is_some());
        let modes = super::Mode::ALL.into_iter().zip(["enforce", "audit", "warn"]);
        let told = modes.filter_map(|(mode, name)| {
            let (asked, is_set) = (policy.of(mode), has(mode.level_label()) || has(mode.version_label()));
            (asked.level != Level::Privileged && is_set).then(|| format!("{name}={asked}"))
        });
        let told = told.collect::<Vec<String>>().join(", ");
        let name = quoted(text(object.root().field("metadata"), "name"));
        let warning =
            format!("namespace {name} is exempt from Pod Security, and the policy ({told}) will be ignored");
        Response { warnings: vec![warning], ..Response::allowed() }
    }

    /// Warnings about pods that are there already.
    fn of_existing(&self, namespace: &str, enforce: LevelVersion, pods: &[&Object]) -> Vec<String> {
        let pods = self.prioritized(pods);
        let mut found: BTreeMap<String, (&str, usize)> = BTreeMap::new();
        for (name, pod) in pods.iter().take(MOST_PODS) {
            let violations = self.evaluator.evaluate(enforce, *pod);
            if !violations.is_empty() {
                let (first, count) = found.entry(forbidden_reason(&violations)).or_insert((name, 0));
                *first = (*first).min(name);
                *count += 1;
            }
        }
        let mut warnings = Vec::new();
        if pods.len() > MOST_PODS {
            warnings.push(format!(
                "new PodSecurity enforce level only checked against the first {MOST_PODS} of {} existing pods",
                pods.len()
            ));
        }
        if !found.is_empty() {
            let (namespace, level) = (quoted(namespace), quoted(&enforce.to_string()));
            warnings.push(format!(
                "existing pods in namespace {namespace} violate the new PodSecurity enforce level {level}"
            ));
        }
        let mut of_pods: Vec<String> = found
            .into_iter()
            .map(|(reason, (name, count))| match count {
                1 => format!("{name}: {reason}"),
                2 => format!("{name} (and 1 other pod): {reason}"),
                _ => format!("{name} (and {} other pods): {reason}", count - 1),
            })
            .collect();
        of_pods.sort();
        warnings.extend(of_pods);
        warnings
    }

    /// Pods with their names: one of each controller first.
    fn prioritized<'o>(&self, pods: &[&'o Object]) -> Vec<(&'o str, Pod<'o>)> {
        let (mut first, mut others) = (Vec::new(), Vec::new());
        let mut controllers = HashSet::new();
        for object in pods {
            let Some(PodKind::Pod(pod)) = PodKind::of(object) else { continue };
            if is_among(pod.runtime_class(), &self.exemptions.runtime_classes) {
                continue;
            }
            let metadata = object.root().field("metadata");
            let named = (text(metadata, "name"), pod);
            match controller(metadata) {
                Some(uid) if !controllers.insert(uid) => others.push(named),
                _ => first.push(named),
            }
        }
        first.extend(others);
        first
    }
}

impl Response {
    fn allowed() -> Response {
        let (warnings, audit_annotations) = (Vec::new(), BTreeMap::new());
        Response { allowed: true, message: String::new(), warnings, audit_annotations }
    }

    fn exempt(reason: &str) -> Response {
        Response::allowed().annotated("exempt", reason.to_owned())
    }

    fn annotated(mut self, name: &'static str, value: String) -> Response {
        self.audit_annotations.insert(name, value);
        self
    }
}

/// Whether anything changed that a check looks at and that can change: images and ephemeral containers.
pub fn is_significant_update(pod: Pod<'_>, old: Pod<'_>) -> bool {
    let images = |pod: Pod<'_>, list: &str| {
        pod.items(&[list]).map(|container| named_image(container).1.to_owned()).collect::<Vec<String>>()
    };
    if ["containers", "initContainers"].iter().any(|name| images(pod, name) != images(old, name)) {
        return true;
    }
    pod.items(&["ephemeralContainers"]).map(named_image).any(|(name, image)| {
        let mut before = old.items(&["ephemeralContainers"]).map(named_image);
        before.find(|(other, _)| *other == name).is_none_or(|(_, other)| other != image)
    })
}

fn named_image(container: NodeRef<'_>) -> (&str, &str) {
    (text(Some(container), "name"), text(Some(container), "image"))
}

/// The uid of what controls a pod.
fn controller<'o>(metadata: Option<NodeRef<'o>>) -> Option<&'o str> {
    let owners = metadata?.field("ownerReferences")?.as_list()?;
    let controls = |owner: &NodeRef<'o>| owner.field("controller").and_then(NodeRef::as_bool) == Some(true);
    owners.iter().find(controls).map(|owner| text(Some(owner), "uid"))
}

fn is_among(name: &str, names: &[String]) -> bool {
    !name.is_empty() && names.iter().any(|one| one == name)
}

/// Source: apimachinery `pkg/api/errors`, `NewForbidden`.
fn forbidden_message(request: &Request, text: &str) -> String {
    let resource = &request.resource;
    let resource = match resource.group.as_str() {
        "" => resource.resource.clone(),
        group => format!("{}.{group}", resource.resource),
    };
    match request.name.as_str() {
        "" => format!("{resource} is forbidden: {text}"),
        name => format!("{resource} {} is forbidden: {text}", quoted(name)),
    }
}

/// Source: apimachinery `pkg/util/errors`, `Aggregate`.
fn aggregate(invalid: &[InvalidLabel<'_>]) -> String {
    let errors: Vec<String> = invalid.iter().map(InvalidLabel::message).collect();
    match errors.as_slice() {
        [one] => one.clone(),
        _ => format!("[{}]", errors.join(", ")),
    }
}
