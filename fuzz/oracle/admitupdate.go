package main

import (
	"context"
	"fmt"
	_ "unsafe" // for go:linkname

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/apis/core"
	servicestorage "k8s.io/kubernetes/pkg/registry/core/service/storage"
)

// prepareUpdate is what happens to an object that replaces an old one, without
// validation. Source: apiserver pkg/registry/generic/registry/store.go Update
// and pkg/registry/rest/update.go BeforeUpdate.
func prepareUpdate(ctx context.Context, strategy rest.RESTCreateStrategy, object, old runtime.Object) error {
	updating, ok := strategy.(rest.RESTUpdateStrategy)
	if !ok {
		return fmt.Errorf("%T is not updated", object)
	}
	meta, err := apimeta.Accessor(object)
	if err != nil {
		return err
	}
	oldMeta, err := apimeta.Accessor(old)
	if err != nil {
		return err
	}
	if version := meta.GetResourceVersion(); (version == "" || version == "0") && updating.AllowUnconditionalUpdate(ctx) {
		meta.SetResourceVersion(oldMeta.GetResourceVersion())
	}
	if service, ok := object.(*core.Service); ok {
		after, before := servicestorage.After{Service: service}, servicestorage.Before{Service: old.(*core.Service)}
		patchAllocatedValues(after, before)
		normalizeClusterIPs(after, before)
	}
	meta.SetGeneration(oldMeta.GetGeneration())
	updating.PrepareForUpdate(ctx, object, old)
	if len(meta.GetUID()) == 0 {
		meta.SetUID(oldMeta.GetUID())
	}
	if created := oldMeta.GetCreationTimestamp(); !created.IsZero() {
		meta.SetCreationTimestamp(created)
	}
	if !oldMeta.GetDeletionTimestamp().IsZero() {
		meta.SetDeletionTimestamp(oldMeta.GetDeletionTimestamp())
	}
	if oldMeta.GetDeletionGracePeriodSeconds() != nil && meta.GetDeletionGracePeriodSeconds() == nil {
		meta.SetDeletionGracePeriodSeconds(oldMeta.GetDeletionGracePeriodSeconds())
	}
	updating.Canonicalize(object)
	return nil
}

//go:linkname patchAllocatedValues k8s.io/kubernetes/pkg/registry/core/service/storage.patchAllocatedValues
func patchAllocatedValues(after servicestorage.After, before servicestorage.Before)

//go:linkname normalizeClusterIPs k8s.io/kubernetes/pkg/registry/core/service/storage.normalizeClusterIPs
func normalizeClusterIPs(after servicestorage.After, before servicestorage.Before)
