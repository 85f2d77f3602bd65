package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// schemaDoc is the part of an OpenAPI v3 schema that the table keeps.
type schemaDoc struct {
	Ref        string                `json:"$ref"`
	Required   []string              `json:"required"`
	Default    json.RawMessage       `json:"default"`
	Nullable   bool                  `json:"nullable"`
	Properties map[string]*schemaDoc `json:"properties"`
	ListType   string                `json:"x-kubernetes-list-type"`
	ListKeys   []string              `json:"x-kubernetes-list-map-keys"`
	MapType    string                `json:"x-kubernetes-map-type"`
	PatchKey   string                `json:"x-kubernetes-patch-merge-key"`
	Patch      string                `json:"x-kubernetes-patch-strategy"`
	Kinds      []struct {
		Group, Version, Kind string
	} `json:"x-kubernetes-group-version-kind"`
}

// readOpenAPI gives the schemas of all groups, by the table's type names.
func readOpenAPI(kubernetes string) (map[string]*schemaDoc, error) {
	files, err := filepath.Glob(filepath.Join(kubernetes, "api/openapi-spec/v3/*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("no OpenAPI documents in " + kubernetes)
	}
	schemas := map[string]*schemaDoc{}
	for _, file := range files {
		var document struct {
			Components struct{ Schemas map[string]*schemaDoc }
		}
		if err := readJSON(file, &document); err != nil {
			return nil, err
		}
		for name, schema := range document.Components.Schemas {
			if short := schemaName(name); short != "" {
				schemas[short] = schema
			}
		}
	}
	return schemas, nil
}

// schemaName turns io.k8s.api.core.v1.Pod into core/v1.Pod.
func schemaName(name string) string {
	for _, prefix := range [][2]string{
		{"io.k8s.apimachinery.pkg.apis.meta.v1.", "meta/v1."},
		{"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.", "apiextensions/v1."},
		{"io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.", "apiregistration/v1."},
	} {
		if rest, ok := strings.CutPrefix(name, prefix[0]); ok {
			return prefix[1] + rest
		}
	}
	parts := strings.Split(name, ".")
	if strings.HasPrefix(name, "io.k8s.api.") && len(parts) == 6 {
		return parts[3] + "/" + parts[4] + "." + parts[5]
	}
	return ""
}

// resourceDoc is a resource of the aggregated discovery document.
type resourceDoc struct {
	Resource         string   `json:"resource"`
	SingularResource string   `json:"singularResource"`
	Scope            string   `json:"scope"`
	ShortNames       []string `json:"shortNames"`
	Categories       []string `json:"categories"`
	Verbs            []string `json:"verbs"`
	ResponseKind     kindDoc  `json:"responseKind"`
	Subresources     []struct {
		Subresource  string   `json:"subresource"`
		ResponseKind kindDoc  `json:"responseKind"`
		Verbs        []string `json:"verbs"`
	} `json:"subresources"`

	group, version string
}

type kindDoc struct{ Group, Version, Kind string }

func readDiscovery(kubernetes string) ([]resourceDoc, error) {
	type list struct {
		Items []struct {
			Metadata struct{ Name string }
			Versions []struct {
				Version   string
				Resources []resourceDoc
			}
		}
	}
	var found []resourceDoc
	files, err := filepath.Glob(filepath.Join(kubernetes, "api/discovery/aggregated_v2*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("no discovery document in " + kubernetes)
	}
	// The stable form sorts before the beta form.
	var document list
	if err := readJSON(files[0], &document); err != nil {
		return nil, err
	}
	for _, item := range document.Items {
		for _, version := range item.Versions {
			for _, resource := range version.Resources {
				resource.group, resource.version = item.Metadata.Name, version.Version
				found = append(found, resource)
			}
		}
	}
	core, err := readCore(kubernetes)
	return append(found, core...), err
}

// readCore reads the core group, which has a discovery document of its own.
func readCore(kubernetes string) ([]resourceDoc, error) {
	var document struct {
		Resources []struct {
			Name, SingularName, Kind, Group, Version string
			Namespaced                               bool
			ShortNames, Categories, Verbs            []string
		}
	}
	if err := readJSON(filepath.Join(kubernetes, "api/discovery/api__v1.json"), &document); err != nil {
		return nil, err
	}
	var found []resourceDoc
	at := map[string]int{}
	for _, entry := range document.Resources {
		kind := kindDoc{entry.Group, entry.Version, entry.Kind}
		if kind.Version == "" {
			kind.Version = "v1"
		}
		if name, sub, ok := strings.Cut(entry.Name, "/"); ok {
			own := &found[at[name]]
			own.Subresources = append(own.Subresources, struct {
				Subresource  string   `json:"subresource"`
				ResponseKind kindDoc  `json:"responseKind"`
				Verbs        []string `json:"verbs"`
			}{sub, kind, entry.Verbs})
			continue
		}
		scope := "Cluster"
		if entry.Namespaced {
			scope = "Namespaced"
		}
		at[entry.Name] = len(found)
		found = append(found, resourceDoc{
			Resource: entry.Name, SingularResource: entry.SingularName, Scope: scope, ShortNames: entry.ShortNames,
			Categories: entry.Categories, Verbs: entry.Verbs, ResponseKind: kind, version: "v1",
		})
	}
	return found, nil
}

func readJSON(file string, into any) error {
	bytes, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(bytes, into)
}
