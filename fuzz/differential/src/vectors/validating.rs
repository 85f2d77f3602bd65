//! Manifests that the rules of their fields refuse, created and updated.

use serde_json::{Value, json};

fn object(version: &str, kind: &str, fields: Value) -> Value {
    let mut object = json!({"apiVersion": version, "kind": kind, "metadata": {"name": "a"}});
    if let (Value::Object(own), Value::Object(fields)) = (&mut object, fields) {
        own.extend(fields);
    }
    object
}

fn spec(version: &str, kind: &str, spec: Value) -> Value {
    object(version, kind, json!({"spec": spec}))
}

const RESOURCE: &str = "resource.k8s.io/v1";

fn claim(devices: &Value) -> Value {
    spec(RESOURCE, "ResourceClaim", json!({"devices": devices}))
}

/// A device of a slice.
fn device(fields: Value) -> Value {
    let mut device = json!({"name": "a"});
    if let (Value::Object(own), Value::Object(fields)) = (&mut device, fields) {
        own.extend(fields);
    }
    spec(
        RESOURCE,
        "ResourceSlice",
        json!({"driver": "a", "nodeName": "a", "pool": {"name": "a"}, "devices": [device]}),
    )
}

fn creations() -> Vec<Value> {
    let level = |spec: Value| {
        object("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration", json!({"spec": spec}))
    };
    let slice = |fields: Value| object("discovery.k8s.io/v1", "EndpointSlice", fields);
    let role = |fields: Value| object("rbac.authorization.k8s.io/v1", "ClusterRole", fields);
    let handler = |handler: &str| object("node.k8s.io/v1", "RuntimeClass", json!({"handler": handler}));
    let autoscaler = |fields: Value| spec("autoscaling/v2", "HorizontalPodAutoscaler", fields);
    let many = |count: usize| vec![json!({"cel": {"expression": "true"}}); count];
    let toleration = json!({"key": "-", "operator": "Is", "effect": "Soon"});
    vec![
        spec("batch/v1", "CronJob", json!({})),
        spec("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", json!({})),
        autoscaler(json!({"maxReplicas": 0, "minReplicas": -1})),
        autoscaler(json!({"maxReplicas": -1, "minReplicas": 0})),
        spec("v1", "ReplicationController", json!({"replicas": -1, "minReadySeconds": -1})),
        json!({"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"generateName": "A_"}}),
        json!({"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"generateName": "a-"}}),
        role(json!({"rules": [{"verbs": ["get"]}, {"resources": ["pods"], "verbs": []}, null]})),
        object("rbac.authorization.k8s.io/v1", "RoleBinding", json!({"subjects": [{"kind": "User"}]})),
        spec(
            "networking.k8s.io/v1",
            "NetworkPolicy",
            json!({"ingress": [{}, {"from": [{"ipBlock": {}}]}], "egress": [{"to": [{"ipBlock": {"cidr": ""}}]}]}),
        ),
        spec("networking.k8s.io/v1", "IngressClass", json!({"parameters": {}})),
        spec("networking.k8s.io/v1", "IPAddress", json!({})),
        handler("A.b"),
        handler("a.b"),
        handler(&"a".repeat(64)),
        handler(""),
        slice(json!({"addressType": "ipv4", "endpoints": [{}, {"addresses": vec!["1.1.1.1"; 101]}]})),
        slice(json!({"endpoints": []})),
        level(json!({"type": "Limited"})),
        level(json!({"type": "Limited", "limited": {"limitResponse": {"type": "Queue"}}})),
        level(json!({"type": "Exempt", "limited": {"limitResponse": {"type": "Reject", "queuing": {}}}})),
        level(json!({"limited": {"limitResponse": {"queuing": {}}}, "exempt": {}})),
        object("storage.k8s.io/v1", "StorageClass", json!({})),
        object("storage.k8s.io/v1", "VolumeAttachment", json!({"spec": {"attacher": "a_b".repeat(30)}})),
        claim(
            &json!({"requests": [{"name": "a", "exactly": {"selectors": many(33)}}, {"name": "a"}, {"name": "a"}]}),
        ),
        claim(
            &json!({"requests": [{"name": "a", "exactly": {"allocationMode": "Some", "tolerations": [toleration, {}]}}]}),
        ),
        claim(
            &json!({"requests": [{"name": "a", "firstAvailable": [{"name": "b"}, {"name": "b", "deviceClassName": "A"}]}]}),
        ),
        claim(
            &json!({"constraints": [{"requests": ["a", "a", "b", "a"], "matchAttribute": "a"}, {"matchAttribute": "a/b/c"}, {"matchAttribute": "/b-"}, {"matchAttribute": "A.b/"}]}),
        ),
        claim(
            &json!({"config": [{"opaque": {"driver": "A_b"}}, {"opaque": {"driver": format!("A.{}", "b".repeat(300))}}, {"requests": ["<", "<"]}]}),
        ),
        // One at a time: Go walks maps in no order.
        device(json!({"attributes": {"a": {}, "c": {"string": ""}}})),
        device(json!({"attributes": {"b": {"int": 1, "bool": false}, "c": {"version": ""}}})),
        device(
            json!({"consumesCounters": [{"counterSet": "A", "counters": {"A": {"value": "1"}, "b": {"value": "1"}}}, {}]}),
        ),
        device(
            json!({"taints": [{"key": "a"}, {"key": "a", "effect": "Never"}], "bindingConditions": ["a", "b", "c", "d", "e"]}),
        ),
        spec(RESOURCE, "DeviceClass", json!({"extendedResourceName": "requests.kubernetes.io/-"})),
        spec(RESOURCE, "DeviceClass", json!({"extendedResourceName": "a", "config": [{}, {"opaque": {}}]})),
        json!({"apiVersion": RESOURCE, "kind": "DeviceClass", "metadata": {"name": "A"}}),
        spec(
            "lifecycle.k8s.io/v1alpha1",
            "EvictionRequest",
            json!({"requester": "x.k8s.io/a", "intent": "Eviction", "target": {"pod": {"name": "A", "uid": "a"}}}),
        ),
        spec("lifecycle.k8s.io/v1alpha1", "EvictionRequest", json!({"requester": "a", "target": {}})),
        spec(
            "resource.k8s.io/v1alpha3",
            "ResourcePoolStatusRequest",
            json!({"driver": "a", "poolName": "/A//b", "limit": 1001}),
        ),
        spec(
            "scheduling.k8s.io/v1beta1",
            "Workload",
            json!({"podGroupTemplates": [{"name": "a", "schedulingPolicy": {}}, {"name": "a", "schedulingPolicy": {"basic": {}, "gang": {"minCount": 0}}}]}),
        ),
    ]
}

/// What replaces what.
fn updates() -> Vec<[Value; 2]> {
    let binding = |name: &str| {
        let role = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name});
        object("rbac.authorization.k8s.io/v1", "RoleBinding", json!({"roleRef": role}))
    };
    let class = |handler: &str| object("node.k8s.io/v1", "RuntimeClass", json!({"handler": handler}));
    let storage = |fields: Value| object("storage.k8s.io/v1", "StorageClass", fields);
    let role = |rules: Value| object("rbac.authorization.k8s.io/v1", "ClusterRole", json!({"rules": rules}));
    let slice = |kind: &str| object("discovery.k8s.io/v1", "EndpointSlice", json!({"addressType": kind}));
    let templates = |names: &[&str]| {
        let templates: Vec<Value> =
            names.iter().map(|name| json!({"name": name, "schedulingPolicy": {"basic": {}}})).collect();
        spec("scheduling.k8s.io/v1beta1", "Workload", json!({"podGroupTemplates": templates}))
    };
    let requests = |names: &[&str]| {
        let requests: Vec<Value> =
            names.iter().map(|name| json!({"name": name, "exactly": {"deviceClassName": "a"}})).collect();
        claim(&json!({"requests": requests}))
    };
    vec![
        [binding("a"), binding("b")],
        [binding("a"), binding("")],
        [binding(""), binding("")],
        [class("a"), class("b")],
        [class("A"), class("A")],
        [
            storage(json!({"provisioner": "a"})),
            storage(json!({"provisioner": "b", "parameters": {"a": "b"}})),
        ],
        [storage(json!({"provisioner": ""})), storage(json!({"provisioner": "", "mountOptions": ["a"]}))],
        [role(json!([{"verbs": []}])), role(json!([{"verbs": []}]))],
        [role(json!([{"verbs": []}])), role(json!([{"verbs": []}, {"verbs": ["get"]}]))],
        [slice("IPv4"), slice("IPv6")],
        [slice("IPv4"), slice("")],
        [templates(&["a", "b"]), templates(&["a", "c"])],
        [templates(&["a", "b"]), templates(&["b", "a"])],
        [requests(&["a"]), requests(&["a", "b"])],
        [requests(&["a", "a"]), requests(&["a", "a"])],
    ]
}

/// What only subresources write, as it is stored.
fn stored() -> Vec<[Value; 2]> {
    let request = |conditions: &[&str]| {
        let conditions: Vec<Value> = conditions.iter().map(|kind| json!({"type": kind})).collect();
        object(
            "certificates.k8s.io/v1",
            "CertificateSigningRequest",
            json!({"status": {"conditions": conditions}}),
        )
    };
    let eviction = |status: Value| object("lifecycle.k8s.io/v1alpha1", "Eviction", json!({"status": status}));
    let claim = |status: Value| object(RESOURCE, "ResourceClaim", json!({"status": status}));
    let consumer = |uid: &str| json!({"resource": "pods", "name": "a", "uid": uid});
    let device = |share: Value| json!({"driver": "a", "pool": "a", "device": "a", "shareID": share});
    let job = |scheduling: Value| spec("batch/v1", "Job", json!({"scheduling": scheduling}));
    vec![
        [request(&["Failed"]), request(&["Approved", "Denied"])],
        [request(&["Approved", "Denied"]), request(&["Denied", "Failed", "Approved"])],
        [eviction(json!({"observedGeneration": 3})), eviction(json!({"observedGeneration": 2}))],
        [eviction(json!({"observedGeneration": 3})), eviction(json!({}))],
        [
            claim(json!({"reservedFor": [consumer("a")]})),
            claim(json!({"reservedFor": [consumer("a"), consumer("a")]})),
        ],
        [
            claim(json!({})),
            claim(json!({"devices": [device(json!(null)), device(json!("")), device(json!(null))]})),
        ],
        [
            claim(json!({"allocation": {}})),
            claim(json!({"allocation": {"devices": {"config": [{"source": "Me"}]}}})),
        ],
        [job(json!(null)), job(json!({}))],
    ]
}

pub(super) fn validating() -> Vec<Value> {
    let created = creations().into_iter().enumerate();
    let created = created.map(|(at, object)| json!({"id": format!("refused/{at}"), "object": object}));
    let updated = updates().into_iter().enumerate().map(|(at, [mut old, object])| {
        old["metadata"]["uid"] = json!("0c1d8a9c-0000-4000-8000-000000000001");
        json!({"id": format!("refused/update/{at}"), "object": object, "oldObject": old})
    });
    let stored = stored().into_iter().enumerate().map(|(at, [old, object])| {
        json!({"id": format!("refused/stored/{at}"), "object": object, "oldObject": old, "stage": "store"})
    });
    created.chain(updated).chain(stored).collect()
}
