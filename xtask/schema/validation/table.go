package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"sort"
	"strings"
)

// table is the rules of each type, by the name that the table of kinds has for
// it: core/v1.PodSpec.
type table struct {
	code  *source
	types map[string]*typeRules
	// kinds are those with a validation of their own.
	kinds map[string]bool
}

// typeRules are what is checked of a type: statements about the value itself,
// and about its fields.
type typeRules struct {
	own    []statement
	fields []fieldRules
	// reports says whether any rule in it can be an error.
	reports bool
}

type fieldRules struct {
	name string
	own  []statement
}

// statement is a rule, a call of another type's rules, or a cohort of
// statements that return early by themselves.
type statement struct {
	text string
	// calls is the type whose rules are meant.
	calls string
	// reports: its errors are told. stops: after an error nothing more of the
	// block is looked at.
	reports, stops bool
	cohort         []statement
	// gone is a rule of an option that is off.
	gone bool
}

func newTable(code *source) *table {
	return &table{code: code, types: map[string]*typeRules{}, kinds: map[string]bool{}}
}

// kind adds a kind by the name of its struct, when code was generated for it.
func (t *table) kind(name string) error {
	folder, kind, _ := strings.Cut(name, ".")
	code, err := t.code.at("k8s.io/kubernetes/pkg/apis/" + folder)
	if err != nil || code.funcs["RegisterValidations"] == nil || !registers(code, kind) {
		return nil
	}
	called, err := t.typeOf(code, ast.NewIdent("Validate_"+kind))
	if err != nil {
		return err
	}
	t.kinds[called] = true
	return nil
}

// registers says whether a kind itself is validated, and not only one of its
// subresources.
func registers(code *goPackage, kind string) bool {
	found := false
	ast.Inspect(code.funcs["RegisterValidations"], func(node ast.Node) bool {
		clause, ok := node.(*ast.CaseClause)
		if !ok || len(clause.List) == 0 || render(clause.List[0]) != `"/"` {
			return true
		}
		ast.Inspect(clause, func(node ast.Node) bool {
			if ident, ok := node.(*ast.Ident); ok && ident.Name == "Validate_"+kind {
				found = true
			}
			return true
		})
		return true
	})
	return found
}

// typeOf reads the function that validates a type, once, and gives its name.
func (t *table) typeOf(in *goPackage, function ast.Expr) (string, error) {
	path, name, err := in.named(function)
	if err != nil {
		return "", err
	}
	code, err := t.code.at(path)
	if err != nil {
		return "", err
	}
	short := strings.TrimPrefix(name, "Validate_")
	for _, prefix := range []string{"k8s.io/kubernetes/pkg/apis/", "k8s.io/api/", "k8s.io/apimachinery/pkg/apis/"} {
		path = strings.TrimPrefix(path, prefix)
	}
	id := strings.TrimSuffix(path, "/validation") + "." + short
	if _, ok := t.types[id]; ok {
		return id, nil
	}
	decl := code.funcs[name]
	if decl == nil {
		return "", fmt.Errorf("no function %s", name)
	}
	rules := &typeRules{}
	t.types[id] = rules
	block := &reader{table: t, code: code, obj: paramType(decl.Type, "obj")}
	if err := block.read(decl.Body.List); err != nil {
		return "", fmt.Errorf("%s: %w", id, err)
	}
	rules.own, rules.fields = block.statements, block.fields
	return id, nil
}

// text writes what can report an error.
func (t *table) text() []byte {
	t.mark()
	out := bytes.NewBufferString(fmt.Sprintf("# What Kubernetes 1.%s validates of built-in kinds by generated code. "+
		"Written by `cargo xtask schema`; not to be edited.\n", release))
	ids := make([]string, 0, len(t.types))
	for id, rules := range t.types {
		if rules.reports && t.reached()[id] {
			ids = append(ids, id)
		}
	}
	sort.Strings(ids)
	for _, id := range ids {
		letter := "T"
		if t.kinds[id] {
			letter = "K"
		}
		rules := t.types[id]
		fmt.Fprintf(out, "%s %s%s\n", letter, id, lead(t.render(rules.own)))
		for _, field := range rules.fields {
			if t.report(field.own) {
				fmt.Fprintf(out, " %s%s\n", field.name, lead(t.render(field.own)))
			}
		}
	}
	return out.Bytes()
}

func lead(text string) string {
	if text == "" {
		return ""
	}
	return " " + text
}

// mark finds out which types can report an error, through others too.
func (t *table) mark() {
	for changed := true; changed; {
		changed = false
		for _, rules := range t.types {
			reports := t.report(rules.own)
			for _, field := range rules.fields {
				reports = reports || t.report(field.own)
			}
			if reports && !rules.reports {
				rules.reports, changed = true, true
			}
		}
	}
}

// reached are the types that a kind comes to.
func (t *table) reached() map[string]bool {
	found := map[string]bool{}
	var visit func(id string)
	var all func(list []statement)
	visit = func(id string) {
		if rules := t.types[id]; rules != nil && rules.reports && !found[id] {
			found[id] = true
			all(rules.own)
			for _, field := range rules.fields {
				if t.report(field.own) {
					all(field.own)
				}
			}
		}
	}
	all = func(list []statement) {
		for _, one := range list {
			for _, called := range strings.Fields(one.calls) {
				visit(called)
			}
			all(one.cohort)
		}
	}
	for id := range t.kinds {
		visit(id)
	}
	return found
}

func (t *table) report(list []statement) bool {
	for _, one := range list {
		if one.cohort != nil && t.report(one.cohort) {
			return true
		}
		if one.cohort == nil && t.reportsOne(one) {
			return true
		}
	}
	return false
}

func (t *table) reportsOne(one statement) bool {
	if one.calls == "" {
		return one.reports && !one.gone
	}
	for _, called := range strings.Fields(one.calls) {
		if rules := t.types[called]; rules != nil && rules.reports {
			return one.reports
		}
	}
	return false
}

// render writes statements; rules that neither report nor stop are left out.
func (t *table) render(list []statement) string {
	var parts []string
	for _, one := range list {
		reports := t.reportsOne(one)
		if len(parts) > 0 && parts[len(parts)-1] == "?"+one.text {
			continue // of an option that is off, and of none
		}
		switch {
		case one.cohort != nil:
			if t.report(one.cohort) {
				parts = append(parts, "{", t.render(one.cohort), "}")
			}
		case reports && one.stops:
			parts = append(parts, "!"+one.text)
		case reports:
			parts = append(parts, one.text)
		case one.stops && one.calls == "" && !one.gone:
			parts = append(parts, "?"+one.text)
		}
	}
	return strings.Join(parts, "; ")
}
