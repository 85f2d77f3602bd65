//! Pods and what makes pods, with much that the Pod Security Standards look at, and requests to the plug-in about them.

use serde_json::{Map, Value, json};

/// Makes pods; the same ones in each run.
struct Maker(u64);

const LEVELS: [&str; 3] = ["baseline", "restricted", "privileged"];

/// So many pods, each at another level and version.
pub fn by_level(count: usize, seed: u64) -> Vec<Value> {
    let mut maker = Maker(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let question = |number: usize| {
        let object = maker.object();
        let level = LEVELS[number % 16 / 7];
        json!({"id": format!("{seed}/{number}"), "level": level, "version": maker.version(), "object": object})
    };
    (0..count).map(question).collect()
}

/// So many requests to the plug-in, with namespaces that have labels and with exemptions.
pub fn requests(count: usize, seed: u64) -> Vec<Value> {
    let mut maker = Maker(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (0..count).map(|number| maker.request(format!("request/{seed}/{number}"))).collect()
}

impl Maker {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % count as u64) as usize
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    fn version(&mut self) -> String {
        match self.below(45) {
            minor @ 0..=39 => format!("v1.{minor}"),
            _ => "latest".to_owned(),
        }
    }

    fn request(&mut self, id: String) -> Value {
        let exemptions = json!({
            "usernames": if self.once_in(4) { json!(["root"]) } else { json!([]) },
            "runtimeClasses": if self.once_in(3) { json!(["gvisor"]) } else { json!([]) },
            "namespaces": if self.once_in(4) { json!(["default", "shop"]) } else { json!([]) },
        });
        let mut question =
            json!({"id": id, "exemptions": exemptions, "user": self.pick(&["", "root", "me"])});
        if self.once_in(2) {
            question["object"] = self.namespace();
            if !self.once_in(3) {
                question["oldObject"] = self.namespace();
            }
            let pods = (0..self.below(9)).map(|_| self.existing()).collect::<Vec<Value>>();
            question["pods"] = json!(pods);
            return question;
        }
        question["namespace"] = self.namespace();
        question["object"] = self.object();
        if self.once_in(3) && question["object"]["kind"] == "Pod" {
            question["oldObject"] = question["object"].clone();
            if self.once_in(2) {
                question["object"]["spec"]["containers"][0]["image"] = json!("other");
            }
        }
        if self.once_in(8) {
            question["subResource"] = json!(self.pick(&["status", "ephemeralcontainers", "exec", "resize"]));
        }
        question
    }

    fn namespace(&mut self) -> Value {
        let mut labels = Map::new();
        for mode in ["enforce", "audit", "warn"] {
            if !self.once_in(3) {
                let level = self.pick(&[
                    "baseline",
                    "restricted",
                    "privileged",
                    "restricted",
                    "baseline",
                    "restricted",
                    "baseline",
                    "x",
                ]);
                labels.insert(format!("pod-security.kubernetes.io/{mode}"), json!(level));
            }
            if self.once_in(3) {
                let version = if self.once_in(8) { "1.2".to_owned() } else { self.version() };
                labels.insert(format!("pod-security.kubernetes.io/{mode}-version"), json!(version));
            }
        }
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}})
    }

    fn existing(&mut self) -> Value {
        let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.pick(&["a", "b", "c", "d"])}});
        pod["spec"] =
            json!({"containers": [{"name": "c"}], "hostPID": self.once_in(2), "hostIPC": self.once_in(3)});
        if self.once_in(2) {
            let owner = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "controller": true,
                "uid": self.pick(&["1", "2"])});
            pod["metadata"]["ownerReferences"] = json!([owner]);
        }
        if self.once_in(5) {
            pod["spec"]["runtimeClassName"] = json!("gvisor");
        }
        pod
    }

    fn object(&mut self) -> Value {
        let pod = json!({"metadata": {"annotations": self.annotations()}, "spec": self.spec()});
        let kinds: [(&str, &str); 8] = [
            ("v1", "ReplicationController"),
            ("v1", "PodTemplate"),
            ("apps/v1", "Deployment"),
            ("apps/v1", "ReplicaSet"),
            ("apps/v1", "StatefulSet"),
            ("apps/v1", "DaemonSet"),
            ("batch/v1", "Job"),
            ("batch/v1", "CronJob"),
        ];
        let (version, kind) = match self.below(20) {
            at @ 0..=7 => kinds[at],
            _ => ("v1", "Pod"),
        };
        let mut object = match kind {
            "Pod" => pod,
            "PodTemplate" => json!({"template": pod}),
            "CronJob" => json!({"spec": {"jobTemplate": {"spec": {"template": pod}}}}),
            "ReplicationController" if self.once_in(4) => json!({"spec": {}}),
            _ => json!({"spec": {"template": pod}}),
        };
        object["apiVersion"] = json!(version);
        object["kind"] = json!(kind);
        object["metadata"]["name"] = json!("web");
        object
    }

    fn annotations(&mut self) -> Value {
        const NAMES: &[&str] = &[
            "container.apparmor.security.beta.kubernetes.io/a",
            "container.apparmor.security.beta.kubernetes.io/é\"",
            "container.seccomp.security.alpha.kubernetes.io/a",
            "container.seccomp.security.alpha.kubernetes.io/init",
            "seccomp.security.alpha.kubernetes.io/pod",
            "other",
        ];
        const VALUES: &[&str] = &[
            "",
            "runtime/default",
            "localhost/x",
            "unconfined",
            "docker/default",
            "localhost",
            "a\"\\\n\u{1}é\u{2028}",
        ];
        let mut annotations = Map::new();
        for _ in 0..self.below(4) {
            annotations.insert(self.pick(NAMES).to_owned(), json!(self.pick(VALUES)));
        }
        Value::Object(annotations)
    }

    fn spec(&mut self) -> Value {
        let mut spec = Map::new();
        for field in ["hostNetwork", "hostPID", "hostIPC"] {
            if self.once_in(6) {
                spec.insert(field.to_owned(), self.bool());
            }
        }
        if self.once_in(3) {
            spec.insert("hostUsers".to_owned(), self.bool());
        }
        if self.once_in(4) {
            spec.insert("os".to_owned(), json!({"name": self.pick(&["windows", "linux", ""])}));
        }
        if self.once_in(8) {
            spec.insert("runtimeClassName".to_owned(), json!(self.pick(&["gvisor", "", "kata"])));
        }
        if !self.once_in(3) {
            let mut context = self.context();
            if self.once_in(2) {
                context.insert("sysctls".to_owned(), self.sysctls());
            }
            spec.insert("securityContext".to_owned(), Value::Object(context));
        }
        if self.once_in(2) {
            let volumes = (0..self.below(4)).map(|_| self.volume()).collect::<Vec<Value>>();
            spec.insert("volumes".to_owned(), json!(volumes));
        }
        for (list, names) in [
            ("initContainers", ["init", "b\"c"]),
            ("containers", ["a", "b"]),
            ("ephemeralContainers", ["debug", "a"]),
        ] {
            let count =
                if list == "containers" { 1 + self.below(2) } else { self.below(5).saturating_sub(2) };
            let containers =
                names.iter().take(count).map(|name| self.container(name)).collect::<Vec<Value>>();
            if !containers.is_empty() {
                spec.insert(list.to_owned(), json!(containers));
            }
        }
        Value::Object(spec)
    }

    fn bool(&mut self) -> Value {
        json!(self.once_in(2))
    }

    fn sysctls(&mut self) -> Value {
        const NAMES: &[&str] = &[
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes",
            "net.ipv4.tcp_rmem",
            "net.ipv4.tcp_wmem",
            "net.ipv4.tcp_slow_start_after_idle",
            "net.ipv4.tcp_notsent_lowat",
            "kernel.msgmax",
            "net/ipv4/tcp_rmem",
        ];
        (0..self.below(4)).map(|_| json!({"name": self.pick(NAMES), "value": "0"})).collect()
    }

    fn volume(&mut self) -> Value {
        const SOURCES: &[&str] = &[
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "image",
            "persistentVolumeClaim",
            "projected",
            "secret",
            "hostPath",
            "gcePersistentDisk",
            "awsElasticBlockStore",
            "gitRepo",
            "nfs",
            "iscsi",
            "glusterfs",
            "rbd",
            "flexVolume",
            "cinder",
            "cephfs",
            "flocker",
            "fc",
            "azureFile",
            "vsphereVolume",
            "quobyte",
            "azureDisk",
            "photonPersistentDisk",
            "portworxVolume",
            "scaleIO",
            "storageos",
        ];
        let mut volume = json!({"name": self.pick(&["v", "w", "x"])});
        for _ in 0..[1, 1, 1, 0, 2][self.below(5)] {
            let source = if self.once_in(4) { "hostPath" } else { self.pick(SOURCES) };
            volume[source] = if self.once_in(12) { Value::Null } else { json!({}) };
        }
        volume
    }

    /// What pods and containers both have.
    fn context(&mut self) -> Map<String, Value> {
        let mut context = Map::new();
        if self.once_in(2) {
            context.insert("runAsNonRoot".to_owned(), json!(!self.once_in(4)));
        }
        if self.once_in(4) {
            context.insert("runAsUser".to_owned(), json!(self.below(2)));
        }
        for field in ["seccompProfile", "appArmorProfile"] {
            if self.once_in(2) {
                let kind =
                    self.pick(&["RuntimeDefault", "RuntimeDefault", "Localhost", "Unconfined", "", "x"]);
                let profile = if self.once_in(9) { json!({}) } else { json!({"type": kind}) };
                context.insert(field.to_owned(), profile);
            }
        }
        if self.once_in(4) {
            let mut options =
                json!({"type": self.pick(&["", "container_t", "container_engine_t", "spc_t", "x"])});
            if self.once_in(4) {
                options["user"] = json!(self.pick(&["", "u"]));
            }
            if self.once_in(4) {
                options["role"] = json!(self.pick(&["", "r"]));
            }
            context.insert("seLinuxOptions".to_owned(), options);
        }
        if self.once_in(8) {
            context.insert("windowsOptions".to_owned(), json!({"hostProcess": self.bool()}));
        }
        context
    }

    fn container(&mut self, name: &str) -> Value {
        let mut container = json!({"name": name, "image": "image"});
        if self.once_in(4) {
            let port = |maker: &mut Maker| json!({"containerPort": 80, "hostPort": maker.below(4) * 40});
            container["ports"] = (0..self.below(3)).map(|_| port(self)).collect();
        }
        if self.once_in(5) {
            container[self.pick(&["livenessProbe", "readinessProbe", "startupProbe"])] = self.handler();
        }
        if self.once_in(6) {
            container["lifecycle"] = json!({});
            container["lifecycle"][self.pick(&["postStart", "preStop"])] = self.handler();
        }
        if self.once_in(8) {
            return container;
        }
        let mut context = self.context();
        if self.once_in(6) {
            context.insert("privileged".to_owned(), self.bool());
        }
        if !self.once_in(3) {
            context.insert("allowPrivilegeEscalation".to_owned(), json!(self.once_in(6)));
        }
        if self.once_in(6) {
            context.insert("procMount".to_owned(), json!(self.pick(&["Default", "Unmasked", "x"])));
        }
        if !self.once_in(4) {
            let mut capabilities = json!({});
            if !self.once_in(4) {
                capabilities["drop"] = json!([self.pick(&["ALL", "ALL", "ALL", "NET_RAW", "all"])]);
            }
            const ADDED: &[&str] =
                &["NET_BIND_SERVICE", "CHOWN", "SYS_ADMIN", "NET_RAW", "MKNOD", "ALL", "a\"b"];
            if self.once_in(3) {
                capabilities["add"] = (0..self.below(4)).map(|_| json!(self.pick(ADDED))).collect();
            }
            context.insert("capabilities".to_owned(), capabilities);
        }
        container["securityContext"] = Value::Object(context);
        container
    }

    fn handler(&mut self) -> Value {
        let kind = self.pick(&["httpGet", "tcpSocket"]);
        let host = self.pick(&["", "127.0.0.1", "example.com"]);
        json!({kind: {"port": 80, "host": host}})
    }
}
