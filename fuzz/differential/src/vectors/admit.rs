//! Manifests of every kind.

use crate::objects::random_objects;
use crate::updates::{conversions, random_updates};
use serde_json::{Value, json};

/// What is recorded: an object of each kind with valid values and one with others, some that replace others, some in
/// other versions, manifests that tell something, and some that are refused.
pub fn admit() -> Vec<Value> {
    let mut questions = random_objects(1, 3, false);
    questions.extend(random_objects(1, 4, true));
    questions.extend(random_updates(1, 5));
    questions.extend(conversions(1, 6));
    let object = |kind: &str, spec: Value| {
        let version = match kind {
            "Deployment" => "apps/v1",
            "HorizontalPodAutoscaler" => "autoscaling/v1",
            "CronJob" => "batch/v1",
            _ => "v1",
        };
        json!({"apiVersion": version, "kind": kind, "metadata": {"name": "a"}, "spec": spec})
    };
    let limits = json!({"cpu": "0.5", "memory": "1024Mi", "example.com/gpu": "1"});
    let manifests = [
        object("Deployment", json!({"replicas": "3"})),
        object("Deployment", json!({"replicas": 2147483648_u32})),
        object("Deployment", json!({"replicas": 1.5})),
        object(
            "Deployment",
            json!({"replica": 1, "template": {"spec": {"containers": [{"imag": "a", "nam": 1}]}}}),
        ),
        object("Deployment", json!({"strategy": {"type": "Recreate"}, "template": null})),
        object("Pod", json!({"containers": [{"resources": {"limits": limits}}], "serviceAccount": "b"})),
        object("Pod", json!({"containers": [{"resources": {"limits": limits, "requests": {"cpu": "1u"}}}]})),
        object("Pod", json!({"hostNetwork": true, "containers": [{"ports": [{"containerPort": 80}]}]})),
        object("Pod", json!({"volumes": [{"name": "a"}, {"name": "b", "hostPath": {"path": "/"}}]})),
        object(
            "Pod",
            json!({"schedulingGates": [{"name": "a"}], "containers": [{"resources": {"limits": {"cpu": true}}}]}),
        ),
        object(
            "Pod",
            json!({"containers": [{"livenessProbe": {"httpGet": {"port": "x"}, "grpc": {"port": 1}}}]}),
        ),
        object(
            "Pod",
            json!({"resources": {"limits": {"cpu": "2"}}, "containers": [
            {"resources": {"requests": {"cpu": "0.5", "memory": "1Gi"}, "limits": {"hugepages-2Mi": "4Mi"}}},
            {"resources": {"requests": {"cpu": "250m"}}}
        ], "initContainers": [{"restartPolicy": "Always", "resources": {"requests": {"memory": "64Mi"}}}]}),
        ),
        object("Service", json!({"type": "LoadBalancer", "ports": [{"port": 80, "targetPort": ""}]})),
        object(
            "Service",
            json!({"type": "ExternalName", "sessionAffinity": "ClientIP", "externalIPs": ["1.1.1.1"]}),
        ),
        object("Service", json!({"ports": [{"port": 80, "targetPort": true}]})),
        object("HorizontalPodAutoscaler", json!({"maxReplicas": 3})),
        object("CronJob", json!({"jobTemplate": {"spec": {"template": {"metadata": {"labels": {"a": 1}}}}}})),
        json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "b"}, "data": {"a": "YQ==", "c": null}}),
        json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "YQ"}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"creationTimestamp": "yesterday"}}),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}),
    ];
    questions.extend(
        manifests.into_iter().zip(0..).map(|(object, number)| json!({"id": number, "object": object})),
    );
    questions.extend(super::validating::validating());
    questions
}
