package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"strconv"
	"strings"
)

// reader reads the statements of one generated function.
type reader struct {
	table *table
	code  *goPackage
	// obj is the type of the value that is validated.
	obj        ast.Expr
	statements []statement
	fields     []fieldRules
}

func (r *reader) read(list []ast.Stmt) error {
	for _, one := range list {
		if err := r.statement(one); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) statement(one ast.Stmt) error {
	switch one := one.(type) {
	case *ast.ReturnStmt:
		if len(one.Results) == 0 || render(one.Results[0]) == "errs" {
			return nil
		}
		// return validate.X(…) of a function literal
		rule, err := r.call(one.Results[0])
		if err == nil {
			rule.reports = true
			r.statements = append(r.statements, rule)
		}
		return err
	case *ast.IfStmt:
		return r.condition(one)
	case *ast.BlockStmt:
		return r.field(one)
	case *ast.AssignStmt:
		return r.assignment(one)
	case *ast.ExprStmt:
		// func() { // cohort = "name" … }()
		if call, ok := one.X.(*ast.CallExpr); ok {
			if literal, ok := call.Fun.(*ast.FuncLit); ok {
				inner := &reader{table: r.table, code: r.code, obj: r.obj}
				if err := inner.read(literal.Body.List); err != nil {
					return err
				}
				r.statements = append(r.statements, statement{cohort: inner.statements})
				return nil
			}
		}
	}
	return fmt.Errorf("a statement that is not known: %s", render(one))
}

// assignment takes `errs = append(errs, Validate_T(…)...)`.
func (r *reader) assignment(one *ast.AssignStmt) error {
	text := render(one)
	if text == "earlyReturn := false" || text == "errs := field.ErrorList{}" {
		return nil
	}
	if call, ok := one.Rhs[0].(*ast.CallExpr); ok && render(call.Fun) == "append" && render(one.Lhs[0]) == "errs" {
		rule, err := r.call(call.Args[1])
		if err == nil {
			rule.reports = rule.reports || !marked(call.Args[1], "MarkAlpha")
			r.statements = append(r.statements, rule)
		}
		return err
	}
	return fmt.Errorf("an assignment that is not known: %s", text)
}

func (r *reader) condition(one *ast.IfStmt) error {
	switch condition := render(one.Cond); {
	case condition == "earlyReturn", condition == "oldValueCorrelated && op.Type == operation.Update":
		return nil
	case condition != "len(e) != 0":
		return fmt.Errorf("a condition that is not known: %s", condition)
	}
	call := one.Init.(*ast.AssignStmt).Rhs[0]
	rule, err := r.call(call)
	if err != nil {
		return err
	}
	for _, effect := range one.Body.List {
		switch render(effect) {
		case "errs = append(errs, e...)":
			rule.reports = !marked(call, "MarkAlpha")
		case "earlyReturn = true":
			rule.stops = true
		default:
			return fmt.Errorf("an effect that is not known: %s", render(effect))
		}
	}
	r.statements = append(r.statements, rule)
	return nil
}

// field reads the block of a field: fn, the old value, and the call of fn.
func (r *reader) field(block *ast.BlockStmt) error {
	if len(block.List) != 3 {
		return fmt.Errorf("a block that is not known: %s", render(block))
	}
	literal := block.List[0].(*ast.AssignStmt).Rhs[0].(*ast.FuncLit)
	appended := block.List[2].(*ast.AssignStmt).Rhs[0].(*ast.CallExpr).Args[1].(*ast.CallExpr)
	path := appended.Args[0].(*ast.CallExpr)
	name := "=" // an embedded struct
	if render(path.Fun) == "fldPath.Child" {
		name, _ = strconv.Unquote(render(path.Args[0]))
	} else if render(path.Fun) != "safe.Value" {
		return fmt.Errorf("a path that is not known: %s", render(path))
	}
	inner := &reader{table: r.table, code: r.code, obj: paramType(literal.Type, "obj")}
	if err := inner.read(literal.Body.List); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	r.fields = append(r.fields, fieldRules{name, inner.statements})
	return nil
}

// marked says whether errors are marked so.
func marked(expr ast.Expr, mark string) bool {
	return strings.Contains(suffix(expr), "."+mark+"()")
}

// suffix is what follows a call: .MarkAlpha().MarkShortCircuit()
func suffix(expr ast.Expr) string {
	_, marks := unmarked(expr)
	return marks
}

func unmarked(expr ast.Expr) (*ast.CallExpr, string) {
	call, ok := expr.(*ast.CallExpr)
	if !ok {
		return nil, ""
	}
	if selector, ok := call.Fun.(*ast.SelectorExpr); ok && strings.HasPrefix(selector.Sel.Name, "Mark") {
		inner, marks := unmarked(selector.X)
		return inner, marks + "." + selector.Sel.Name + "()"
	}
	return call, ""
}

// paramType gives the type of a parameter.
func paramType(of *ast.FuncType, name string) ast.Expr {
	for _, field := range of.Params.List {
		for _, ident := range field.Names {
			if ident.Name == name {
				return field.Type
			}
		}
	}
	return nil
}

func render(node ast.Node) string {
	var out bytes.Buffer
	if err := printer.Fprint(&out, token.NewFileSet(), node); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(out.String()), " ")
}
