use super::*;
use crate::document::{Limits, documents};

/// Three Pods and a workload in two namespaces.
const SHOP: &str = "
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: sales}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {containers: []}}
---
{apiVersion: v1, kind: Pod, metadata: {name: job, namespace: batch, labels: {app: job}}, spec: {containers: []}}
---
{apiVersion: v1, kind: Pod, metadata: {name: node, namespace: batch, labels: {app: node}}, spec: {hostNetwork: true}}
---
";

fn read(yaml: &str) -> Vec<Object> {
    documents("test", yaml.as_bytes(), &Limits::default())
        .into_iter()
        .map(|read| read.unwrap().object)
        .collect()
}

fn policy(spec: &str) -> String {
    format!(
        "{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: p, namespace: shop}}, spec: {spec}}}\n---\n"
    )
}

fn ask(yaml: &str, from: &str, to: &str, port: u16) -> Answer {
    let objects = read(yaml);
    let network = Network::new(&objects, "default").unwrap();
    let question = Question { from, to, port: Some(PortChoice::Number(port)), protocol: Protocol::Tcp };
    network.answer(&question).unwrap()
}

fn allowed(yaml: &str, from: &str, to: &str, port: u16) -> bool {
    ask(yaml, from, to, port).allowed
}

fn list(yaml: &str) -> Vec<String> {
    let objects = read(yaml);
    let reach = Network::new(&objects, "default").unwrap().reach().unwrap();
    let mut lines = Vec::new();
    reach.each(&mut |Connection { from, to, connections }| lines.push(format!("{from} {to} {connections}")));
    lines
}

fn remarks(yaml: &str) -> Vec<String> {
    let objects = read(yaml);
    let coverage = Network::new(&objects, "default").unwrap().coverage();
    coverage.remarks.iter().map(|remark| format!("{}: {}", remark.check, remark.message)).collect()
}

#[test]
fn without_policies_everybody_reaches_everybody() {
    let answer = ask(SHOP, "batch/job", "shop/db", 5432);
    assert!(answer.allowed);
    assert_eq!(answer.ingress.reason, "no policy selects shop/db for ingress");
    assert_eq!(list(SHOP).len(), 4 + 4 + 12);
}

#[test]
fn both_sides_must_allow() {
    let ingress = policy(
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}",
    );
    let yaml = format!("{SHOP}{ingress}");
    assert!(allowed(&yaml, "shop/web", "shop/db", 5432) && !allowed(&yaml, "shop/web", "shop/db", 5433));
    assert!(!allowed(&yaml, "batch/job", "shop/db", 5432) && allowed(&yaml, "shop/db", "batch/job", 1));
    let answer = ask(&yaml, "shop/deployments/web", "shop/pod/db", 5432);
    assert_eq!(answer.ingress.reason, "NetworkPolicy shop/p allows it: spec.ingress[0]");
    let rule = &answer.ingress.rules[0];
    assert_eq!(rule.peer.as_deref(), Some("spec.ingress[0].from[0]"));
    assert_eq!(rule.port.as_deref(), Some("spec.ingress[0].ports[0]"));
    let refused = ask(&yaml, "8.8.8.8", "shop/db", 5432);
    assert_eq!(refused.ingress.reason, "isolated by NetworkPolicy shop/p, and no rule allows it");
    assert_eq!(refused.egress.reason, "no policy applies outside of the cluster");
    let both = yaml.replace("{name: p, ", "{name: q, ")
        + &policy("{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}");
    assert!(!allowed(&both, "shop/web", "shop/db", 5432) && allowed(&both, "batch/job", "shop/web", 80));
}

