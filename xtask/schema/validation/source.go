package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// source holds the parsed packages, by import path.
type source struct {
	roots    map[string]string
	packages map[string]*goPackage
}

// goPackage is what is needed of a package: its generated functions, variables
// and constants, and struct types.
type goPackage struct {
	path    string
	funcs   map[string]*ast.FuncDecl
	vars    map[string]ast.Expr
	structs map[string]*ast.StructType
	// file is the generated one, whose imports its functions name.
	file *ast.File
	// varFiles are the files of variables and constants.
	varFiles map[string]*ast.File
}

func newSource(roots map[string]string) *source {
	return &source{roots, map[string]*goPackage{}}
}

// at gives a package, parsed when it is first asked for.
func (s *source) at(path string) (*goPackage, error) {
	if known, ok := s.packages[path]; ok {
		return known, nil
	}
	dir := ""
	for root, folder := range s.roots {
		if path == root || strings.HasPrefix(path, root+"/") {
			dir = filepath.Join(folder, strings.TrimPrefix(path, root))
		}
	}
	names, err := os.ReadDir(dir)
	if dir == "" || err != nil {
		return nil, fmt.Errorf("no package %s", path)
	}
	found := &goPackage{
		path:    path,
		funcs:   map[string]*ast.FuncDecl{},
		vars:    map[string]ast.Expr{},
		structs: map[string]*ast.StructType{},

		varFiles: map[string]*ast.File{},
	}
	for _, entry := range names {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		found.read(name, file)
	}
	s.packages[path] = found
	return found, nil
}

func (p *goPackage) read(name string, file *ast.File) {
	isGenerated := name == "zz_generated.validations.go"
	if isGenerated {
		p.file = file
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil && isGenerated {
				p.funcs[decl.Name.Name] = decl
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				p.readSpec(spec, file)
			}
		}
	}
}

func (p *goPackage) readSpec(spec ast.Spec, file *ast.File) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if fields, ok := spec.Type.(*ast.StructType); ok {
			p.structs[spec.Name.Name] = fields
		}
	case *ast.ValueSpec:
		for at, name := range spec.Names {
			if at >= len(spec.Values) {
				break
			}
			p.vars[name.Name], p.varFiles[name.Name] = spec.Values[at], file
		}
	}
}

// named resolves a type or constant as the generated code of a package names
// it: the import path and the name.
func (p *goPackage) named(expr ast.Expr) (path, name string, err error) {
	return p.namedIn(p.file, expr)
}

func (p *goPackage) namedIn(file *ast.File, expr ast.Expr) (path, name string, err error) {
	switch expr := expr.(type) {
	case *ast.Ident:
		return p.path, expr.Name, nil
	case *ast.SelectorExpr:
		alias, ok := expr.X.(*ast.Ident)
		if !ok {
			break
		}
		if file == nil {
			break
		}
		for _, spec := range file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if spec.Name != nil && spec.Name.Name == alias.Name {
				return path, expr.Sel.Name, nil
			}
			if spec.Name == nil && strings.HasSuffix(path, "/"+alias.Name) {
				return path, expr.Sel.Name, nil
			}
		}
	}
	return "", "", fmt.Errorf("%s: not a name", render(expr))
}

// jsonName gives the name that a field of a struct has in JSON.
func (s *source) jsonName(in *goPackage, structType ast.Expr, field string) (string, error) {
	path, name, err := in.named(structType)
	if err != nil {
		return "", err
	}
	own, err := s.at(path)
	if err != nil {
		return "", err
	}
	fields := own.structs[name]
	if fields == nil {
		return "", fmt.Errorf("%s.%s is no struct", path, name)
	}
	for _, one := range fields.Fields.List {
		for _, ident := range one.Names {
			if ident.Name == field && one.Tag != nil {
				tag, _ := strconv.Unquote(one.Tag.Value)
				json, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
				return json, nil
			}
		}
	}
	return "", fmt.Errorf("%s.%s has no field %s", path, name, field)
}

// text gives the value of a string constant or literal.
func (s *source) text(in *goPackage, file *ast.File, expr ast.Expr) (string, error) {
	if literal, ok := expr.(*ast.BasicLit); ok && literal.Kind == token.STRING {
		return strconv.Unquote(literal.Value)
	}
	path, name, err := in.namedIn(file, expr)
	if err != nil {
		return "", err
	}
	own, err := s.at(path)
	if err != nil {
		return "", err
	}
	value := own.vars[name]
	if call, ok := value.(*ast.CallExpr); ok && len(call.Args) == 1 {
		value = call.Args[0]
	}
	if value == nil {
		return "", fmt.Errorf("%s.%s is no string constant", path, name)
	}
	return s.text(own, own.varFiles[name], value)
}

// gate says whether a feature is on by default in the newest version, which is
// what strategies tell validation of its options.
func (s *source) gate(name string) (bool, error) {
	features, err := s.at("k8s.io/kubernetes/pkg/features")
	if err != nil {
		return false, err
	}
	gates, ok := features.vars["defaultVersionedKubernetesFeatureGates"].(*ast.CompositeLit)
	if !ok {
		return false, fmt.Errorf("no feature gates")
	}
	for _, element := range gates.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok || render(pair.Key) != name {
			continue
		}
		specs := pair.Value.(*ast.CompositeLit).Elts
		for _, field := range specs[len(specs)-1].(*ast.CompositeLit).Elts {
			if pair := field.(*ast.KeyValueExpr); render(pair.Key) == "Default" {
				return render(pair.Value) == "true", nil
			}
		}
	}
	return false, fmt.Errorf("no feature gate %s", name)
}
