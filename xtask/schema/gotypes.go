package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"schema/modules"
)

// goPackage holds the type declarations of one package.
type goPackage struct {
	name  string // short, as in core/v1
	types map[string]*goType
}

// goType is a declaration that is not resolved yet.
type goType struct {
	spec    *ast.TypeSpec
	imports map[string]string // local name to short package name
	enum    []string
	isEnum  bool
	life    map[string]string
}

type goSource struct{ packages map[string]*goPackage }

// known maps import paths to the short names that the table uses.
var known = map[string]string{
	"k8s.io/apimachinery/pkg/apis/meta/v1":                     "meta/v1",
	"k8s.io/apimachinery/pkg/runtime":                          "runtime",
	"k8s.io/apimachinery/pkg/types":                            "types",
	"k8s.io/apimachinery/pkg/util/intstr":                      "intstr",
	"k8s.io/apimachinery/pkg/api/resource":                     "resource",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1": "apiextensions/v1",
	"k8s.io/kube-aggregator/pkg/apis/apiregistration/v1":       "apiregistration/v1",

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1": "apiextensions/v1beta1",
	"k8s.io/kube-aggregator/pkg/apis/apiregistration/v1beta1":       "apiregistration/v1beta1",
}

// special are the types that read and write JSON in their own way.
var special = map[string]string{
	"meta/v1.Time": "Time", "meta/v1.MicroTime": "MicroTime", "meta/v1.Duration": "Duration",
	"meta/v1.FieldsV1": "FieldsV1", "resource.Quantity": "Quantity", "intstr.IntOrString": "IntOrString",
	"runtime.RawExtension": "RawExtension", "runtime.Object": "RawExtension", "apiextensions/v1.JSON": "JSON",
	"apiextensions/v1.JSONSchemaPropsOrBool":        "JSONSchemaPropsOrBool",
	"apiextensions/v1.JSONSchemaPropsOrArray":       "JSONSchemaPropsOrArray",
	"apiextensions/v1.JSONSchemaPropsOrStringArray": "JSONSchemaPropsOrStringArray",
}

func shortName(path string) string {
	if rest, ok := strings.CutPrefix(path, "k8s.io/api/"); ok {
		return rest
	}
	return known[path]
}

func readGo(version string) (*goSource, error) {
	source := &goSource{packages: map[string]*goPackage{}}
	add := func(module, pattern string) error {
		root, err := moduleFolder(module, version)
		if err != nil {
			return err
		}
		folders, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return err
		}
		for _, folder := range folders {
			if info, err := os.Stat(folder); err != nil || !info.IsDir() {
				continue
			}
			inside, _ := filepath.Rel(root, folder)
			short := shortName(module + "/" + filepath.ToSlash(inside))
			if short == "" {
				continue
			}
			if err := source.read(folder, short); err != nil {
				return err
			}
		}
		return nil
	}
	for _, part := range [][2]string{
		{"k8s.io/api", "*/v*"},
		{"k8s.io/apimachinery", "pkg/apis/meta/v1"},
		{"k8s.io/apimachinery", "pkg/types"},
		{"k8s.io/apiextensions-apiserver", "pkg/apis/apiextensions/v1"},
		{"k8s.io/kube-aggregator", "pkg/apis/apiregistration/v1"},
		// No longer served, but when they went is told.
		{"k8s.io/apiextensions-apiserver", "pkg/apis/apiextensions/v1beta1"},
		{"k8s.io/kube-aggregator", "pkg/apis/apiregistration/v1beta1"},
	} {
		if err := add(part[0], part[1]); err != nil {
			return nil, err
		}
	}
	return source, nil
}

var folders = map[string]string{}

// instead names the release to read where a library's own is not published;
// types do not change between patch releases.
var instead = map[string]string{"k8s.io/kube-aggregator@v0.31.14": "v0.31.0"}

func moduleFolder(path, version string) (string, error) {
	key := path + "@" + version
	if folders[key] == "" {
		if other := instead[key]; other != "" {
			version = other
		}
		folder, err := modules.Folder(path, version)
		if err != nil {
			return "", err
		}
		folders[key] = folder
	}
	return folders[key], nil
}

