package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
)

// tracedMatcher is the real matcher, seen by the trace.
type tracedMatcher struct{ *trace }

var _ generic.PolicyMatcher = tracedMatcher{}

func (m tracedMatcher) ValidateInitialization() error { return m.matcher.ValidateInitialization() }

func (m tracedMatcher) GetNamespace(ctx context.Context, name string) (*corev1.Namespace, error) {
	return m.matcher.GetNamespace(ctx, name)
}

func (m tracedMatcher) DefinitionMatches(a admission.Attributes, o admission.ObjectInterfaces, policy generic.PolicyAccessor) (bool, schema.GroupVersionResource, schema.GroupVersionKind, error) {
	matches, resource, kind, err := true, a.GetResource(), a.GetKind(), error(nil)
	if !m.matchAll {
		matches, resource, kind, err = m.matcher.DefinitionMatches(a, o, policy)
	}
	m.begin(policy.GetName())
	m.matchKind = kind
	problem := err
	if err == nil && matches {
		problem = m.hook.ConfigurationError
		m.compileErrors = append(m.compileErrors, m.hook.Evaluator.(*tracedValidator).compileErrors...)
	}
	if problem != nil {
		m.configurationError("failed to configure policy: %v", problem)
	}
	return matches, resource, kind, err
}

// begin finds the hook that the dispatcher has come to.
func (t *trace) begin(policy string) {
	t.binding = ""
	for i := range t.hooks {
		if t.hooks[i].Policy.Name == policy {
			t.hook = &t.hooks[i]
			return
		}
	}
}

func (m tracedMatcher) BindingMatches(a admission.Attributes, o admission.ObjectInterfaces, binding generic.BindingAccessor) (bool, error) {
	m.binding = binding.GetName()
	matches, err := m.matcher.BindingMatches(a, o, binding)
	if err != nil {
		m.configurationError("failed to configure binding: %v", err)
	} else if matches {
		m.foresee(a, o, binding)
	}
	return matches, err
}

// foresee asks what the dispatcher will ask next, whose errors it keeps to
// itself.
func (m tracedMatcher) foresee(a admission.Attributes, o admission.ObjectInterfaces, binding generic.BindingAccessor) {
	params, err := generic.CollectParams(m.hook.Policy.Spec.ParamKind, m.hook.ParamInformer, m.hook.ParamScope,
		binding.GetParamRef(), a.GetNamespace(), m.hook.DynamicClient, m.hook.RESTMapper)
	if err == nil && len(params) > 0 {
		if _, failed := admission.NewVersionedAttributes(a, m.matchKind, o); failed != nil {
			err = fmt.Errorf("failed to convert object version: %w", failed)
		}
	}
	if err != nil {
		m.configurationError("failed to configure binding: %v", err)
	}
}
