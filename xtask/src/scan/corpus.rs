//! Documents to scan: workloads of the usual size and what stands beside them, some with a fault. The same each time.

use std::fmt::Write;
use std::path::Path;

/// Documents of a file.
const PER_FILE: usize = 100;

/// Small numbers that look random. Source: Knuth's MMIX.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// What was written.
pub(super) struct Corpus {
    pub(super) bytes: usize,
    /// Validations of `benches/scan/policies.yaml` that are not met.
    pub(super) faults: usize,
}

/// Writes so many documents into files of a folder.
pub(super) fn write(folder: &Path, documents: usize) -> std::io::Result<Corpus> {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder)?;
    let mut random = Random(1);
    let mut corpus = Corpus { bytes: 0, faults: 0 };
    for file in 0..documents.div_ceil(PER_FILE) {
        let numbers = file * PER_FILE..((file + 1) * PER_FILE).min(documents);
        let texts: Vec<String> =
            numbers.map(|number| document(number, &mut random, &mut corpus.faults)).collect();
        let text = texts.join("---\n");
        corpus.bytes += text.len();
        std::fs::write(folder.join(format!("{file:04}.yaml")), text)?;
    }
    Ok(corpus)
}

fn document(number: usize, random: &mut Random, faults: &mut usize) -> String {
    let mut fault = |random: &mut Random| {
        let there = random.one_in(30);
        *faults += usize::from(there);
        there
    };
    let app = format!("shop-{number}");
    let kind = match random.below(100) {
        0..40 => "Deployment",
        40..50 => "StatefulSet",
        50..56 => "DaemonSet",
        56..64 => "CronJob",
        64..70 => "Pod",
        70..88 => "Service",
        88..94 => "Ingress",
        _ => "ConfigMap",
    };
    let is_workload = !matches!(kind, "Service" | "Ingress" | "ConfigMap");
    let team = if is_workload && fault(random) { "" } else { "\n    team: atlas" };
    let labels = format!(
        "    app.kubernetes.io/name: {app}\n    app.kubernetes.io/version: v{}{team}\n",
        random.below(20)
    );
    let version = match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" => "apps/v1",
        "CronJob" => "batch/v1",
        "Ingress" => "networking.k8s.io/v1",
        _ => "v1",
    };
    let mut text = format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {app}\n  namespace: shop\n  labels:\n{labels}"
    );
    // Writing to a string cannot fail.
    let _ = match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" => {
            let replicas = match kind {
                "DaemonSet" => String::new(),
                _ if fault(random) => format!("  replicas: {}\n", 11 + random.below(50)),
                _ => format!("  replicas: {}\n", 1 + random.below(10)),
            };
            let named = if kind == "StatefulSet" { format!("  serviceName: {app}\n") } else { String::new() };
            let selector = format!("  selector:\n    matchLabels:\n      app.kubernetes.io/name: {app}\n");
            let labels = labels.replace("    ", "        ");
            let template = format!("  template:\n    metadata:\n      labels:\n{labels}    spec:\n");
            write!(text, "spec:\n{replicas}{named}{selector}{template}{}", pod(&app, 6, random, &mut fault))
        }
        "CronJob" => {
            let job = "  jobTemplate:\n    spec:\n      backoffLimit: 2\n      template:\n        spec:\n          \
                       restartPolicy: Never\n";
            write!(
                text,
                "spec:\n  schedule: \"5 {} * * *\"\n{job}{}",
                number % 24,
                pod(&app, 10, random, &mut fault)
            )
        }
        "Pod" => write!(text, "spec:\n{}", pod(&app, 2, random, &mut fault)),
        "Service" => write!(
            text,
            "spec:\n  selector:\n    app.kubernetes.io/name: {app}\n  ports:\n  - name: http\n    port: 80\n    targetPort: http\n"
        ),
        "Ingress" => write!(
            text,
            "spec:\n  ingressClassName: nginx\n  tls:\n  - hosts: [{app}.example.com]\n    secretName: {app}-tls\n  rules:\n  \
             - host: {app}.example.com\n    http:\n      paths:\n      - path: /\n        pathType: Prefix\n        \
             backend:\n          service: {{name: {app}, port: {{name: http}}}}\n"
        ),
        _ => write!(
            text,
            "data:\n  level: info\n  settings: |\n    [cache]\n    size = {}\n",
            random.below(900)
        ),
    };
    text
}

/// The fields of a pod's spec, indented.
fn pod(app: &str, indent: usize, random: &mut Random, fault: &mut impl FnMut(&mut Random) -> bool) -> String {
    let non_root = !fault(random);
    let mut text = format!(
        "serviceAccountName: {app}\nautomountServiceAccountToken: false\nsecurityContext:\n  runAsNonRoot: {non_root}\n  \
         runAsUser: {}\n  seccompProfile:\n    type: RuntimeDefault\nvolumes:\n- name: tmp\n  emptyDir:\n    sizeLimit: 64Mi\n\
         containers:\n",
        10_000 + random.below(9_000)
    );
    for (at, name) in ["app", "envoy", "logs"].iter().take(1 + random.below(3) as usize).enumerate() {
        let registry = if at == 0 && fault(random) { "docker.io/library" } else { "ghcr.io/acme" };
        let tag =
            if at == 0 && fault(random) { "latest".to_owned() } else { format!("v1.{}", random.below(40)) };
        let (port, memory) = (8_000 + random.below(999), 64 << random.below(4));
        let _ = write!(
            text,
            "- name: {name}
  image: {registry}/{app}:{tag}
  imagePullPolicy: IfNotPresent
  args: [\"--listen\", \":{port}\", \"--log-level\", \"info\"]
  ports:
  - name: http-{at}
    containerPort: {port}
    protocol: TCP
  env:
  - name: POD_NAME
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  - name: CACHE_URL
    value: http://cache-{at}.shop.svc:{port}/{app}
  resources:
    requests:
      cpu: 100m
      memory: {memory}Mi
    limits:
      cpu: \"1\"
      memory: {memory}Mi
  livenessProbe:
    httpGet:
      path: /healthz
      port: {port}
    initialDelaySeconds: 5
    periodSeconds: 10
  readinessProbe:
    httpGet:
      path: /readyz
      port: {port}
    periodSeconds: 5
  securityContext:
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities:
      drop: [\"ALL\"]
  volumeMounts:
  - name: tmp
    mountPath: /tmp
"
        );
    }
    let margin = " ".repeat(indent);
    text.lines().map(|line| format!("{margin}{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corpus_is_the_same_each_time() {
        let texts = || {
            let (mut random, mut faults) = (Random(1), 0);
            let texts: String = (0..200).map(|number| document(number, &mut random, &mut faults)).collect();
            (texts, faults)
        };
        let (text, faults) = texts();
        assert_eq!((text.clone(), faults), texts());
        assert!(faults > 10 && text.contains("kind: CronJob") && text.contains(":latest"), "{faults}");
    }
}