func (s *goSource) read(folder, short string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return err
	}
	pkg := &goPackage{name: short, types: map[string]*goType{}}
	s.packages[short] = pkg
	set := token.NewFileSet()
	var parsed []*ast.File
	for _, file := range files {
		base := filepath.Base(file)
		generated := strings.HasPrefix(base, "zz_generated") && !strings.Contains(base, "lifecycle")
		if strings.HasSuffix(base, "_test.go") || generated || base == "generated.pb.go" {
			continue
		}
		tree, err := parser.ParseFile(set, file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed = append(parsed, tree)
		pkg.declare(tree)
	}
	for _, tree := range parsed {
		pkg.constants(tree)
		pkg.lifecycle(tree)
	}
	return nil
}

func (p *goPackage) declare(tree *ast.File) {
	imports := map[string]string{}
	for _, spec := range tree.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		local := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			local = spec.Name.Name
		}
		imports[local] = shortName(path)
	}
	for _, decl := range tree.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.TYPE {
			continue
		}
		for _, spec := range group.Specs {
			spec := spec.(*ast.TypeSpec)
			p.types[spec.Name.Name] = &goType{
				spec: spec, imports: imports, isEnum: marked(group.Doc, spec.Doc), life: map[string]string{},
			}
		}
	}
}

// marked says whether a declaration's comments name it an enum.
func marked(groups ...*ast.CommentGroup) bool {
	for _, group := range groups {
		if group == nil {
			continue
		}
		for _, comment := range group.List {
			text := strings.TrimSpace(strings.TrimPrefix(comment.Text, "//"))
			if text == "+enum" || text == "+k8s:enum" {
				return true
			}
		}
	}
	return false
}

// constants gathers the values of enums.
func (p *goPackage) constants(tree *ast.File) {
	for _, decl := range tree.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			spec := spec.(*ast.ValueSpec)
			name, ok := spec.Type.(*ast.Ident)
			if !ok || p.types[name.Name] == nil || len(spec.Values) != 1 {
				continue
			}
			literal, ok := spec.Values[0].(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				continue
			}
			value, _ := strconv.Unquote(literal.Value)
			p.types[name.Name].enum = append(p.types[name.Name].enum, value)
		}
	}
}

// lifecycle reads when kinds came, were deprecated and went.
func (p *goPackage) lifecycle(tree *ast.File) {
	for _, decl := range tree.Decls {
		function, ok := decl.(*ast.FuncDecl)
		if !ok || function.Recv == nil || !strings.HasPrefix(function.Name.Name, "APILifecycle") {
			continue
		}
		star, ok := function.Recv.List[0].Type.(*ast.StarExpr)
		if !ok {
			continue
		}
		of := p.types[star.X.(*ast.Ident).Name]
		results := function.Body.List[0].(*ast.ReturnStmt).Results
		key := strings.ToLower(strings.TrimPrefix(function.Name.Name, "APILifecycle"))
		if literal, ok := results[0].(*ast.CompositeLit); ok {
			parts := map[string]string{}
			for _, element := range literal.Elts {
				pair := element.(*ast.KeyValueExpr)
				parts[pair.Key.(*ast.Ident).Name], _ = strconv.Unquote(pair.Value.(*ast.BasicLit).Value)
			}
			of.life[key] = groupVersion(parts["Group"], parts["Version"]) + "." + parts["Kind"]
			continue
		}
		of.life[key] = results[0].(*ast.BasicLit).Value + "." + results[1].(*ast.BasicLit).Value
	}
}

func groupVersion(group, version string) string {
	if group == "" {
		return version
	}
	return group + "/" + version
}

// goField is a field as JSON has it.
type goField struct {
	name      string
	kind      string // type in the table's notation
	omitEmpty bool
	omitZero  bool
}

// goNamed is a type other than a struct that has a name.
type goNamed struct {
	kind string
	enum []string
}

