package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsscheme "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset/scheme"
	"k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/openapi"
	"k8s.io/client-go/restmapper"
	aggregatorscheme "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	"k8s.io/kube-openapi/pkg/spec3"
	generated "k8s.io/kubernetes/pkg/generated/openapi"
)

// builtInSchemas are those of kube-controller-manager's
// validatingadmissionpolicystatus.go; the aggregator's one kind, which that
// asks the server for, has the same definition.
var builtInSchemas = sync.OnceValue(func() *resolver.DefinitionsSchemaResolver {
	return resolver.NewDefinitionsSchemaResolver(
		generated.GetOpenAPIDefinitions, scheme.Scheme, apiextensionsscheme.Scheme, aggregatorscheme.Scheme)
})

func readCRDs(raws []json.RawMessage) ([]*apiextensionsv1.CustomResourceDefinition, error) {
	var crds []*apiextensionsv1.CustomResourceDefinition
	for i, raw := range raws {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := json.Unmarshal(raw, crd); err != nil {
			return nil, fmt.Errorf("crd %d: %w", i, err)
		}
		apiextensionsv1.SetDefaults_CustomResourceDefinition(crd)
		crds = append(crds, crd)
	}
	return crds, nil
}

// schemaResolver knows the built-in kinds, and the CRDs as the API server
// publishes them and as the checker reads what is published.
func schemaResolver(crds []*apiextensionsv1.CustomResourceDefinition) (resolver.SchemaResolver, error) {
	specs := map[string][]*spec3.OpenAPI{}
	for _, crd := range crds {
		for _, version := range crd.Spec.Versions {
			if !version.Served {
				continue
			}
			spec, err := builder.BuildOpenAPIV3(crd, version.Name, builder.Options{V2: false, IncludeSelectableFields: true})
			if err != nil {
				return nil, err
			}
			path := fmt.Sprintf("apis/%s/%s", crd.Spec.Group, version.Name)
			specs[path] = append(specs[path], spec)
		}
	}
	published := publishedSpecs{}
	for path, all := range specs {
		merged, err := builder.MergeSpecsV3(all...)
		if err != nil {
			return nil, err
		}
		published[path] = publishedSpec{merged}
	}
	return builtInSchemas().Combine(&resolver.ClientDiscoveryResolver{Discovery: openAPIOnly{specs: published}}), nil
}

// openAPIOnly is a discovery client of which only the OpenAPI is asked.
type openAPIOnly struct {
	discovery.DiscoveryInterface
	specs publishedSpecs
}

func (o openAPIOnly) OpenAPIV3() openapi.Client { return o.specs }

type publishedSpecs map[string]publishedSpec

func (p publishedSpecs) Paths() (map[string]openapi.GroupVersion, error) {
	paths := map[string]openapi.GroupVersion{}
	for path, spec := range p {
		paths[path] = spec
	}
	return paths, nil
}

type publishedSpec struct{ spec *spec3.OpenAPI }

func (p publishedSpec) Schema(string) ([]byte, error) { return json.Marshal(p.spec) }

func (p publishedSpec) ServerRelativeURL() string { return "" }

//go:embed resources.txt
var resourceLines string

// restMapper is the real one over what discovery would say.
func restMapper(crds []*apiextensionsv1.CustomResourceDefinition, allAPIs bool) meta.RESTMapper {
	var groups discovered
	for _, line := range strings.Split(resourceLines, "\n") {
		words := strings.Fields(line)
		if len(words) != 5 || words[0] == "#" {
			continue
		}
		gv, _ := schema.ParseGroupVersion(words[0])
		unstable := strings.Contains(gv.Version, "alpha") || strings.Contains(gv.Version, "beta")
		if unstable && !allAPIs {
			continue
		}
		groups.add(gv, metav1.APIResource{Name: words[1], SingularName: words[2], Kind: words[3], Namespaced: words[4] == "namespaced"})
	}
	for _, crd := range crds {
		for _, version := range crd.Spec.Versions {
			if version.Served {
				names := crd.Spec.Names
				groups.add(schema.GroupVersion{Group: crd.Spec.Group, Version: version.Name}, metav1.APIResource{
					Name: names.Plural, SingularName: names.Singular, Kind: names.Kind,
					Namespaced: crd.Spec.Scope == apiextensionsv1.NamespaceScoped,
				})
			}
		}
	}
	return restmapper.NewDiscoveryRESTMapper(groups)
}

// discovered holds groups in the order in which they were found.
type discovered []*restmapper.APIGroupResources

func (d *discovered) add(gv schema.GroupVersion, resource metav1.APIResource) {
	var group *restmapper.APIGroupResources
	for _, known := range *d {
		if known.Group.Name == gv.Group {
			group = known
		}
	}
	if group == nil {
		group = &restmapper.APIGroupResources{
			Group:              metav1.APIGroup{Name: gv.Group},
			VersionedResources: map[string][]metav1.APIResource{},
		}
		*d = append(*d, group)
	}
	if _, known := group.VersionedResources[gv.Version]; !known {
		group.Group.Versions = append(group.Group.Versions, metav1.GroupVersionForDiscovery{Version: gv.Version})
	}
	group.VersionedResources[gv.Version] = append(group.VersionedResources[gv.Version], resource)
}
