//! NetworkPolicies against what two other programs say of who reaches whom: the simulator of cyclonus, Pod by Pod, and
//! np-guard's lists of connections, workload by workload.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use kordon::document::{Limits, Object};
use kordon::network::{Address, Network, Party, PortChoice, Question};
use kordon::typed::{Options, Scheme, Stage};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use support::{cases, root, shared, snapshot};

#[test]
fn cyclonus_cases() {
    let Some(path) = shared("netpol-cyclonus.shown.jsonl") else { return };
    let scheme = Scheme::for_version(37).unwrap();
    let cases = cases(&path);
    let differing = cases.iter().filter_map(|case| simulated(case, &scheme)).collect();
    snapshot("netpol-cyclonus", cases.len(), differing);
}

/// Recorded with the simulator of cyclonus 0.5.6 over random Pods and policies: allowed at all, by ingress, by egress.
#[test]
fn recorded_cases() {
    let cases = cases(&root().join("core/testdata/network/cases.jsonl"));
    assert!(cases.len() >= 40);
    let scheme = Scheme::for_version(37).unwrap();
    let mut count = 0;
    for case in &cases {
        let objects: Vec<Value> = elements(&case["objects"]).cloned().collect();
        let objects = stored(&objects, &scheme);
        let network = Network::new(&objects, "default").unwrap();
        for (query, expected) in elements(&case["queries"]).zip(elements(&case["answers"])) {
            let question = Question {
                from: text(&query[0]),
                to: text(&query[1]),
                port: Some(PortChoice::Number(u16::try_from(query[2].as_u64().unwrap()).unwrap())),
                protocol: text(&query[3]).parse().unwrap(),
            };
            let answer = network.answer(&question).unwrap();
            let sides = [answer.allowed, answer.ingress.allowed, answer.egress.allowed];
            let shown: String = sides.map(|side| if side { 'Y' } else { '.' }).iter().collect();
            assert_eq!(shown, text(expected), "{} {query}", case["id"]);
            count += 1;
        }
    }
    assert!(count >= 1600);
}

/// Cells of the tables that differ.
fn simulated(case: &Value, scheme: &Scheme) -> Option<String> {
    let mut objects = Vec::new();
    for (name, labels) in case["namespaces"].as_object().unwrap() {
        objects.push(
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}),
        );
    }
    let pods = case["pods"].as_array().unwrap();
    for pod in pods {
        let ports = if pod["ports"].is_array() { &pod["ports"] } else { &case["portsOfEveryPod"] };
        let ports: Vec<Value> = elements(ports)
            .map(|port| json!({"containerPort": port["port"], "name": port["name"], "protocol": port["protocol"]}))
            .collect();
        objects.push(json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": pod["name"], "namespace": pod["namespace"], "labels": pod["labels"]},
            "spec": {"containers": [{"name": "serve", "image": "serve", "ports": ports}]},
            "status": {"podIP": pod["ip"]},
        }));
    }
    for policy in elements(&case["policies"]) {
        let mut policy = policy.clone();
        policy["apiVersion"] = json!("networking.k8s.io/v1");
        policy["kind"] = json!("NetworkPolicy");
        objects.push(policy);
    }
    let objects = stored(&objects, scheme);
    let network = Network::new(&objects, "default").unwrap();
    let name = |pod: &Value| format!("{}/{}", text(&pod["namespace"]), text(&pod["name"]));
    let mut wrong = Vec::new();
    for table in elements(&case["expect"]) {
        let port = u16::try_from(table["port"].as_u64().unwrap()).unwrap();
        for (from, row) in pods.iter().zip(elements(&table["rows"])) {
            for (to, expected) in pods.iter().zip(text(row).chars()) {
                let question = Question {
                    from: &name(from),
                    to: &name(to),
                    port: Some(PortChoice::Number(port)),
                    protocol: text(&table["protocol"]).parse().unwrap(),
                };
                let answer = network.answer(&question).unwrap();
                if answer.allowed != (expected != '.') {
                    let Question { from, to, protocol, .. } = question;
                    wrong.push(format!("{from} to {to} {protocol} {port} is {}", answer.allowed));
                }
            }
        }
    }
    let id = text(&case["id"]);
    let first = wrong.first()?;
    Some(format!("{id}: {} cells, {first}", wrong.len()))
}

