package main

import (
	"context"
	"encoding/json"
	"fmt"

	admissionv1 "k8s.io/api/admission/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/pod-security-admission/admission"
	admissionapi "k8s.io/pod-security-admission/admission/api"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/metrics"
	"k8s.io/pod-security-admission/policy"
)

// psaRequest is one line of `oracle batch psa`. Objects are first made what
// the API server has of them, as by `oracle batch admit`.
//
// With a level, the object is a Pod or anything with a pod template and is
// held against it. Without one, the plug-in decides the request.
type psaRequest struct {
	ID      json.RawMessage `json:"id"`
	Level   string          `json:"level"`
	Version string          `json:"version"`
	Object  json.RawMessage `json:"object"`

	OldObject   json.RawMessage   `json:"oldObject"`
	Namespace   *corev1.Namespace `json:"namespace"`
	Pods        []json.RawMessage `json:"pods"`
	SubResource string            `json:"subResource"`
	User        string            `json:"user"`
	Exemptions  psaExemptions     `json:"exemptions"`
}

type psaExemptions struct {
	Usernames      []string `json:"usernames"`
	RuntimeClasses []string `json:"runtimeClasses"`
	Namespaces     []string `json:"namespaces"`
}

// psaAnswer has the message in the plug-in's words. What the plug-in alone
// says is there when it was asked.
type psaAnswer struct {
	ID               json.RawMessage   `json:"id"`
	Allowed          bool              `json:"allowed"`
	Message          string            `json:"message"`
	Warnings         []string          `json:"warnings,omitempty"`
	AuditAnnotations map[string]string `json:"auditAnnotations,omitempty"`
}

func newPsaKind() answerFunc {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(err)
	}
	return func(line []byte) (any, error) {
		var request psaRequest
		if err := decode(line, &request); err != nil {
			return nil, err
		}
		object, err := psaObject(request.Object)
		if err != nil {
			return nil, err
		}
		if request.Level == "" {
			return answerPsaRequest(evaluator, &request, object)
		}
		return answerPsaLevel(evaluator, &request, object)
	}
}

func answerPsaLevel(evaluator policy.Evaluator, request *psaRequest, object runtime.Object) (any, error) {
	level, err := api.ParseLevel(request.Level)
	if err != nil {
		return nil, err
	}
	version := api.LatestVersion()
	if request.Version != "" {
		if version, err = api.ParseVersion(request.Version); err != nil {
			return nil, err
		}
	}
	meta, spec, err := admission.DefaultPodSpecExtractor{}.ExtractPodSpec(object)
	if err != nil {
		return nil, err
	}
	if spec == nil {
		return psaAnswer{ID: request.ID, Allowed: true}, nil
	}
	asked := api.LevelVersion{Level: level, Version: version}
	total := policy.AggregateCheckResults(evaluator.EvaluatePod(asked, meta, spec))
	answer := psaAnswer{ID: request.ID, Allowed: total.Allowed}
	if !total.Allowed {
		answer.Message = fmt.Sprintf("violates PodSecurity %q: %s", asked.String(), total.ForbiddenDetail())
	}
	return answer, nil
}

// answerPsaRequest asks the plug-in as the API server does.
// Source: kubernetes plugin/pkg/admission/security/podsecurity/admission.go.
func answerPsaRequest(evaluator policy.Evaluator, request *psaRequest, object runtime.Object) (any, error) {
	cluster := psaCluster{namespace: request.Namespace}
	for _, raw := range request.Pods {
		pod, err := psaObject(raw)
		if err != nil {
			return nil, err
		}
		if pod, ok := pod.(*corev1.Pod); ok {
			cluster.pods = append(cluster.pods, pod)
		}
	}
	plugin := &admission.Admission{
		Configuration: &admissionapi.PodSecurityConfiguration{
			Defaults: admissionapi.PodSecurityDefaults{
				Enforce: "privileged", EnforceVersion: "latest",
				Audit: "privileged", AuditVersion: "latest",
				Warn: "privileged", WarnVersion: "latest",
			},
			Exemptions: admissionapi.PodSecurityExemptions{
				Usernames:      request.Exemptions.Usernames,
				RuntimeClasses: request.Exemptions.RuntimeClasses,
				Namespaces:     request.Exemptions.Namespaces,
			},
		},
		Evaluator:       evaluator,
		Metrics:         psaMetrics{},
		NamespaceGetter: cluster,
		PodLister:       cluster,
	}
	if err := plugin.CompleteConfiguration(); err != nil {
		return nil, err
	}
	if err := plugin.ValidateConfiguration(); err != nil {
		return nil, err
	}
	attributes := &api.AttributesRecord{
		Subresource: request.SubResource,
		Operation:   admissionv1.Create,
		Object:      object,
		Username:    request.User,
	}
	if len(request.OldObject) > 0 {
		old, err := psaObject(request.OldObject)
		if err != nil {
			return nil, err
		}
		attributes.OldObject, attributes.Operation = old, admissionv1.Update
	}
	meta, err := apimeta.Accessor(object)
	if err != nil {
		return nil, err
	}
	attributes.Name, attributes.Namespace = meta.GetName(), meta.GetNamespace()
	attributes.Kind = object.GetObjectKind().GroupVersionKind()
	resource, ok := psaResources[attributes.Kind.GroupKind()]
	if !ok {
		return psaAnswer{ID: request.ID, Allowed: true}, nil
	}
	attributes.Resource = attributes.Kind.GroupVersion().WithResource(resource)
	if resource == "namespaces" {
		attributes.Namespace = attributes.Name
	}
	response := plugin.Validate(context.Background(), attributes)
	answer := psaAnswer{
		ID:               request.ID,
		Allowed:          response.Allowed,
		Warnings:         response.Warnings,
		AuditAnnotations: response.AuditAnnotations,
	}
	if response.Result != nil {
		answer.Message = response.Result.Message
	}
	return answer, nil
}

