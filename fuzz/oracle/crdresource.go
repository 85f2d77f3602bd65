package main

import (
	"context"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/storage/names"
	"k8s.io/apiserver/pkg/warning"
	utiljson "sigs.k8s.io/json"
)

// crdResource is how a kind is served, as far as that counts.
type crdResource struct {
	Group      string                                        `json:"group"`
	Version    string                                        `json:"version"`
	Kind       string                                        `json:"kind"`
	Namespaced bool                                          `json:"namespaced"`
	Status     bool                                          `json:"status"`
	Scale      *apiextensions.CustomResourceSubresourceScale `json:"scale"`
}

// admitResource reads, completes, prepares and validates a custom resource as
// the API server does when one is created, or updated where there is an old one.
// Source: apiextensions-apiserver pkg/apiserver/customresource_handler.go.
func admitResource(internal *apiextensions.JSONSchemaProps, structural *structuralschema.Structural, question *crdRequest, answer *crdAnswer) error {
	resource := question.Resource
	structural = structural.DeepCopy()
	if err := defaulting.PruneDefaults(structural); err != nil {
		return err
	}
	validator, _, err := validation.NewSchemaValidator(internal)
	if err != nil {
		return err
	}
	var status *apiextensions.CustomResourceSubresourceStatus
	if resource.Status {
		status = &apiextensions.CustomResourceSubresourceStatus{}
	}
	gvk := schema.GroupVersionKind{Group: resource.Group, Version: resource.Version, Kind: resource.Kind}
	strategy := customresource.NewStrategy(nil, resource.Namespaced, gvk, validator, nil, structural, status, resource.Scale, nil)

	object, unknown, err := readResource(question.Object, structural, gvk)
	if err != nil {
		answer.Refusal = fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", gvk.Kind, gvk.Version, gvk.Kind, err)
		return nil
	}
	answer.Unknown = unknown
	warnings := &warningList{}
	ctx := warning.WithWarningRecorder(context.Background(), warnings)
	namespace := ""
	if resource.Namespaced {
		if namespace = object.GetNamespace(); namespace == "" {
			namespace = "default"
		}
	}
	ctx = request.WithNamespace(ctx, namespace)
	rest.WipeObjectMetaSystemFields(object)
	object.SetManagedFields(nil)
	if err := rest.EnsureObjectNamespaceMatchesRequestNamespace(namespace, object); err != nil {
		answer.Refusal = err.Error()
		return nil
	}
	strategy.PrepareForCreate(ctx, object)
	answer.Object = object.DeepCopy().Object
	if object.GetName() == "" && object.GetGenerateName() != "" {
		// The server makes up the end of a name.
		made := names.SimpleNameGenerator.GenerateName(object.GetGenerateName())
		object.SetName(made[:len(made)-5] + "xxxxx")
	}
	var errs field.ErrorList
	if question.OldObject == nil || string(question.OldObject) == "null" {
		errs = strategy.Validate(ctx, object)
	} else {
		old, _, err := readResource(question.OldObject, structural, gvk)
		if err != nil {
			return fmt.Errorf("oldObject: %w", err)
		}
		rest.WipeObjectMetaSystemFields(old)
		old.SetManagedFields(nil)
		if resource.Namespaced && old.GetNamespace() == "" {
			old.SetNamespace(namespace)
		}
		strategy.PrepareForCreate(ctx, old)
		// what BeforeUpdate and the server's own bookkeeping see to
		for _, one := range []*unstructured.Unstructured{object, old} {
			one.SetResourceVersion("1")
			one.SetName("thing")
			one.SetNamespace(namespace)
		}
		errs = strategy.ValidateUpdate(ctx, object, old)
	}
	answer.Errors = crdErrors(errs)
	answer.Warnings = warnings.texts
	return nil
}

// readResource is unstructuredSchemaCoercer.apply and the defaulter.
func readResource(text []byte, structural *structuralschema.Structural, gvk schema.GroupVersionKind) (*unstructured.Unstructured, []string, error) {
	var content any
	if err := utiljson.UnmarshalCaseSensitivePreserveInts(text, &content); err != nil {
		return nil, nil, err
	}
	fields, ok := content.(map[string]any)
	if !ok {
		return nil, nil, fmt.Errorf("object is a %T", content)
	}
	object := &unstructured.Unstructured{Object: fields}
	kind, foundKind, err := unstructured.NestedString(fields, "kind")
	if err != nil {
		return nil, nil, err
	}
	apiVersion, foundVersion, err := unstructured.NestedString(fields, "apiVersion")
	if err != nil {
		return nil, nil, err
	}
	meta, foundMeta, unknown, err := objectmeta.GetObjectMetaWithOptions(fields, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return nil, nil, err
	}
	if _, err := schema.ParseGroupVersion(apiVersion); err != nil {
		return nil, nil, err
	}
	unknown = append(unknown, pruning.PruneWithOptions(fields, structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})...)
	defaulting.PruneNonNullableNullsWithoutDefaults(fields, structural)
	problem, paths := objectmeta.CoerceWithOptions(nil, fields, structural, false, objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	if problem != nil {
		return nil, nil, problem
	}
	unknown = append(unknown, paths...)
	if foundKind {
		object.SetKind(kind)
	}
	if foundVersion {
		object.SetAPIVersion(apiVersion)
	}
	if foundMeta {
		if err := objectmeta.SetObjectMeta(fields, meta); err != nil {
			return nil, nil, err
		}
	}
	defaulting.Default(fields, structural)
	object.SetCreationTimestamp(metav1.Time{})
	return object, unknown, nil
}
