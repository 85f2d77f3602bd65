package main

import (
	"fmt"
	"go/ast"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// call reads the call of a rule: of the package validate, of another type, or
// written by hand.
func (r *reader) call(expr ast.Expr) (statement, error) {
	call, _ := unmarked(expr)
	if call == nil {
		return statement{}, fmt.Errorf("no call: %s", render(expr))
	}
	name := render(call.Fun)
	if rest, ok := strings.CutPrefix(name, "validate."); ok {
		var args []ast.Expr
		if len(call.Args) > 5 {
			args = call.Args[5:]
		}
		return r.rule(rest, args)
	}
	if at := strings.Index(name, "ValidateCustom_"); at >= 0 {
		return statement{text: "Custom " + name[at+len("ValidateCustom_"):]}, nil
	}
	id, err := r.table.typeOf(r.code, call.Fun)
	return statement{text: "@" + id, calls: id, reports: true}, err
}

func (r *reader) rule(name string, args []ast.Expr) (statement, error) {
	name, _, _ = strings.Cut(name, "[")
	out := statement{text: name}
	add := func(parts ...string) { out.text += " " + strings.Join(parts, " ") }
	switch name {
	case "RequiredValue", "RequiredPointer", "RequiredSlice", "RequiredMap",
		"ForbiddenValue", "ForbiddenPointer", "ForbiddenSlice", "ForbiddenMap",
		"OptionalValue", "OptionalPointer", "OptionalSlice", "OptionalMap", "Immutable", "Monotonic",
		"UUID", "ResourcePoolName", "ExtendedResourceName", "ResourceFullyQualifiedName":
		return out, none(args)
	case "ShortName", "LongName", "LabelKey", "PrefixedLabelKey", "LongNameCaseless", "LabelValue", "PathSegmentName":
		out.text += r.named(r.obj)
		return out, none(args)
	case "MaxLength", "MaxBytes", "MaxItems", "MaxProperties", "MinItems", "MinProperties", "Minimum", "Maximum", "MinLength":
		_, err := strconv.ParseInt(render(args[0]), 0, 64)
		add(render(args[0]))
		return out, err
	case "Enum":
		values, err := r.values(args[0])
		if render(args[1]) != "nil" {
			err = fmt.Errorf("exclusions: %s", render(args[1]))
		}
		add(values)
		return out, err
	case "Union", "ZeroOrOneOfUnion":
		members, err := r.members(args)
		add(members...)
		return out, err
	case "DependentRequired", "DependentForbidden":
		first, err := r.isSet(args[0], args[1])
		if err != nil {
			return out, err
		}
		second, err := r.isSet(args[2], args[3])
		add(first, second)
		return out, err
	case "ValSliceUnique":
		match, err := r.match(args[0])
		out.text += r.named(element(r.obj))
		add(match)
		return out, err
	case "ValSliceUpdate":
		match, err := r.match(args[0])
		add(match, constraints(args[1:]))
		return out, err
	case "UpdatePointer", "UpdateValueByCompare":
		add(constraints(args))
		return out, nil
	case "IfOption":
		option, _ := strconv.Unquote(render(args[0]))
		isOn, err := r.table.code.gate(option)
		if err != nil || fmt.Sprint(isOn) != render(args[1]) {
			return statement{gone: true}, err
		}
		out.text = ""
		out, err = r.wrap(out, args[2], r.obj)
		out.text = strings.TrimSpace(out.text)
		return out, err
	case "Subfield":
		field, _ := strconv.Unquote(render(args[0]))
		add(field)
		return r.wrap(out, args[3], args[1].(*ast.FuncLit).Type.Results.List[0].Type)
	case "EachValSliceVal":
		match, err := r.match(args[0])
		if err != nil {
			return out, err
		}
		equiv, err := r.match(args[1])
		if err != nil {
			return out, err
		}
		add(match, equiv)
		return r.wrap(out, args[2], &ast.StarExpr{X: element(r.obj)})
	case "EachMapVal":
		return r.wrap(out, args[1], &ast.StarExpr{X: element(r.obj)})
	case "EachMapKey":
		return r.wrap(out, args[0], &ast.StarExpr{X: r.obj.(*ast.MapType).Key})
	case "Discriminated":
		return r.discriminated(out, args)
	}
	return out, fmt.Errorf("a rule that is not known: %s", name)
}

func none(args []ast.Expr) error {
	if len(args) != 0 {
		return fmt.Errorf("arguments that are not known: %s", render(args[0]))
	}
	return nil
}

// wrap adds the rule that another one applies to values of a type.
func (r *reader) wrap(out statement, function, of ast.Expr) (statement, error) {
	inner := &reader{table: r.table, code: r.code, obj: of}
	switch function := function.(type) {
	case *ast.FuncLit:
		if err := inner.read(function.Body.List); err != nil {
			return out, err
		}
		if len(inner.statements) != 1 || inner.statements[0].stops {
			return out, fmt.Errorf("more than one rule: %s", render(function))
		}
		out.text += " " + inner.statements[0].text
		out.calls = inner.statements[0].calls
		return out, nil
	default:
		name := render(function)
		if rest, ok := strings.CutPrefix(name, "validate."); ok {
			rule, err := inner.rule(rest, nil)
			out.text += " " + rule.text
			return out, err
		}
		id, err := r.table.typeOf(r.code, function)
		out.text += " @" + id
		out.calls = id
		return out, err
	}
}

// discriminated takes the field, the field that decides, what holds otherwise,
// and the rule for each value; a rule is one of a pointer.
func (r *reader) discriminated(out statement, args []ast.Expr) (statement, error) {
	field, _ := strconv.Unquote(render(args[0]))
	decides := args[2].(*ast.FuncLit)
	name, err := r.returned(decides)
	if err != nil {
		return out, err
	}
	out.text += " " + field + " " + name
	rules := []ast.Expr{args[4]}
	values := []string{""}
	for _, element := range args[5].(*ast.CompositeLit).Elts {
		for _, part := range element.(*ast.CompositeLit).Elts {
			pair := part.(*ast.KeyValueExpr)
			if render(pair.Key) == "Value" {
				value, err := r.table.code.text(r.code, r.code.file, pair.Value)
				if err != nil {
					return out, err
				}
				values = append(values, value)
			} else {
				rules = append(rules, pair.Value)
			}
		}
	}
	for at, rule := range rules {
		literal, ok := rule.(*ast.FuncLit)
		if !ok {
			return out, fmt.Errorf("a rule that is not known: %s", render(rule))
		}
		inner := &reader{table: r.table, code: r.code, obj: paramType(literal.Type, "obj")}
		if err := inner.read(literal.Body.List); err != nil {
			return out, err
		}
		if len(inner.statements) != 1 {
			return out, fmt.Errorf("more than one rule: %s", render(rule))
		}
		text := "-"
		if inner.statements[0].reports {
			text = inner.statements[0].text
		}
		if at == 0 {
			out.text += " " + text
		} else {
			out.text += " " + values[at] + "=" + text
		}
	}
	return out, nil
}

// returned gives the field that a function returns: { return obj.Type }
func (r *reader) returned(function *ast.FuncLit) (string, error) {
	text := render(function.Body.List[0])
	found := regexp.MustCompile(`^return obj\.(\w+)$`).FindStringSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("a field that is not known: %s", text)
	}
	return r.table.code.jsonName(r.code, pointee(paramType(function.Type, "obj")), found[1])
}

