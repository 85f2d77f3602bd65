package main

import (
	"context"
	"encoding/json"
	"fmt"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/matching"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/endpoints/handlers/responsewriters"
	"k8s.io/apiserver/pkg/warning"
)

// vapRequest is one line of `oracle batch vap`. Objects are taken as written:
// no defaulting, no conversion.
type vapRequest struct {
	ID       json.RawMessage   `json:"id"`
	Policy   json.RawMessage   `json:"policy"`
	Policies []json.RawMessage `json:"policies"`
	// Binding and Bindings: none at all binds every policy to everything
	// with Deny.
	Binding         json.RawMessage   `json:"binding"`
	Bindings        []json.RawMessage `json:"bindings"`
	Params          []json.RawMessage `json:"params"`
	Request         requestHead       `json:"request"`
	Object          json.RawMessage   `json:"object"`
	OldObject       json.RawMessage   `json:"oldObject"`
	NamespaceObject json.RawMessage   `json:"namespaceObject"`
	// RBAC objects answer the authorizer; without any it has no opinion.
	RBAC []json.RawMessage `json:"rbac"`
	// IgnoreMatchConstraints takes every policy as matching.
	IgnoreMatchConstraints bool `json:"ignoreMatchConstraints"`
}

type vapAnswer struct {
	ID               json.RawMessage   `json:"id"`
	Allowed          bool              `json:"allowed"`
	Status           *vapStatus        `json:"status"`
	Warnings         []string          `json:"warnings"`
	AuditAnnotations map[string]string `json:"auditAnnotations"`
	Decisions        []vapDecision     `json:"decisions"`
	// Cost is the sum of Costs.
	Cost  int64     `json:"cost"`
	Costs []vapCost `json:"costs"`
	// CompileErrors lists what in the matching policies does not compile.
	CompileErrors []string `json:"compileErrors,omitempty"`
}

type vapStatus struct {
	Code    int32  `json:"code"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// vapKind keeps compiled policies: compiling takes far longer than deciding.
type vapKind struct {
	compiled map[string]*compiledPolicy
}

func newVapKind() answerFunc {
	return (&vapKind{compiled: map[string]*compiledPolicy{}}).answer
}

func (k *vapKind) answer(line []byte) (any, error) {
	var request vapRequest
	if err := decode(line, &request); err != nil {
		return nil, err
	}
	attributes, err := request.attributes()
	if err != nil {
		return nil, err
	}
	namespaces, err := request.namespaces(attributes)
	if err != nil {
		return nil, err
	}
	trace := &trace{Attributes: attributes, warnings: []string{}, annotations: map[string]string{}, decisions: []vapDecision{}, costs: []vapCost{}}
	if trace.hooks, err = k.hooks(&request, trace); err != nil {
		return nil, err
	}
	authz := authorizer.Authorizer(noOpinion{})
	if len(request.RBAC) > 0 {
		if authz, err = rbacAuthorizer(request.RBAC); err != nil {
			return nil, err
		}
	}
	trace.matcher = generic.NewPolicyMatcher(matching.NewMatcher(namespaces, namespaces))
	trace.matchAll = request.IgnoreMatchConstraints
	return trace.dispatch(request.ID, authz), nil
}

// hooks pairs the policies with their bindings, in the order given.
func (k *vapKind) hooks(request *vapRequest, trace *trace) ([]validating.PolicyHook, error) {
	policies := request.Policies
	if !isNull(request.Policy) {
		policies = append([]json.RawMessage{request.Policy}, policies...)
	}
	bindings, err := request.bindings()
	if err != nil {
		return nil, err
	}
	params, err := newParamStore(request.Params)
	if err != nil {
		return nil, err
	}
	var hooks []validating.PolicyHook
	for i, raw := range policies {
		compiled, err := k.compile(raw)
		if err != nil {
			return nil, fmt.Errorf("policy %d: %w", i, err)
		}
		hook := validating.PolicyHook{
			Policy:    compiled.policy,
			Evaluator: &tracedValidator{compiled, trace},
		}
		params.connect(&hook)
		if bindings == nil {
			hook.Bindings = params.bindToEverything(&hook)
		}
		for _, binding := range bindings {
			if binding.Spec.PolicyName == compiled.policy.Name {
				hook.Bindings = append(hook.Bindings, binding)
			}
		}
		if len(hook.Bindings) > 0 {
			hooks = append(hooks, hook)
		}
	}
	return hooks, nil
}

// bindings decodes the bindings; nil means that none were given.
func (r *vapRequest) bindings() ([]*admissionv1.ValidatingAdmissionPolicyBinding, error) {
	raws := r.Bindings
	if !isNull(r.Binding) {
		raws = append([]json.RawMessage{r.Binding}, raws...)
	}
	if raws == nil {
		return nil, nil
	}
	bindings := []*admissionv1.ValidatingAdmissionPolicyBinding{}
	for i, raw := range raws {
		binding := &admissionv1.ValidatingAdmissionPolicyBinding{}
		if err := decodeRegistration(raw, binding); err != nil {
			return nil, fmt.Errorf("binding %d: %w", i, err)
		}
		bindings = append(bindings, binding)
	}
	return bindings, nil
}

// dispatch lets the real dispatcher decide and gathers what it did.
func (t *trace) dispatch(id json.RawMessage, authz authorizer.Authorizer) vapAnswer {
	ctx := warning.WithWarningRecorder(context.WithValue(context.Background(), traceKey{}, t), t)
	var err error
	if !excluded(t.GetResource().GroupResource()) {
		err = validating.NewDispatcher(authz, tracedMatcher{t}).Dispatch(ctx, t, objectInterfaces{}, t.hooks)
	}
	answer := vapAnswer{
		ID:               id,
		Allowed:          err == nil,
		Warnings:         t.warnings,
		AuditAnnotations: t.annotations,
		Decisions:        t.decisions,
		Costs:            t.costs,
		CompileErrors:    t.compileErrors,
	}
	for _, cost := range t.costs {
		answer.Cost += cost.total()
	}
	if err != nil {
		status := responsewriters.ErrorToAPIStatus(err)
		answer.Status = &vapStatus{status.Code, string(status.Reason), status.Message}
	}
	return answer
}

func isNull(raw json.RawMessage) bool {
	return len(raw) == 0 || string(raw) == "null"
}
