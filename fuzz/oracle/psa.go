package main

import (
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/pod-security-admission/admission"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// psaRequest is one line of `oracle batch psa`. The object is a Pod, or
// anything with a pod template; it is taken as written, without defaults.
type psaRequest struct {
	ID      json.RawMessage `json:"id"`
	Level   string          `json:"level"`
	Version string          `json:"version"`
	Object  json.RawMessage `json:"object"`
}

// psaAnswer has the message that the admission plug-in puts after
// `violates PodSecurity "level:version": `.
type psaAnswer struct {
	ID      json.RawMessage `json:"id"`
	Allowed bool            `json:"allowed"`
	Message string          `json:"message"`
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
		meta, spec, err := podOf(request.Object)
		if err != nil {
			return nil, err
		}
		results := evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: version}, meta, spec)
		total := policy.AggregateCheckResults(results)
		answer := psaAnswer{ID: request.ID, Allowed: total.Allowed}
		if !total.Allowed {
			answer.Message = total.ForbiddenDetail()
		}
		return answer, nil
	}
}

// podOf finds the pod in an object as the plug-in does.
func podOf(raw json.RawMessage) (*metav1.ObjectMeta, *corev1.PodSpec, error) {
	var head metav1.TypeMeta
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, nil, fmt.Errorf("object: %w", err)
	}
	make := podKinds[head.GroupVersionKind().GroupKind()]
	if make == nil {
		return nil, nil, fmt.Errorf("object: kind %q has no pod", head.Kind)
	}
	object := make()
	if err := json.Unmarshal(raw, object); err != nil {
		return nil, nil, fmt.Errorf("object: %w", err)
	}
	meta, spec, err := admission.DefaultPodSpecExtractor{}.ExtractPodSpec(object)
	if err == nil && spec == nil {
		return &metav1.ObjectMeta{}, &corev1.PodSpec{}, nil
	}
	return meta, spec, err
}

var podKinds = map[schema.GroupKind]func() runtime.Object{
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
