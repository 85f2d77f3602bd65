package main

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/client-go/kubernetes"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	listersv1 "k8s.io/client-go/listers/core/v1"
	"k8s.io/kubernetes/pkg/kubeapiserver/admission/exclusion"
)

// namespaceStore stands in for the lister and the client of namespaces. A
// namespace that was not given exists, with nothing but its name and the
// label that the API server always sets.
type namespaceStore struct {
	listersv1.NamespaceLister
	kubernetes.Interface
	given *corev1.Namespace
}

func (r *vapRequest) namespaces(attributes admission.Attributes) (*namespaceStore, error) {
	store := &namespaceStore{}
	raw := r.NamespaceObject
	if isNull(raw) && attributes.GetResource().Resource == "namespaces" {
		raw = r.OldObject
	}
	if isNull(raw) {
		return store, nil
	}
	store.given = &corev1.Namespace{}
	if err := json.Unmarshal(raw, store.given); err != nil {
		return nil, fmt.Errorf("namespaceObject: %w", err)
	}
	return store, nil
}

func (s *namespaceStore) Get(name string) (*corev1.Namespace, error) {
	switch {
	case name == "":
		return nil, apierrors.NewNotFound(corev1.Resource("namespace"), name)
	case s.given != nil && (s.given.Name == name || s.given.Name == ""):
		return s.given, nil
	}
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelMetadataName: name}}}, nil
}

func (s *namespaceStore) List(labels.Selector) ([]*corev1.Namespace, error) { return nil, nil }

func (s *namespaceStore) CoreV1() corev1client.CoreV1Interface { return missingNamespaces{} }

// missingNamespaces is a client that is only asked for what does not exist.
type missingNamespaces struct {
	corev1client.CoreV1Interface
	corev1client.NamespaceInterface
}

func (m missingNamespaces) Namespaces() corev1client.NamespaceInterface { return m }

func (missingNamespaces) Get(_ context.Context, name string, _ metav1.GetOptions) (*corev1.Namespace, error) {
	return nil, apierrors.NewNotFound(corev1.Resource("namespaces"), name)
}

// objectInterfaces answers for objects as written: another version of the
// same custom resource is the same object under another apiVersion, which is
// what the API server does without a conversion webhook.
type objectInterfaces struct{}

func (o objectInterfaces) GetObjectCreater() runtime.ObjectCreater     { return o }
func (o objectInterfaces) GetObjectTyper() runtime.ObjectTyper         { return registration }
func (o objectInterfaces) GetObjectDefaulter() runtime.ObjectDefaulter { return registration }
func (o objectInterfaces) GetObjectConvertor() runtime.ObjectConvertor {
	return converting{registration}
}
func (o objectInterfaces) GetEquivalentResourceMapper() runtime.EquivalentResourceMapper {
	return equivalents
}

func (objectInterfaces) New(kind schema.GroupVersionKind) (runtime.Object, error) {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(kind)
	return object, nil
}

// converting converts unstructured objects, built-in ones through their types;
// the caller sets the new kind.
type converting struct{ runtime.ObjectConvertor }

func (converting) Convert(in, out, _ any) error {
	from, isFrom := in.(*unstructured.Unstructured)
	to, isTo := out.(*unstructured.Unstructured)
	if !isFrom || !isTo {
		return fmt.Errorf("cannot convert %T to %T", in, out)
	}
	own, wanted := from.GroupVersionKind(), to.GroupVersionKind()
	known := admitSchemeOf(own)
	if known == nil || !known.Recognizes(wanted) {
		to.Object = from.DeepCopy().Object
		return nil
	}
	text, err := from.MarshalJSON()
	if err != nil {
		return err
	}
	typed, _, err := known.strict.Decode(text, &own, nil)
	if err != nil && (!runtime.IsStrictDecodingError(err) || typed == nil) {
		return err
	}
	between, err := known.ConvertToVersion(typed, schema.GroupVersion{Group: own.Group, Version: runtime.APIVersionInternal})
	if err != nil {
		return err
	}
	made, err := known.New(wanted)
	if err != nil {
		return err
	}
	if err := known.Convert(between, made, nil); err != nil {
		return err
	}
	text, err = json.Marshal(made)
	if err != nil {
		return err
	}
	converted, err := decodeObject(text)
	if err == nil {
		to.Object = converted.Object
	}
	return err
}

var equivalents = func() runtime.EquivalentResourceMapper {
	registry := runtime.NewEquivalentResourceRegistryWithIdentity(func(resource schema.GroupResource) string {
		if resource.Resource == "events" {
			return "events"
		}
		return ""
	})
	for _, kinds := range severalVersions {
		for _, kind := range kinds {
			registry.RegisterKindFor(resourceOf(kind), "", kind)
		}
	}
	return registry
}()

// excluded says whether no policy ever sees a resource: reviews, and the
// policies themselves.
func excluded(resource schema.GroupResource) bool {
	for _, other := range exclusion.Excluded() {
		if other == resource {
			return true
		}
	}
	return policyResources[resource.String()]
}

var policyResources = words(`
	validatingadmissionpolicies.admissionregistration.k8s.io validatingadmissionpolicybindings.admissionregistration.k8s.io
	mutatingadmissionpolicies.admissionregistration.k8s.io mutatingadmissionpolicybindings.admissionregistration.k8s.io`)

// noOpinion is the authorizer when there are no RBAC objects.
type noOpinion struct{ authorizer.Authorizer }

func (noOpinion) Authorize(context.Context, authorizer.Attributes) (authorizer.Decision, string, error) {
	return authorizer.DecisionNoOpinion, "", nil
}
