package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	api "k8s.io/kubernetes/pkg/apis/core"
	corev1conversion "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/quota/v1/evaluator/core"
	"k8s.io/kubernetes/plugin/pkg/admission/limitranger"
	"k8s.io/utils/clock"
)

// quotaRequest is one line of `oracle batch quota`: a Pod, or a Deployment
// whose template becomes one, the LimitRanges of its namespace, and what a
// quota there counts.
type quotaRequest struct {
	ID          json.RawMessage       `json:"id"`
	Object      json.RawMessage       `json:"object"`
	LimitRanges []corev1.LimitRange   `json:"limitRanges"`
	Hard        []corev1.ResourceName `json:"hard"`
}

// quotaAnswer has what the plug-ins LimitRanger and ResourceQuota make of the
// Pod; refusals are sorted, since Go walks maps in no order.
type quotaAnswer struct {
	ID          json.RawMessage   `json:"id"`
	Usage       map[string]string `json:"usage"`
	Refused     []string          `json:"refused"`
	Unspecified string            `json:"unspecified"`
}

func newQuotaKind() answerFunc {
	evaluator := core.NewPodEvaluator(nil, clock.RealClock{})
	return func(line []byte) (any, error) {
		var request quotaRequest
		if err := json.Unmarshal(line, &request); err != nil {
			return nil, err
		}
		pod, err := quotaPod(request.Object)
		if err != nil {
			return nil, err
		}
		answer := quotaAnswer{ID: request.ID, Usage: map[string]string{}, Refused: []string{}}
		for i := range request.LimitRanges {
			legacyscheme.Scheme.Default(&request.LimitRanges[i])
			if err := limitranger.PodMutateLimitFunc(&request.LimitRanges[i], pod); err != nil {
				return nil, err
			}
		}
		// What the registry prepares comes before the plug-ins that validate.
		podutil.DefaultPodLevelResources(pod)
		for i := range request.LimitRanges {
			if err := limitranger.PodValidateLimitFunc(&request.LimitRanges[i], pod); err != nil {
				for _, refusal := range err.(utilerrors.Aggregate).Errors() {
					answer.Refused = append(answer.Refused, refusal.Error())
				}
			}
		}
		sort.Strings(answer.Refused)
		usage, err := evaluator.Usage(pod)
		if err != nil {
			return nil, err
		}
		for name, amount := range usage {
			counted := name == corev1.ResourcePods || strings.HasPrefix(string(name), "count/")
			if !counted && !amount.IsZero() {
				answer.Usage[string(name)] = amount.String()
			}
		}
		if err := evaluator.Constraints(request.Hard, pod); err != nil {
			answer.Unspecified = err.Error()
		}
		return answer, nil
	}
}

// quotaPod is the Pod with its defaults, as a controller would create it.
func quotaPod(object json.RawMessage) (*api.Pod, error) {
	var pod corev1.Pod
	if err := json.Unmarshal(object, &pod); err != nil {
		return nil, err
	}
	switch pod.Kind {
	case "Pod":
	case "Deployment":
		var deployment appsv1.Deployment
		if err := json.Unmarshal(object, &deployment); err != nil {
			return nil, err
		}
		pod = corev1.Pod{ObjectMeta: deployment.Spec.Template.ObjectMeta, Spec: deployment.Spec.Template.Spec}
	default:
		return nil, fmt.Errorf("%q is neither Pod nor Deployment", pod.Kind)
	}
	legacyscheme.Scheme.Default(&pod)
	internal := &api.Pod{}
	return internal, corev1conversion.Convert_v1_Pod_To_core_Pod(&pod, internal, nil)
}
