package main

import rego.v1

# The five rules of ../policies.yaml.

pod_spec := input.spec.jobTemplate.spec.template.spec if input.kind == "CronJob"

pod_spec := input.spec if input.kind == "Pod"

pod_spec := input.spec.template.spec if input.kind in {"Deployment", "StatefulSet", "DaemonSet"}

is_workload if input.kind in {"CronJob", "Pod", "Deployment", "StatefulSet", "DaemonSet"}

containers := array.concat(pod_spec.containers, object.get(pod_spec, "initContainers", []))

deny contains msg if {
	input.kind in {"Deployment", "StatefulSet"}
	input.spec.replicas > 10
	msg := sprintf("%s: more than ten replicas", [input.metadata.name])
}

from_ours(image) if startswith(image, "registry.example.com/")

from_ours(image) if startswith(image, "ghcr.io/acme/")

deny contains msg if {
	some container in containers
	not from_ours(container.image)
	msg := sprintf("%s: image of another registry", [input.metadata.name])
}

non_root if pod_spec.securityContext.runAsNonRoot == true

non_root if {
	every container in containers {
		container.securityContext.runAsNonRoot == true
	}
}

deny contains msg if {
	is_workload
	not non_root
	msg := sprintf("%s: may run as root", [input.metadata.name])
}

fixed(image) if contains(image, "@")

fixed(image) if {
	regex.match(`/[^/]*:[^/:]+$`, image)
	not endswith(image, ":latest")
}

deny contains msg if {
	some container in containers
	not fixed(container.image)
	msg := sprintf("%s: image without a fixed tag", [input.metadata.name])
}

labelled if {
	input.metadata.labels["app.kubernetes.io/name"]
	input.metadata.labels.team
}

deny contains msg if {
	is_workload
	not labelled
	msg := sprintf("%s: labels are missing", [input.metadata.name])
}
