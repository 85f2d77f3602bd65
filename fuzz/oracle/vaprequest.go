package main

import (
	"encoding/json"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/authentication/user"
	utiljson "sigs.k8s.io/json"
)

// requestHead is the request without its objects. Everything may be absent:
// attributes derives it.
type requestHead struct {
	Operation   string                       `json:"operation"`
	UserInfo    authenticationv1.UserInfo    `json:"userInfo"`
	Kind        *metav1.GroupVersionKind     `json:"kind"`
	Resource    *metav1.GroupVersionResource `json:"resource"`
	SubResource string                       `json:"subResource"`
	Namespace   *string                      `json:"namespace"`
	Name        *string                      `json:"name"`
	DryRun      bool                         `json:"dryRun"`
	Options     json.RawMessage              `json:"options"`
}

// attributes completes the request from its objects, as README.md tells.
func (r *vapRequest) attributes() (admission.Attributes, error) {
	object, err := decodeObject(r.Object)
	if err != nil {
		return nil, fmt.Errorf("object: %w", err)
	}
	oldObject, err := decodeObject(r.OldObject)
	if err != nil {
		return nil, fmt.Errorf("oldObject: %w", err)
	}
	head := &r.Request
	shown := object
	if shown == nil {
		shown = oldObject
	}
	if shown == nil {
		shown = &unstructured.Unstructured{Object: map[string]any{}}
	}
	kind := shown.GroupVersionKind()
	if head.Kind != nil {
		kind = schema.GroupVersionKind(*head.Kind)
	}
	resource := resourceOf(kind)
	if head.Resource != nil {
		resource = schema.GroupVersionResource(*head.Resource)
	}
	name := shown.GetName()
	if head.Name != nil {
		name = *head.Name
	}
	operation := admission.Operation(head.Operation)
	if operation == "" {
		operation = operationFor(object, oldObject)
	}
	options, err := head.options(operation)
	if err != nil {
		return nil, fmt.Errorf("options: %w", err)
	}
	return admission.NewAttributesRecord(asObject(object), asObject(oldObject), kind, head.namespace(kind, shown),
		name, resource, head.SubResource, operation, options, head.DryRun, head.user()), nil
}

// namespace is the namespace of the request: the API server also sets it, to
// the object's own name, for a Namespace.
func (h *requestHead) namespace(kind schema.GroupVersionKind, object *unstructured.Unstructured) string {
	switch {
	case h.Namespace != nil:
		return *h.Namespace
	case kind.Group == "" && kind.Kind == "Namespace":
		return object.GetName()
	case builtIn(kind.GroupKind()) && !namespacedKind(kind.GroupKind()):
		return ""
	case object.GetNamespace() == "" && builtIn(kind.GroupKind()):
		return metav1.NamespaceDefault
	}
	return object.GetNamespace()
}

func operationFor(object, oldObject *unstructured.Unstructured) admission.Operation {
	switch {
	case oldObject == nil:
		return admission.Create
	case object == nil:
		return admission.Delete
	}
	return admission.Update
}

func (h *requestHead) user() user.Info {
	extra := map[string][]string{}
	for key, values := range h.UserInfo.Extra {
		extra[key] = values
	}
	return &user.DefaultInfo{Name: h.UserInfo.Username, UID: h.UserInfo.UID, Groups: h.UserInfo.Groups, Extra: extra}
}

// options gives what a request handler passes on: the options of the verb.
func (h *requestHead) options(operation admission.Operation) (runtime.Object, error) {
	if !isNull(h.Options) {
		object, err := decodeObject(h.Options)
		return asObject(object), err
	}
	var dryRun []string
	if h.DryRun {
		dryRun = []string{metav1.DryRunAll}
	}
	meta := func(kind string) metav1.TypeMeta {
		return metav1.TypeMeta{APIVersion: metav1.SchemeGroupVersion.String(), Kind: kind}
	}
	switch operation {
	case admission.Create:
		return &metav1.CreateOptions{TypeMeta: meta("CreateOptions"), DryRun: dryRun}, nil
	case admission.Update:
		return &metav1.UpdateOptions{TypeMeta: meta("UpdateOptions"), DryRun: dryRun}, nil
	case admission.Delete:
		return &metav1.DeleteOptions{TypeMeta: meta("DeleteOptions"), DryRun: dryRun}, nil
	}
	return nil, nil
}

func decodeObject(raw json.RawMessage) (*unstructured.Unstructured, error) {
	if isNull(raw) {
		return nil, nil
	}
	object := map[string]any{}
	if err := utiljson.UnmarshalCaseSensitivePreserveInts(raw, &object); err != nil {
		return nil, err
	}
	return &unstructured.Unstructured{Object: object}, nil
}

// asObject keeps an absent object a nil interface.
func asObject(object *unstructured.Unstructured) runtime.Object {
	if object == nil {
		return nil
	}
	return object
}