#[test]
fn an_empty_rule_is_everything_and_no_rule_is_nothing() {
    let with = |spec: &str| format!("{SHOP}{}", policy(spec));
    assert!(allowed(&with("{podSelector: {}, ingress: [{}]}"), "batch/job", "shop/db", 1));
    assert!(allowed(&with("{podSelector: {}, ingress: [{from: [], ports: []}]}"), "8.8.8.8", "shop/db", 1));
    for none in ["{podSelector: {}, ingress: []}", "{podSelector: {}}", "{}"] {
        let yaml = with(none);
        assert!(
            !allowed(&yaml, "shop/web", "shop/db", 1) && allowed(&yaml, "shop/db", "batch/job", 1),
            "{none}"
        );
    }
    // Without policyTypes, rules for egress make it one of both.
    let both = with("{podSelector: {}, egress: [{}]}");
    assert!(allowed(&both, "shop/db", "batch/job", 1) && !allowed(&both, "batch/job", "shop/db", 1));
    let idle = with("{podSelector: {}, ingress: [{}], policyTypes: [Egress]}");
    assert!(!allowed(&idle, "shop/db", "batch/job", 1) && allowed(&idle, "batch/job", "shop/db", 1));
    assert!(
        remarks(&idle)
            .contains(&"policy-problem: the rules do nothing: policyTypes is without Ingress".to_owned())
    );
}

#[test]
fn a_pod_reaches_itself_but_not_its_like() {
    let yaml = format!("{SHOP}{}", policy("{podSelector: {}, policyTypes: [Ingress, Egress]}"));
    assert_eq!(ask(&yaml, "shop/db", "shop/db", 1).ingress.reason, "a Pod always reaches itself");
    let like = ask(&yaml, "shop/web", "shop/web", 1);
    assert!(!like.allowed);
    assert_eq!(like.notes, ["asked of two Pods of one workload: a Pod always reaches itself"]);
}

#[test]
fn peers_are_pods_of_namespaces() {
    let from = |peer: &str| {
        format!("{SHOP}{}", policy(&format!("{{podSelector: {{}}, ingress: [{{from: [{peer}]}}]}}")))
    };
    // Without a selector of namespaces, those of the policy's own; both in one peer must hold.
    let cases = [
        ("{podSelector: {}}", "shop/web", "batch/job"),
        ("{namespaceSelector: {matchLabels: {team: sales}}}", "shop/web", "batch/job"),
        ("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: batch}}}", "batch/job", "shop/web"),
        ("{namespaceSelector: {}, podSelector: {matchLabels: {app: job}}}", "batch/job", "shop/web"),
        (
            "{namespaceSelector: {matchExpressions: [{key: team, operator: DoesNotExist}]}}",
            "batch/job",
            "shop/web",
        ),
        (
            "{namespaceSelector: {matchLabels: {team: sales}}, podSelector: {matchLabels: {app: web}}}",
            "shop/web",
            "batch/job",
        ),
    ];
    for (peer, yes, no) in cases {
        let yaml = from(peer);
        assert!(allowed(&yaml, yes, "shop/db", 1), "{peer}");
        assert!(!allowed(&yaml, no, "shop/db", 1) && !allowed(&yaml, "8.8.8.8", "shop/db", 1), "{peer}");
    }
    let answer = ask(&from(cases[1].0), "batch/job", "shop/db", 1);
    assert_eq!(answer.notes, ["namespace `batch` is not among the objects: only its name is known"]);
    for broken in ["{}", "{ipBlock: {cidr: 0.0.0.0/0}, podSelector: {}}", "{ipBlock: {cidr: all}}"] {
        assert!(!allowed(&from(broken), "shop/web", "shop/db", 1), "{broken}");
        assert!(
            remarks(&from(broken)).iter().any(|remark| remark.starts_with("policy-problem: ")),
            "{broken}"
        );
    }
}

#[test]
fn blocks_are_outside_and_pods_whose_address_is_known() {
    let yaml = SHOP.replace("containers: []}}", "containers: []}, status: {podIP: 10.1.2.3}}")
        + &policy(
            "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.2.0.0/16]}}]}]}",
        );
    for (address, expected) in [("10.1.0.1", true), ("10.2.0.1", false), ("11.0.0.1", false), ("::1", false)]
    {
        assert_eq!(allowed(&yaml, address, "shop/web", 1), expected, "{address}");
    }
    // The address is a Pod's own.
    assert!(allowed(&yaml, "batch/job", "shop/web", 1) && !allowed(&yaml, "batch/node", "shop/web", 1));
    assert!(allowed(&yaml, "10.1.0.0/16", "shop/web", 1));
    let mixed = ask(&yaml, "10.0.0.0/8", "shop/web", 1);
    assert!(!mixed.allowed);
    assert_eq!(mixed.notes, ["not so for all: some of the Pods or addresses asked for are allowed"]);
    let lines = list(&yaml);
    assert!(
        lines.contains(&"external 10.0.0.0/15, 10.3.0.0-10.255.255.255 shop/Deployment/web all".to_owned())
    );
    assert!(lines.contains(&"shop/Deployment/web external all".to_owned()));
}