#[test]
fn npguard_cases() {
    let Some(path) = shared("netpol-npguard.shown.jsonl") else { return };
    let scheme = Scheme::for_version(37).unwrap();
    let cases = cases(&path);
    for (name, plain) in [("netpol-npguard", true), ("netpol-npguard-special", false)] {
        let cases: Vec<&Value> = cases.iter().filter(|case| case["plainNetworkPolicy"] == plain).collect();
        let differing = cases.iter().filter_map(|case| listed(case, &scheme)).collect();
        snapshot(name, cases.len(), differing);
    }
}

/// Connections between workloads, and of workloads with ranges of IPv4 addresses.
#[derive(Debug, Default, PartialEq, Eq)]
struct Connections {
    inside: BTreeMap<(String, String), String>,
    /// By source or destination outside, and the workload; sorted, and joined where the same is allowed.
    outside: BTreeMap<(&'static str, String), Vec<Range>>,
}

/// The first and the last address, and what is allowed.
type Range = (u32, u32, String);

impl Connections {
    fn add(&mut self, from: &str, to: &str, connections: &str) {
        let connections = match connections {
            "All Connections" => "all".to_owned(),
            some => some.replace(", ", ","),
        };
        for (side, outside, own) in [("from", from, to), ("to", to, from)] {
            if let Some((first, last)) = range(outside) {
                let ranges = self.outside.entry((side, own.to_owned())).or_default();
                ranges.push((first, last, connections));
                return;
            }
        }
        // Several Ingresses may lead to one workload.
        let ports = |all: &str| -> Vec<String> {
            all.trim_start_matches("TCP ").split(',').map(str::to_owned).collect()
        };
        self.inside
            .entry((from.to_owned(), to.to_owned()))
            .and_modify(|known| {
                let mut all = [ports(known), ports(&connections)].concat();
                all.sort();
                all.dedup();
                *known = if known == "all" { connections.clone() } else { format!("TCP {}", all.join(",")) };
            })
            .or_insert(connections);
    }

    fn joined(mut self) -> Connections {
        for ranges in self.outside.values_mut() {
            ranges.sort();
            let mut joined: Vec<Range> = Vec::new();
            for (first, last, connections) in ranges.drain(..) {
                match joined.last_mut() {
                    Some(before) if before.1.checked_add(1) == Some(first) && before.2 == connections => {
                        before.1 = last;
                    }
                    _ => joined.push((first, last, connections)),
                }
            }
            *ranges = joined;
        }
        self
    }

