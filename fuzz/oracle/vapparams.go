package main

import (
	"encoding/json"
	"fmt"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// paramStore stands in for the informers of the param kinds. It lists in the
// order given, where the API server's order is random.
type paramStore struct {
	params []*unstructured.Unstructured
}

func newParamStore(raws []json.RawMessage) (*paramStore, error) {
	store := &paramStore{}
	for i, raw := range raws {
		param, err := decodeObject(raw)
		if err != nil || param == nil {
			return nil, fmt.Errorf("param %d: not an object: %w", i, err)
		}
		kind := param.GroupVersionKind().GroupKind()
		if param.GetNamespace() == "" && builtIn(kind) && namespacedKind(kind) {
			param.SetNamespace(metav1.NamespaceDefault)
		}
		store.params = append(store.params, param)
	}
	return store, nil
}

// connect gives a hook its params and their scope. A kind that is neither
// built in nor among the params is taken for a namespaced custom resource.
func (s *paramStore) connect(hook *validating.PolicyHook) {
	paramKind := hook.Policy.Spec.ParamKind
	if paramKind == nil {
		return
	}
	kind := schema.FromAPIVersionAndKind(paramKind.APIVersion, paramKind.Kind)
	if group := kind.GroupKind(); builtIn(group) && !knownVersion(kind) {
		hook.ConfigurationError = fmt.Errorf("failed to find resource referenced by paramKind: '%v'", kind)
		return
	}
	found := s.ofKind(kind)
	hook.ParamScope = meta.RESTScopeNamespace
	if s.clusterScoped(kind, found) {
		hook.ParamScope = meta.RESTScopeRoot
	}
	hook.ParamInformer = paramInformer{lister: paramLister{resource: resourceOf(kind).GroupResource(), params: found}}
}

func (s *paramStore) ofKind(kind schema.GroupVersionKind) []*unstructured.Unstructured {
	var found []*unstructured.Unstructured
	for _, param := range s.params {
		if param.GroupVersionKind() == kind {
			found = append(found, param)
		}
	}
	return found
}

func (s *paramStore) clusterScoped(kind schema.GroupVersionKind, found []*unstructured.Unstructured) bool {
	if builtIn(kind.GroupKind()) {
		return !namespacedKind(kind.GroupKind())
	}
	for _, param := range found {
		if param.GetNamespace() != "" {
			return false
		}
	}
	return len(found) > 0
}

// bindToEverything makes the bindings of a policy that came without: one that
// denies, named like the policy, and with params one for each of them.
func (s *paramStore) bindToEverything(hook *validating.PolicyHook) []*admissionv1.ValidatingAdmissionPolicyBinding {
	bind := func(ref *admissionv1.ParamRef) *admissionv1.ValidatingAdmissionPolicyBinding {
		return &admissionv1.ValidatingAdmissionPolicyBinding{
			ObjectMeta: metav1.ObjectMeta{Name: hook.Policy.Name},
			Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
				PolicyName:        hook.Policy.Name,
				ParamRef:          ref,
				ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny},
			},
		}
	}
	var bindings []*admissionv1.ValidatingAdmissionPolicyBinding
	if paramKind := hook.Policy.Spec.ParamKind; paramKind != nil {
		deny := admissionv1.DenyAction
		for _, param := range s.ofKind(schema.FromAPIVersionAndKind(paramKind.APIVersion, paramKind.Kind)) {
			bindings = append(bindings, bind(&admissionv1.ParamRef{
				Name: param.GetName(), Namespace: param.GetNamespace(), ParameterNotFoundAction: &deny,
			}))
		}
	}
	if bindings == nil {
		bindings = append(bindings, bind(nil))
	}
	return bindings
}

// paramInformer is an informer that has always synced.
type paramInformer struct {
	cache.SharedIndexInformer
	lister paramLister
}

var _ informers.GenericInformer = paramInformer{}

func (p paramInformer) Informer() cache.SharedIndexInformer { return p }
func (p paramInformer) Lister() cache.GenericLister         { return p.lister }
func (p paramInformer) HasSynced() bool                     { return true }

type paramLister struct {
	resource schema.GroupResource
	params   []*unstructured.Unstructured
}

func (l paramLister) ByNamespace(namespace string) cache.GenericNamespaceLister {
	inside := paramLister{resource: l.resource}
	for _, param := range l.params {
		if param.GetNamespace() == namespace {
			inside.params = append(inside.params, param)
		}
	}
	return inside
}

func (l paramLister) List(selector labels.Selector) ([]runtime.Object, error) {
	var found []runtime.Object
	for _, param := range l.params {
		if selector.Matches(labels.Set(param.GetLabels())) {
			found = append(found, param)
		}
	}
	return found, nil
}

func (l paramLister) Get(name string) (runtime.Object, error) {
	for _, param := range l.params {
		if param.GetName() == name {
			return param, nil
		}
	}
	return nil, apierrors.NewNotFound(l.resource, name)
}