#[test]
fn named_ports_are_those_of_the_destination() {
    let yaml = format!(
        "{SHOP}{}",
        policy(
            "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{ports: [{port: http}, {port: dns}]}], egress: [{ports: [{port: http}]}]}"
        )
    );
    assert!(allowed(&yaml, "batch/job", "shop/web", 8080) && !allowed(&yaml, "batch/job", "shop/web", 53));
    assert!(!allowed(&yaml, "batch/job", "shop/db", 8080) && !allowed(&yaml, "shop/db", "batch/job", 8080));
    assert!(allowed(&yaml, "shop/db", "shop/web", 8080) && !allowed(&yaml, "shop/db", "8.8.8.8", 8080));
    assert!(list(&yaml).contains(&"shop/db shop/Deployment/web TCP 8080".to_owned()));
    let objects = read(&yaml);
    let network = Network::new(&objects, "default").unwrap();
    let named = |name, protocol| {
        let port = Some(PortChoice::Name(name));
        network.answer(&Question { from: "batch/job", to: "shop/web", port, protocol })
    };
    assert!(named("http", Protocol::Tcp).unwrap().allowed);
    assert!(!named("dns", Protocol::Udp).unwrap().allowed);
    assert_eq!(named("dns", Protocol::Tcp).unwrap_err(), "port: shop/web has no TCP port named `dns`");
}

#[test]
fn ranges_and_protocols() {
    let yaml = format!(
        "{SHOP}{}",
        policy(
            "{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 90}, {protocol: UDP}, {port: 100, endPort: 99}, {port: x, endPort: 9}, {endPort: 5}, {port: 0}, {protocol: ICMP}]}]}"
        )
    );
    assert!(list(&yaml).contains(&"external shop/db TCP 80-90, UDP 1-65535".to_owned()));
    assert_eq!(remarks(&yaml).iter().filter(|remark| remark.starts_with("policy-problem")).count(), 5);
}

#[test]
fn services_lead_to_their_pods() {
    let service = "{apiVersion: v1, kind: Service, metadata: {name: front, namespace: shop}, spec: {selector: {app: web}, ports: [{name: www, port: 80, targetPort: http}]}}\n---\n";
    let yaml = format!("{SHOP}{service}{}", policy("{podSelector: {}, ingress: [{ports: [{port: 8080}]}]}"));
    let answer = ask(&yaml, "batch/job", "shop/svc/front", 80);
    assert!(answer.allowed);
    assert_eq!(answer.notes[0], "shop/Service/front leads to TCP 8080 of its Pods");
    let objects = read(&yaml);
    let network = Network::new(&objects, "default").unwrap();
    let ask = |to, port| network.answer(&Question { from: "batch/job", to, port, protocol: Protocol::Tcp });
    assert!(ask("shop/service/front", Some(PortChoice::Name("www"))).unwrap().allowed);
    let wrong = ask("shop/service/front", Some(PortChoice::Number(8080))).unwrap_err();
    assert_eq!(wrong, "port: shop/Service/front has no TCP port 8080");
    let wrong = ask("shop/service/back", None).unwrap_err();
    assert_eq!(wrong, "to: no Service `back` in namespace `shop` among the objects");
}