// values gives the values of an enumeration, in order.
func (r *reader) values(of ast.Expr) (string, error) {
	path, name, err := r.code.named(of)
	if err != nil {
		return "", err
	}
	own, err := r.table.code.at(path)
	if err != nil {
		return "", err
	}
	call, ok := own.vars[name].(*ast.CallExpr)
	if !ok {
		return "", fmt.Errorf("no set: %s", name)
	}
	var values []string
	for _, value := range call.Args {
		text, err := r.table.code.text(own, own.varFiles[name], value)
		if err != nil {
			return "", err
		}
		if strings.ContainsAny(text, " ,;") {
			return "", fmt.Errorf("a value with a delimiter: %q", text)
		}
		values = append(values, text)
	}
	sort.Strings(values)
	return strings.Join(values, ","), nil
}

var (
	notNil     = regexp.MustCompile(`return obj\.\w+ != nil }$`)
	notEmpty   = regexp.MustCompile(`return len\(obj\.\w+\) != 0 }$`)
	notZero    = regexp.MustCompile(`return obj\.\w+ != ("[^"]*"|0|false) }$`)
	ofListItem = regexp.MustCompile(`if list\[i\]\.(\w+) == "([^"]*)" { return true }`)
)

// isSet gives the name of a field, with how it is set: `*` for pointers, which
// may be set and empty.
func (r *reader) isSet(name, function ast.Expr) (string, error) {
	field, err := strconv.Unquote(render(name))
	if err != nil {
		return "", err
	}
	text := render(function)
	switch {
	case notNil.MatchString(text):
		return field + "*", nil
	case notEmpty.MatchString(text), notZero.MatchString(text):
		return field, nil
	}
	return "", fmt.Errorf("a field that is set in an unknown way: %s", text)
}

