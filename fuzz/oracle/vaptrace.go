package main

import (
	"context"
	"fmt"

	admissionapi "k8s.io/api/admission/v1"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// trace stands between the dispatcher and its parts and writes down what
// passes: it is the attributes (for annotations) and the warning recorder, and
// tracedMatcher tells it the policy and binding at hand.
type trace struct {
	admission.Attributes
	matcher  generic.PolicyMatcher
	matchAll bool
	hooks    []validating.PolicyHook

	hook      *validating.PolicyHook
	matchKind schema.GroupVersionKind
	binding   string

	warnings      []string
	annotations   map[string]string
	decisions     []vapDecision
	costs         []vapCost
	compileErrors []string
}

// traceKey finds the trace of a request in its context.
type traceKey struct{}

// vapDecision is one decision of the real code. Index counts the policy's
// validations; it is absent for a decision about the policy as a whole, or
// about the audit annotation named.
type vapDecision struct {
	Policy          string `json:"policy"`
	Binding         string `json:"binding"`
	Param           string `json:"param,omitempty"`
	Index           *int   `json:"index,omitempty"`
	AuditAnnotation string `json:"auditAnnotation,omitempty"`
	Action          string `json:"action"`
	Evaluation      string `json:"evaluation"`
	Message         string `json:"message"`
	Reason          string `json:"reason"`
}

func (t *trace) AddWarning(_, text string) { t.warnings = append(t.warnings, text) }

func (t *trace) AddAnnotation(key, value string) error {
	err := t.Attributes.AddAnnotation(key, value)
	if err == nil {
		t.annotations[key] = value
	}
	return err
}

// tracedValidator records the decisions of a policy.
type tracedValidator struct {
	*compiledPolicy
	trace *trace
}

func (v *tracedValidator) Validate(ctx context.Context, resource schema.GroupVersionResource, attributes *admission.VersionedAttributes, param runtime.Object, namespace *corev1.Namespace, budget int64, authz authorizer.UnconditionalAuthorizer) validating.ValidateResult {
	t := v.trace
	name := paramName(param)
	t.costs = append(t.costs, vapCost{Policy: v.policy.Name, Binding: t.binding, Param: name})
	result := v.Validator.Validate(ctx, resource, attributes, param, namespace, budget, authz)
	// one decision per validation, except when all of them failed at once
	whole := len(result.Decisions) != len(v.policy.Spec.Validations) || result.AuditAnnotations == nil
	for i, decision := range result.Decisions {
		row := vapDecision{
			Policy: v.policy.Name, Binding: t.binding, Param: name,
			Action: string(decision.Action), Evaluation: string(decision.Evaluation),
			Message: decision.Message, Reason: string(decision.Reason),
		}
		if !whole {
			row.Index = &i
		}
		t.decisions = append(t.decisions, row)
	}
	for _, annotation := range result.AuditAnnotations {
		if annotation.Action == validating.AuditAnnotationActionError {
			t.decisions = append(t.decisions, vapDecision{
				Policy: v.policy.Name, Binding: t.binding, Param: name, AuditAnnotation: annotation.Key,
				Action: string(validating.ActionDeny), Evaluation: string(validating.EvalError), Message: annotation.Error,
			})
		}
	}
	return result
}

func paramName(param runtime.Object) string {
	if param == nil {
		return ""
	}
	accessor, err := meta.Accessor(param)
	if err != nil {
		return ""
	}
	if accessor.GetNamespace() == "" {
		return accessor.GetName()
	}
	return accessor.GetNamespace() + "/" + accessor.GetName()
}

// costPart names a place in a policy that costs.
type costPart string

const (
	costMatchConditions  costPart = "matchConditions"
	costValidations      costPart = "validations"
	costMessages         costPart = "messageExpressions"
	costAuditAnnotations costPart = "auditAnnotations"
)

// vapCost is the cost of one policy with one binding and param. A part that
// ran out of budget counts with all the budget it had.
type vapCost struct {
	Policy             string `json:"policy"`
	Binding            string `json:"binding"`
	Param              string `json:"param,omitempty"`
	MatchConditions    int64  `json:"matchConditions"`
	Validations        int64  `json:"validations"`
	MessageExpressions int64  `json:"messageExpressions"`
	AuditAnnotations   int64  `json:"auditAnnotations"`
}

func (c vapCost) total() int64 {
	return c.MatchConditions + c.Validations + c.MessageExpressions + c.AuditAnnotations
}

// tracedEvaluator records what the expressions of one part cost.
type tracedEvaluator struct {
	cel.ConditionEvaluator
	part costPart
}

func (e *tracedEvaluator) ForInput(ctx context.Context, attributes *admission.VersionedAttributes, request *admissionapi.AdmissionRequest, vars cel.OptionalVariableBindings, namespace *corev1.Namespace, budget int64) ([]cel.EvaluationResult, int64, error) {
	results, remaining, err := e.ConditionEvaluator.ForInput(ctx, attributes, request, vars, namespace, budget)
	if t, ok := ctx.Value(traceKey{}).(*trace); ok && len(t.costs) > 0 {
		spent := budget - max(remaining, 0)
		cost := &t.costs[len(t.costs)-1]
		switch e.part {
		case costMatchConditions:
			cost.MatchConditions += spent
		case costValidations:
			cost.Validations += spent
		case costMessages:
			cost.MessageExpressions += spent
		case costAuditAnnotations:
			cost.AuditAnnotations += spent
		}
	}
	return results, remaining, err
}

// configurationError writes down a decision that the dispatcher makes itself
// and does not show: failurePolicy Ignore drops it.
func (t *trace) configurationError(format string, err error) {
	if fail := t.hook.Policy.Spec.FailurePolicy; fail != nil && *fail == admissionv1.Ignore {
		return
	}
	t.decisions = append(t.decisions, vapDecision{
		Policy: t.hook.Policy.Name, Binding: t.binding,
		Action: string(validating.ActionDeny), Evaluation: string(validating.EvalError), Message: fmt.Sprintf(format, err),
	})
}