#[test]
fn what_ingresses_lead_to_is_let_in_from_anywhere() {
    let objects = "
{apiVersion: v1, kind: Service, metadata: {name: front, namespace: shop}, spec: {selector: {app: web}, ports: [{name: www, port: 80, targetPort: http}]}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: site, namespace: shop}, spec: {defaultBackend: {service: {name: front, port: {name: www}}}, rules: [{http: {paths: [{backend: {service: {name: gone, port: {number: 1}}}}]}}]}}
---
{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: way, namespace: shop}, spec: {to: {kind: Service, name: front}, port: {targetPort: 9000}}}
---
";
    let through = |spec: &str| -> Vec<String> {
        let policy = if spec.is_empty() { String::new() } else { policy(spec) };
        let lines = list(&format!("{SHOP}{objects}{policy}"));
        lines.into_iter().filter(|line| line.starts_with("Ingress") || line.starts_with("Route")).collect()
    };
    let both =
        ["Ingress shop/site shop/Deployment/web TCP 8080", "Route shop/way shop/Deployment/web TCP 9000"];
    assert_eq!(through(""), both);
    assert_eq!(through("{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}"), both);
    assert_eq!(through("{podSelector: {}, ingress: [{ports: [{port: http}]}]}"), both[..1]);
    for closed in [
        "{podSelector: {}}",
        "{podSelector: {}, ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 0.0.0.0/0}}]}]}",
    ] {
        assert_eq!(through(closed), Vec::<String>::new(), "{closed}");
    }
    let (before, after) =
        (read(&format!("{SHOP}{objects}")), read(&format!("{SHOP}{objects}{}", policy("{podSelector: {}}"))));
    let network = |objects| Network::new(objects, "default").unwrap();
    let changes = Difference::between(&network(&before), &network(&after)).unwrap().changes;
    assert!(
        changes.iter().any(|change| change.from == "Ingress shop/site" && change.after.is_none()),
        "{changes:?}"
    );
}

#[test]
fn questions_that_cannot_be_answered() {
    let objects = read(SHOP);
    let network = Network::new(&objects, "default").unwrap();
    let port = Some(PortChoice::Number(80));
    let error = |from, to| network.answer(&Question { from, to, port, protocol: Protocol::Tcp }).unwrap_err();
    assert_eq!(
        error("shop/x", "shop/db"),
        "from: no Pod or workload `x` in namespace `shop` among the objects"
    );
    assert_eq!(
        error("shop/db", "shop/StatefulSet/db"),
        "to: no StatefulSet `db` in namespace `shop` among the objects"
    );
    assert_eq!(
        error("db", "shop/db"),
        "from: `db` is neither namespace/pod, namespace/kind/name, an address nor a CIDR"
    );
    assert_eq!(
        error("1.1.1.1", "8.8.8.0/24"),
        "both ends are outside of the cluster, where no policy applies"
    );
}

#[test]
fn pods_stand_for_their_workloads() {
    let owned = |kind: &str, name: &str, owner_kind: &str, owner: &str, rest: &str| {
        format!(
            "{{apiVersion: {}, kind: {kind}, metadata: {{name: {name}, namespace: shop, labels: {{app: web, pod: {name}}}, ownerReferences: [{{kind: {owner_kind}, name: {owner}, controller: true}}]}}, spec: {{{rest}}}}}\n---\n",
            if kind == "Pod" { "v1" } else { "apps/v1" }
        )
    };
    let template = "template: {metadata: {labels: {app: web}}, spec: {}}";
    let yaml = format!(
        "{SHOP}{}{}{}",
        owned("ReplicaSet", "web-1", "Deployment", "web", template),
        owned("Pod", "web-1-a", "ReplicaSet", "web-1", ""),
        owned("Pod", "web-1-b", "ReplicaSet", "web-1", ""),
    );
    let lines = list(&yaml);
    assert!(lines.contains(&"shop/Deployment/web shop/Deployment/web all".to_owned()), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("web-1")), "{lines:?}");
    assert!(allowed(&yaml, "shop/web", "shop/web-1-a", 1) && allowed(&yaml, "shop/rs/web-1", "shop/db", 1));
    // Once a policy tells them apart they are told apart.
    let apart = format!("{yaml}{}", policy("{podSelector: {matchLabels: {pod: web-1-a}}}"));
    let lines = list(&apart);
    assert!(lines.contains(&"shop/web-1-a shop/web-1-b all".to_owned()), "{lines:?}");
    assert!(!lines.contains(&"shop/web-1-b shop/web-1-a all".to_owned()), "{lines:?}");
}