// members gives the members of a union, or of one between elements of a list.
func (r *reader) members(args []ast.Expr) ([]string, error) {
	path, name, err := r.code.named(args[0])
	if err != nil {
		return nil, err
	}
	own, err := r.table.code.at(path)
	if err != nil {
		return nil, err
	}
	call, ok := own.vars[name].(*ast.CallExpr)
	if !ok || render(call.Fun) != "validate.NewUnionMembership" || len(call.Args) != len(args)-1 {
		return nil, fmt.Errorf("no membership: %s", name)
	}
	var members []string
	for at, member := range call.Args {
		field := member.(*ast.CallExpr).Args[0]
		if found := ofListItem.FindStringSubmatch(render(args[at+1])); found != nil {
			list := paramType(args[at+1].(*ast.FuncLit).Type, "list")
			key, err := r.table.code.jsonName(r.code, element(list), found[1])
			if err != nil {
				return nil, err
			}
			text, _ := strconv.Unquote(render(field))
			members = append(members, strings.ReplaceAll(text, " ", "_")+"="+key+"="+found[2])
			continue
		}
		text, err := r.isSet(field, args[at+1])
		if err != nil {
			return nil, err
		}
		members = append(members, text)
	}
	return members, nil
}

var sameField = regexp.MustCompile(`^(?:a\.(\w+) == b\.(\w+)|\(\(a\.(\w+) == nil && .*\)\))$`)

// match gives the keys by which elements are matched; `=` for whole elements
// and `-` for none.
func (r *reader) match(function ast.Expr) (string, error) {
	literal, ok := function.(*ast.FuncLit)
	if !ok {
		switch render(function) {
		case "nil":
			return "-", nil
		case "validate.DirectEqual", "validate.SemanticDeepEqual":
			return "=", nil
		}
		return "", fmt.Errorf("a match that is not known: %s", render(function))
	}
	body := strings.TrimPrefix(render(literal.Body.List[0]), "return ")
	var keys []string
	for _, part := range conjuncts(body) {
		found := sameField.FindStringSubmatch(part)
		if found == nil {
			return "", fmt.Errorf("a key that is not known: %s", part)
		}
		key, err := r.table.code.jsonName(r.code, pointee(paramType(literal.Type, "a")), found[1]+found[3])
		if err != nil {
			return "", err
		}
		keys = append(keys, key)
	}
	return strings.Join(keys, ","), nil
}

// conjuncts splits at the && that stand outside of parentheses.
func conjuncts(text string) []string {
	var parts []string
	depth, from := 0, 0
	for at := 0; at < len(text); at++ {
		switch {
		case text[at] == '(':
			depth++
		case text[at] == ')':
			depth--
		case depth == 0 && strings.HasPrefix(text[at:], " && "):
			parts = append(parts, text[from:at])
			from = at + 4
		}
	}
	return append(parts, text[from:])
}

func constraints(args []ast.Expr) string {
	var names []string
	for _, arg := range args {
		names = append(names, strings.TrimPrefix(render(arg), "validate."))
	}
	return strings.Join(names, ",")
}

// named marks types that are not plain strings: errors show their values as
// JSON and not in Go's quotes.
func (r *reader) named(of ast.Expr) string {
	if render(pointee(of)) == "string" {
		return ""
	}
	return "~"
}

func pointee(of ast.Expr) ast.Expr {
	if star, ok := of.(*ast.StarExpr); ok {
		return star.X
	}
	return of
}

func element(of ast.Expr) ast.Expr {
	switch of := of.(type) {
	case *ast.ArrayType:
		return of.Elt
	case *ast.MapType:
		return of.Value
	}
	return of
}