// psaObject is an object as the plug-in gets it.
func psaObject(raw json.RawMessage) (runtime.Object, error) {
	line, err := json.Marshal(admitRequest{ID: json.RawMessage("0"), Object: raw})
	if err != nil {
		return nil, err
	}
	admitted, err := answerAdmit(line)
	if err != nil {
		return nil, err
	}
	answer := admitted.(admitAnswer)
	// What validation refuses, the plug-in is asked about all the same.
	if answer.Object == nil && len(answer.Errors) > 0 {
		return nil, fmt.Errorf("object: %s", answer.Errors[0].Message)
	}
	var head metav1.TypeMeta
	if err := json.Unmarshal(answer.Object, &head); err != nil {
		return nil, err
	}
	made := psaKinds[head.GroupVersionKind().GroupKind()]
	if made == nil {
		return nil, fmt.Errorf("object: kind %q has no pod", head.Kind)
	}
	object := made()
	if err := json.Unmarshal(answer.Object, object); err != nil {
		return nil, err
	}
	return object, nil
}

// psaCluster is what the plug-in asks a cluster for.
type psaCluster struct {
	namespace *corev1.Namespace
	pods      []*corev1.Pod
}

func (c psaCluster) GetNamespace(context.Context, string) (*corev1.Namespace, error) {
	if c.namespace == nil {
		return &corev1.Namespace{}, nil
	}
	return c.namespace, nil
}

func (c psaCluster) ListPods(context.Context, string) ([]*corev1.Pod, error) {
	return append([]*corev1.Pod{}, c.pods...), nil
}

// psaMetrics counts nothing.
type psaMetrics struct{}

func (psaMetrics) RecordEvaluation(metrics.Decision, api.LevelVersion, metrics.Mode, api.Attributes) {
}
func (psaMetrics) RecordExemption(api.Attributes)   {}
func (psaMetrics) RecordError(bool, api.Attributes) {}

var psaKinds = map[schema.GroupKind]func() runtime.Object{
	{Kind: "Namespace"}:                  func() runtime.Object { return &corev1.Namespace{} },
	{Kind: "Pod"}:                        func() runtime.Object { return &corev1.Pod{} },
	{Kind: "PodTemplate"}:                func() runtime.Object { return &corev1.PodTemplate{} },
	{Kind: "ReplicationController"}:      func() runtime.Object { return &corev1.ReplicationController{} },
	{Group: "apps", Kind: "ReplicaSet"}:  func() runtime.Object { return &appsv1.ReplicaSet{} },
	{Group: "apps", Kind: "Deployment"}:  func() runtime.Object { return &appsv1.Deployment{} },
	{Group: "apps", Kind: "StatefulSet"}: func() runtime.Object { return &appsv1.StatefulSet{} },
	{Group: "apps", Kind: "DaemonSet"}:   func() runtime.Object { return &appsv1.DaemonSet{} },
	{Group: "batch", Kind: "Job"}:        func() runtime.Object { return &batchv1.Job{} },
	{Group: "batch", Kind: "CronJob"}:    func() runtime.Object { return &batchv1.CronJob{} },
}

var psaResources = map[schema.GroupKind]string{
	{Kind: "Namespace"}:                  "namespaces",
	{Kind: "Pod"}:                        "pods",
	{Kind: "PodTemplate"}:                "podtemplates",
	{Kind: "ReplicationController"}:      "replicationcontrollers",
	{Group: "apps", Kind: "ReplicaSet"}:  "replicasets",
	{Group: "apps", Kind: "Deployment"}:  "deployments",
	{Group: "apps", Kind: "StatefulSet"}: "statefulsets",
	{Group: "apps", Kind: "DaemonSet"}:   "daemonsets",
	{Group: "batch", Kind: "Job"}:        "jobs",
	{Group: "batch", Kind: "CronJob"}:    "cronjobs",
}