#[test]
fn policies_of_clusters_come_before_and_after() {
    let admin = |name: &str, priority: u16, action: &str, ports: &str| {
        format!(
            "{{apiVersion: policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy, metadata: {{name: {name}}}, spec: {{priority: {priority}, subject: {{namespaces: {{}}}}, ingress: [{{action: {action}, from: [{{namespaces: {{}}}}], ports: [{ports}]}}]}}}}\n---\n"
        )
    };
    let baseline = "{apiVersion: policy.networking.k8s.io/v1alpha1, kind: BaselineAdminNetworkPolicy, metadata: {name: default}, spec: {subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}}\n---\n";
    let yaml = format!(
        "{SHOP}{baseline}{}{}{}",
        admin("late", 20, "Deny", "{portRange: {start: 1, end: 100}}"),
        admin("early", 10, "Allow", "{portNumber: {port: 80}}"),
        admin("pass", 15, "Pass", "{portNumber: {port: 90}}, {namedPort: http}"),
    );
    let answer = ask(&yaml, "batch/job", "shop/db", 80);
    assert!(answer.allowed);
    assert_eq!(answer.ingress.reason, "AdminNetworkPolicy early allows it: spec.ingress[0]");
    let answer = ask(&yaml, "batch/job", "shop/db", 81);
    assert_eq!(answer.ingress.reason, "AdminNetworkPolicy late denies it: spec.ingress[0]");
    let answer = ask(&yaml, "batch/job", "shop/db", 90);
    assert_eq!(answer.ingress.reason, "BaselineAdminNetworkPolicy default denies it: spec.ingress[0]");
    assert_eq!(answer.ingress.rules.len(), 2);
    assert!(allowed(&yaml, "8.8.8.8", "shop/db", 81), "only Pods are meant");
    assert!(
        allowed(&yaml, "batch/job", "batch/node", 81),
        "Pods on the network of their node are no subjects"
    );
    assert!(allowed(&yaml, "batch/node", "shop/db", 81), "nor peers");
    // A NetworkPolicy decides what was passed, and the baseline is not asked.
    let open = format!("{yaml}{}", policy("{podSelector: {}, ingress: [{}]}"));
    assert!(allowed(&open, "batch/job", "shop/db", 90) && !allowed(&open, "batch/job", "shop/db", 81));
    assert!(
        list(&open).contains(&"batch/job shop/db SCTP 1-65535, TCP 80,90,101-65535, UDP 1-65535".to_owned())
    );
    let cluster = yaml
        .replace("v1alpha1, kind: AdminNetworkPolicy", "v1alpha2, kind: ClusterNetworkPolicy")
        .replace("{priority:", "{tier: Admin, priority:")
        .replace("action: Allow", "action: Accept")
        .replace("ports: [{portNumber: {port: 80}}]", "protocols: [{tcp: {destinationPort: {number: 80}}}]");
    let answer = ask(&cluster, "batch/job", "shop/db", 80);
    assert_eq!(answer.ingress.reason, "ClusterNetworkPolicy early allows it: spec.ingress[0]");
    assert_eq!(answer.ingress.rules[0].port.as_deref(), Some("spec.ingress[0].protocols[0]"));
}

#[test]
fn questions_and_lists_agree() {
    let rules = "{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [db]}]}, policyTypes: [Ingress, Egress], ingress: [{from: [{namespaceSelector: {}}], ports: [{port: http}, {port: 9000, endPort: 9001}]}], egress: [{to: [{podSelector: {}}], ports: [{port: 443}]}, {ports: [{port: 53, protocol: UDP}]}]}";
    let yaml = format!("{SHOP}{}", policy(rules));
    let objects = read(&yaml);
    let network = Network::new(&objects, "default").unwrap();
    let mut listed = HashMap::new();
    network.reach().unwrap().each(&mut |connection| {
        listed
            .insert((connection.from.to_string(), connection.to.to_string()), connection.connections.clone());
    });
    let ends = ["shop/Deployment/web", "shop/db", "batch/job", "batch/node", "external"];
    for from in ends {
        for to in ends.into_iter().filter(|to| *to != from) {
            let all = listed.get(&(from.to_owned(), to.to_owned())).cloned().unwrap_or_default();
            let end = |name| if name == "external" { "1.2.3.4" } else { name };
            let ask = |port, protocol| {
                network.answer(&Question { from: end(from), to: end(to), port, protocol }).unwrap()
            };
            assert_eq!(ask(None, Protocol::Tcp).connections, Some(all.clone()), "{from} {to}");
            for (port, protocol) in [
                (443, Protocol::Tcp),
                (53, Protocol::Udp),
                (8080, Protocol::Tcp),
                (9001, Protocol::Tcp),
                (1, Protocol::Sctp),
            ] {
                let answer = ask(Some(PortChoice::Number(port)), protocol);
                assert_eq!(answer.allowed, all.contains(protocol, port), "{from} {to} {protocol} {port}");
            }
        }
    }
}

