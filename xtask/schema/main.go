// Command schema writes what kordon knows of Kubernetes' built-in kinds. It
// reads the published OpenAPI and discovery documents of each version, and of
// the Go types what those documents do not say: which fields vanish when empty,
// which are pointers, what a string type is called and which values it has.
//
//	go run . OUT
package main

import (
	"fmt"
	"os"

	"schema/modules"
)

// releases are the versions whose documents are read, by minor version of
// Kubernetes 1.x, oldest first. The libraries carry the same numbers under 0.x.
var releases = []struct {
	minor int
	patch string
}{
	{30, "30.14"}, {31, "31.14"}, {32, "32.13"}, {33, "33.13"},
	{34, "34.4"}, {35, "35.4"}, {36, "36.3"}, {37, "37.2"},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: schema OUT")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	table := newTable()
	for _, release := range releases {
		kubernetes, err := modules.Folder("k8s.io/kubernetes", "v1."+release.patch)
		if err != nil {
			return err
		}
		source, err := readGo("v0." + release.patch)
		if err != nil {
			return err
		}
		openapi, err := readOpenAPI(kubernetes)
		if err != nil {
			return err
		}
		discovered, err := readDiscovery(kubernetes)
		if err != nil {
			return err
		}
		if err := table.add(release.minor, source, openapi, discovered); err != nil {
			return fmt.Errorf("1.%d: %w", release.minor, err)
		}
	}
	return os.WriteFile(out, table.text(), 0o644)
}
