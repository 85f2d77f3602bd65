package main

import (
	"encoding/json"
	"io"
	"sort"

	"k8s.io/apiserver/pkg/endpoints/deprecation"
)

// life is what the API server's own code says of a version of a kind.
type life struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Introduced is a minor version, 0 where the type does not say.
	Introduced int `json:"introduced,omitempty"`
	// Warning is the text of the deprecation, in any version.
	Warning string `json:"warning,omitempty"`
	// Deprecated and Removed are minor versions that warn, and that do not
	// serve it.
	Deprecated []int `json:"deprecated,omitempty"`
	Removed    []int `json:"removed,omitempty"`
}

// minors are the versions that kordon has tables of.
var minors = []int{30, 31, 32, 33, 34, 35, 36, 37}

// writeLives writes the lives of all kinds that have one.
func writeLives(out io.Writer) error {
	var lives []life
	for _, scheme := range []*admitScheme{legacyAdmit, apiextensionsAdmit, apiregistrationAdmit} {
		for kind := range scheme.AllKnownTypes() {
			object, err := scheme.New(kind)
			if err != nil || kind.Version == "__internal" {
				continue
			}
			object.GetObjectKind().SetGroupVersionKind(kind)
			version, name := kind.ToAPIVersionAndKind()
			of := life{APIVersion: version, Kind: name, Warning: deprecation.WarningMessage(object)}
			if introduced, ok := object.(interface{ APILifecycleIntroduced() (int, int) }); ok {
				_, of.Introduced = introduced.APILifecycleIntroduced()
			}
			removed, isRemoved := object.(interface{ APILifecycleRemoved() (int, int) })
			for _, minor := range minors {
				if deprecation.IsDeprecated(object, 1, minor) {
					of.Deprecated = append(of.Deprecated, minor)
				}
				if !isRemoved {
					continue
				}
				// Source: apiserver pkg/server/deleted_kinds.go ShouldServeForVersion.
				if _, since := removed.APILifecycleRemoved(); since <= minor {
					of.Removed = append(of.Removed, minor)
				}
			}
			if of.Introduced != 0 || of.Warning != "" || of.Removed != nil {
				lives = append(lives, of)
			}
		}
	}
	sort.Slice(lives, func(i, j int) bool {
		a, b := lives[i], lives[j]
		return a.APIVersion < b.APIVersion || a.APIVersion == b.APIVersion && a.Kind < b.Kind
	})
	encoder := json.NewEncoder(out)
	for _, of := range lives {
		if err := encoder.Encode(of); err != nil {
			return err
		}
	}
	return nil
}