    fn lines(&self) -> Vec<String> {
        let inside = self.inside.iter().map(|((from, to), what)| format!("{from} to {to}: {what}"));
        let outside = self.outside.iter().flat_map(|((side, own), ranges)| {
            ranges.iter().map(move |(first, last, what)| format!("{own} {side} {first:x}-{last:x}: {what}"))
        });
        inside.chain(outside).collect()
    }
}

fn range(text: &str) -> Option<(u32, u32)> {
    let (first, last) = text.strip_suffix("[External]")?.split_once('-')?;
    match (Address::parse(first)?, Address::parse(last)?) {
        (Address::V4(first), Address::V4(last)) => Some((first, last)),
        _ => None,
    }
}

fn listed(case: &Value, scheme: &Scheme) -> Option<String> {
    let id = text(&case["id"]);
    let mut wanted = Connections::default();
    for row in elements(&case["expectConnections"]) {
        wanted.add(text(&row["src"]), text(&row["dst"]), text(&row["conns"]));
    }
    let written: Vec<Value> = elements(&case["objects"]).map(with_kind).collect();
    let objects = stored(&written, scheme);
    let network = Network::new(&objects, "default").unwrap();
    // Pods that are told apart are one workload there.
    let mut owners = HashMap::new();
    for pod in written.iter().filter(|object| object["kind"] == "Pod") {
        let own = &pod["metadata"];
        let namespace = own["namespace"].as_str().unwrap_or("default");
        if let Some(owner) = own["ownerReferences"].as_array().and_then(|owners| owners.first()) {
            let kind = owner["kind"].as_str().unwrap_or("Pod");
            let owner = format!("{namespace}/{}[{kind}]", text(&owner["name"]));
            owners.insert(format!("{namespace}/{}", text(&own["name"])), owner);
        }
    }
    let shown = |party: &Party<'_>| match party {
        Party::Outside(blocks) => blocks
            .iter()
            .filter(|block| matches!(block.first(), Address::V4(_)))
            .map(|block| format!("{}-{}[External]", block.first(), block.last()))
            .collect(),
        Party::Through(_) => vec!["{ingress-controller}".to_owned()],
        Party::Workload(name) => {
            let first = name.split(" and ").next().unwrap();
            let parts: Vec<&str> = first.split('/').collect();
            vec![match (owners.get(first), parts.as_slice()) {
                (Some(owner), _) => owner.clone(),
                (None, [namespace, kind, name]) => format!("{namespace}/{name}[{kind}]"),
                (None, _) => format!("{first}[Pod]"),
            }]
        }
    };
    let mut found = Connections::default();
    network.reach().unwrap().each(&mut |connection| {
        for from in shown(&connection.from) {
            for to in shown(&connection.to).into_iter().filter(|to| *to != from) {
                found.add(&from, &to, &connection.connections.to_string());
            }
        }
    });
    let (wanted, found) = (wanted.joined(), found.joined());
    if wanted == found {
        return None;
    }
    let (wanted, found) = (wanted.lines(), found.lines());
    let missing: Vec<&String> = wanted.iter().filter(|line| !found.contains(line)).collect();
    let more: Vec<&String> = found.iter().filter(|line| !wanted.contains(line)).collect();
    let first = missing.first().map_or_else(String::new, |line| format!(", not {line}"));
    let other = more.first().map_or_else(String::new, |line| format!(", but {line}"));
    let reason = reason(case, &written);
    Some(format!("{id}: {reason}; {} missing, {} more{first}{other}", missing.len(), more.len()))
}

/// Items of lists have lost their kinds.
fn with_kind(object: &Value) -> Value {
    let mut object = object.clone();
    if object["kind"].is_null() {
        let kind = if object["spec"]["containers"].is_array() { "Pod" } else { "Namespace" };
        object["kind"] = json!(kind);
        object["apiVersion"] = json!("v1");
    }
    object
}

/// Objects with their defaults; kinds that are not built in as they are.
fn stored(objects: &[Value], scheme: &Scheme) -> Vec<Object> {
    let options = Options { stage: Stage::Defaulted, ..Options::default() };
    let read = objects.iter().map(|value| Object::from_serialize(value, &Limits::default()).unwrap());
    read.map(|object| scheme.admit(&object, &options).unwrap().map_or(object, |admitted| admitted.object))
        .collect()
}

/// Why a case differs.
fn reason(case: &Value, written: &[Value]) -> String {
    let special: Vec<&str> = elements(&case["special"]).map(text).collect();
    if !special.is_empty() {
        return format!("not decided here: {}", special.join(", "));
    }
    let is_there = |name: &str| {
        let name = name.split(['/', '[']).nth(1).unwrap_or_default();
        written.iter().any(|object| {
            let own = &object["metadata"];
            object["kind"] != "NetworkPolicy"
                && (own["name"] == name
                    || elements(&own["ownerReferences"]).any(|owner| owner["name"] == name))
        })
    };
    let ends = elements(&case["expectConnections"]).flat_map(|row| [text(&row["src"]), text(&row["dst"])]);
    let inside = ends.filter(|end| !end.ends_with("[External]"));
    if inside.into_iter().any(|end| !is_there(end)) {
        return "recorded without some of its Pods".to_owned();
    }
    String::new()
}

fn elements(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
