// Command validation writes what the API server validates of built-in kinds by
// the `+k8s:` tags of their fields: it reads the code that validation-gen
// generated of them, and writes the enforced part as a table of types, their
// fields and rules.
//
//	go run ./validation KINDS OUT
//
// KINDS is the table of kinds; only types that the newest version serves are
// taken.
package main

import (
	"fmt"
	"os"
	"strings"

	"schema/modules"
)

const release = "37.2"

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: validation KINDS OUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "validation:", err)
		os.Exit(1)
	}
}

func run(kinds, out string) error {
	text, err := os.ReadFile(kinds)
	if err != nil {
		return err
	}
	kubernetes, err := modules.Folder("k8s.io/kubernetes", "v1."+release)
	if err != nil {
		return err
	}
	roots := map[string]string{"k8s.io/kubernetes": kubernetes}
	for _, name := range []string{"k8s.io/api", "k8s.io/apimachinery"} {
		if roots[name], err = modules.Folder(name, "v0."+release); err != nil {
			return err
		}
	}
	code := newSource(roots)
	table := newTable(code)
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		if len(words) == 4 && isServed(words[0]) {
			if err := table.kind(words[3]); err != nil {
				return fmt.Errorf("%s: %w", words[3], err)
			}
		}
	}
	return os.WriteFile(out, table.text(), 0o644)
}

// isServed says whether a line of the table of kinds is one of a kind that the
// newest version has.
func isServed(head string) bool {
	letter, versions, _ := strings.Cut(head, "@")
	return letter == "K" && (versions == "" || strings.HasSuffix(versions, "37"))
}