#[test]
fn coverage_tells_what_is_open_idle_and_undecided() {
    let yaml = format!(
        "{SHOP}{}{}",
        policy("{podSelector: {}, policyTypes: [Ingress]}"),
        "
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: typo, namespace: shop}, spec: {podSelector: {matchLabels: {app: wbe}}}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: host, namespace: batch}, spec: {podSelector: {matchLabels: {app: node}}}}
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: c, namespace: shop}}
---
{apiVersion: crd.projectcalico.org/v1, kind: GlobalNetworkPolicy, metadata: {name: g}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: kube-flannel-cfg}, data: {cni-conf.json: '{\"plugins\": [{\"type\": \"flannel\"}]}'}}
"
    );
    let found = remarks(&yaml);
    for expected in [
        "no-default-deny: namespace `shop` has no default deny for egress",
        "no-default-deny: namespace `batch` has no default deny for ingress and egress",
        "not-isolated: no policy selects it for egress",
        "not-isolated: no policy selects it for ingress or egress",
        "host-network: it is on the network of its node, where most network plug-ins do not apply NetworkPolicy batch/host",
        "selects-nothing: it selects no Pod among the objects",
        "undecided-policy: CiliumNetworkPolicy of cilium.io is not decided here: what it allows or denies is left out",
        "plugin-without-policies: Flannel does not enforce NetworkPolicies: none of them has any effect",
    ] {
        assert!(found.iter().any(|remark| remark == expected), "{expected}: {found:#?}");
    }
    let objects = read(&yaml);
    let coverage = Network::new(&objects, "default").unwrap().coverage();
    assert_eq!((coverage.policies, coverage.undecided.len()), (3, 2));
    let shop = &coverage.namespaces[1];
    assert_eq!(
        (shop.namespace.as_str(), shop.pods, shop.ingress.isolated, shop.egress.isolated),
        ("shop", 2, 2, 0)
    );
    assert_eq!(shop.ingress.default_deny.as_deref(), Some("NetworkPolicy shop/p"));
    let enforced = format!(
        "{yaml}---\n{{apiVersion: apps/v1, kind: DaemonSet, metadata: {{name: canal, namespace: kube-system}}, spec: {{template: {{spec: {{containers: [{{name: c, image: docker.io/calico/node:v3}}]}}}}}}}}"
    );
    assert!(!remarks(&enforced).iter().any(|remark| remark.starts_with("plugin")));
}

#[test]
fn a_difference_is_what_opens_and_closes() {
    let before = read(SHOP);
    let blocks = "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 5432}]}, {from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}";
    let after = read(&format!("{}{}", SHOP.replace("name: job", "name: job-2"), policy(blocks)));
    let network = |objects| Network::new(objects, "default").unwrap();
    let difference = Difference::between(&network(&before), &network(&after)).unwrap();
    let shown: Vec<String> = difference
        .changes
        .iter()
        .map(|change| format!("{} {} {} {}", change.from, change.to, change.before, change.after))
        .collect();
    let wanted = [
        "external 0.0.0.0-9.255.255.255, 11.0.0.0-255.255.255.255, ::/0 shop/db all none",
        "batch/node shop/db all none",
        "shop/Deployment/web shop/db all TCP 5432",
    ];
    assert_eq!(shown, wanted);
    assert_eq!(
        (difference.added, difference.removed),
        (vec!["batch/job-2".to_owned()], vec!["batch/job".to_owned()])
    );
    assert!(Difference::between(&network(&after), &network(&after)).unwrap().is_empty());
    let change = Change {
        from: String::new(),
        to: String::new(),
        before: Connections::all(),
        after: Connections::NONE,
    };
    assert!(change.opened().is_none() && change.closed().is_all());
}

#[test]
fn what_is_too_much_is_refused() {
    let mut yaml = String::new();
    for number in 0..5900 {
        yaml += &format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: p{number}, labels: {{n: \"{number}\"}}}}}}\n---\n"
        );
    }
    let objects = read(&yaml);
    let network = Network::new(&objects, "default").unwrap();
    let refused = network.reach().unwrap_err();
    assert_eq!(refused.to_string(), "too many Pods and address blocks to hold against each other");
}