// reach resolves a type and all that it names.
func (s *goSource) reach(name string, fields map[string][]goField, named map[string]goNamed) error {
	if _, ok := fields[name]; ok {
		return nil
	}
	if _, ok := named[name]; ok {
		return nil
	}
	pkg, local, declared := s.find(name)
	if declared == nil {
		return fmt.Errorf("no Go type %s", name)
	}
	switch declared.spec.Type.(type) {
	case *ast.StructType:
		fields[name] = nil
		own, err := s.structFields(pkg, declared)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fields[name] = own
		for _, field := range own {
			if err := s.reachKind(field.kind, fields, named); err != nil {
				return fmt.Errorf("%s.%s: %w", name, field.name, err)
			}
		}
	default:
		kind, err := s.kindOf(pkg, declared, declared.spec.Type)
		if err != nil {
			return fmt.Errorf("%s: %w", local, err)
		}
		entry := goNamed{kind: kind}
		if declared.isEnum {
			entry.enum = append(entry.enum, declared.enum...)
			sort.Strings(entry.enum)
		}
		named[name] = entry
		return s.reachKind(kind, fields, named)
	}
	return nil
}

func (s *goSource) reachKind(kind string, fields map[string][]goField, named map[string]goNamed) error {
	kind = strings.TrimLeft(kind, "*[]{}")
	if !strings.Contains(kind, ".") {
		return nil
	}
	return s.reach(kind, fields, named)
}

func (s *goSource) find(name string) (*goPackage, string, *goType) {
	at := strings.LastIndex(name, ".")
	pkg := s.packages[name[:at]]
	if pkg == nil {
		return nil, "", nil
	}
	declared := pkg.types[name[at+1:]]
	// A type may be declared as another package's struct.
	if declared != nil {
		if other, ok := declared.spec.Type.(*ast.SelectorExpr); ok {
			target := declared.imports[other.X.(*ast.Ident).Name] + "." + other.Sel.Name
			if s.packages[target[:strings.LastIndex(target, ".")]] != nil {
				return s.find(target)
			}
		}
	}
	return pkg, name[at+1:], declared
}

func (s *goSource) structFields(pkg *goPackage, declared *goType) ([]goField, error) {
	var found []goField
	for _, field := range declared.spec.Type.(*ast.StructType).Fields.List {
		tag := ""
		if field.Tag != nil {
			text, _ := strconv.Unquote(field.Tag.Value)
			tag = reflect.StructTag(text).Get("json")
		}
		parts := strings.Split(tag, ",")
		if parts[0] == "-" {
			continue
		}
		kind, err := s.kindOf(pkg, declared, field.Type)
		if err != nil {
			return nil, err
		}
		if len(field.Names) == 0 && parts[0] == "" {
			inner, _, embedded := s.find(strings.TrimPrefix(kind, "*"))
			if embedded == nil {
				return nil, fmt.Errorf("embedded %s", kind)
			}
			more, err := s.structFields(inner, embedded)
			if err != nil {
				return nil, err
			}
			found = append(found, more...)
			continue
		}
		name := parts[0]
		if name == "" {
			name = field.Names[0].Name
		}
		entry := goField{name: name, kind: kind}
		for _, option := range parts[1:] {
			entry.omitEmpty = entry.omitEmpty || option == "omitempty"
			entry.omitZero = entry.omitZero || option == "omitzero"
		}
		found = append(found, entry)
	}
	return found, nil
}

func (s *goSource) kindOf(pkg *goPackage, declared *goType, expression ast.Expr) (string, error) {
	switch e := expression.(type) {
	case *ast.StarExpr:
		inner, err := s.kindOf(pkg, declared, e.X)
		return "*" + inner, err
	case *ast.ArrayType:
		if ident, ok := e.Elt.(*ast.Ident); ok && ident.Name == "byte" {
			return "bytes", nil
		}
		inner, err := s.kindOf(pkg, declared, e.Elt)
		return "[]" + inner, err
	case *ast.MapType:
		inner, err := s.kindOf(pkg, declared, e.Value)
		return "{}" + inner, err
	case *ast.InterfaceType:
		return "JSON", nil
	case *ast.SelectorExpr:
		short, ok := declared.imports[e.X.(*ast.Ident).Name]
		if !ok || short == "" {
			return "", fmt.Errorf("package %s is not read", e.X)
		}
		return resolved(short + "." + e.Sel.Name), nil
	case *ast.Ident:
		if pkg.types[e.Name] == nil {
			return e.Name, nil
		}
		return resolved(pkg.name + "." + e.Name), nil
	}
	return "", fmt.Errorf("cannot read %T", expression)
}

func resolved(name string) string {
	if own, ok := special[name]; ok {
		return own
	}
	return name
}
