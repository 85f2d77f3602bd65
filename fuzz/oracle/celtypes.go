package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/types"

	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/library"
	"k8s.io/apiserver/pkg/cel/openapi"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// celVariables are the declarations of a question's variables: dyn, or what
// `types` says, as text in cel-go's notation or as a structural schema.
type celVariables struct {
	options   []cel.EnvOption
	declTypes []*apiservercel.DeclType
	// sizes has the declared type of each variable with a schema.
	sizes   schemaSizes
	schemas map[string]*spec.Schema
}

func newCelVariables(request *celRequest) (*celVariables, error) {
	variables := &celVariables{sizes: schemaSizes{}, schemas: map[string]*spec.Schema{}}
	for _, name := range request.names() {
		typ := cel.DynType
		if raw := bytes.TrimSpace(request.Types[name]); len(raw) > 0 {
			var err error
			if typ, err = variables.typeOf(name, raw); err != nil {
				return nil, fmt.Errorf("type of %s: %w", name, err)
			}
		}
		variables.options = append(variables.options, cel.Variable(name, typ))
	}
	return variables, nil
}

// names lists the variables of a question in order.
func (r *celRequest) names() []string {
	var names []string
	for name := range r.Types {
		names = append(names, name)
	}
	for name := range r.Vars {
		if _, typed := r.Types[name]; !typed {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

func (v *celVariables) typeOf(name string, raw []byte) (*cel.Type, error) {
	if raw[0] == '"' {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, err
		}
		return typeNamed(text)
	}
	var schema spec.Schema
	if err := json.Unmarshal(raw, &schema); err != nil {
		return nil, err
	}
	decl := openapi.SchemaDeclType(&schema, false)
	if decl == nil {
		return nil, fmt.Errorf("expressions cannot see values of this schema")
	}
	decl = decl.MaybeAssignTypeName(name + "Type")
	v.declTypes = append(v.declTypes, decl)
	v.sizes[name] = decl
	v.schemas[name] = &schema
	return decl.CelType(), nil
}

// schemaSizes answers as the estimator of apiextensions-apiserver does, whose
// only variable is self.
type schemaSizes map[string]*apiservercel.DeclType

func (s schemaSizes) EstimateSize(element checker.AstNode) *checker.SizeEstimate {
	path := element.Path()
	if len(path) == 0 {
		return nil
	}
	at := s[path[0]]
	if at == nil {
		at = s["self"]
	}
	for _, name := range path[1:] {
		if at == nil {
			return nil
		}
		switch name {
		case "@items", "@values":
			at = at.ElemType
		case "@keys":
			at = at.KeyType
		default:
			field := at.Fields[name]
			if field == nil {
				return nil
			}
			at = field.Type
		}
	}
	if at == nil {
		return nil
	}
	return &checker.SizeEstimate{Min: 0, Max: uint64(at.MaxElements)}
}

func (schemaSizes) EstimateCallCost(_, _ string, _ *checker.AstNode, _ []checker.AstNode) *checker.CallEstimate {
	return nil
}

// estimator is the one that the API server uses; outside of Kubernetes there
// is only what cel-go itself knows.
func (v *celVariables) estimator(general bool) checker.CostEstimator {
	if general {
		return v.sizes
	}
	return &library.CostEstimator{SizeEstimator: v.sizes}
}

// namedTypes are the types without parameters.
var namedTypes = map[string]*cel.Type{
	"null": cel.NullType, "null_type": cel.NullType,
	"bool": cel.BoolType, "int": cel.IntType, "uint": cel.UintType, "double": cel.DoubleType,
	"string": cel.StringType, "bytes": cel.BytesType,
	"timestamp": cel.TimestampType, "google.protobuf.Timestamp": cel.TimestampType,
	"duration": cel.DurationType, "google.protobuf.Duration": cel.DurationType,
	"dyn": cel.DynType, "google.protobuf.Value": cel.DynType,
	"any": cel.AnyType, "google.protobuf.Any": cel.AnyType,
	"list": cel.ListType(cel.DynType), "google.protobuf.ListValue": cel.ListType(cel.DynType),
	"map": cel.MapType(cel.DynType, cel.DynType), "google.protobuf.Struct": cel.MapType(cel.StringType, cel.DynType),
	"type": cel.TypeType, "optional_type": cel.OptionalType(cel.DynType),
	"google.protobuf.BoolValue":   cel.NullableType(cel.BoolType),
	"google.protobuf.BytesValue":  cel.NullableType(cel.BytesType),
	"google.protobuf.DoubleValue": cel.NullableType(cel.DoubleType),
	"google.protobuf.FloatValue":  cel.NullableType(cel.DoubleType),
	"google.protobuf.Int32Value":  cel.NullableType(cel.IntType),
	"google.protobuf.Int64Value":  cel.NullableType(cel.IntType),
	"google.protobuf.StringValue": cel.NullableType(cel.StringType),
	"google.protobuf.UInt32Value": cel.NullableType(cel.UintType),
	"google.protobuf.UInt64Value": cel.NullableType(cel.UintType),
	// The estimator compares these by identity.
	"net.IP": apiservercel.IPType, "net.CIDR": apiservercel.CIDRType,
	"kubernetes.Quantity": apiservercel.QuantityType, "kubernetes.Semver": apiservercel.SemverType,
	"kubernetes.URL": apiservercel.URLType, "kubernetes.NamedFormat": apiservercel.FormatType,
	"kubernetes.authorization.Authorizer":    library.AuthorizerType,
	"kubernetes.authorization.PathCheck":     library.PathCheckType,
	"kubernetes.authorization.GroupCheck":    library.GroupCheckType,
	"kubernetes.authorization.ResourceCheck": library.ResourceCheckType,
	"kubernetes.authorization.Decision":      library.DecisionType,
}

// typeNamed reads a type such as map(string, list(int)).
func typeNamed(text string) (*cel.Type, error) {
	text = strings.TrimSpace(text)
	name, rest, parameterised := strings.Cut(text, "(")
	if !parameterised {
		if typ := namedTypes[text]; typ != nil {
			return typ, nil
		}
		if strings.Contains(text, ".") {
			return cel.ObjectType(text), nil
		}
		return nil, fmt.Errorf("%q is no CEL type", text)
	}
	inner, closed := strings.CutSuffix(rest, ")")
	var parameters []*cel.Type
	for _, part := range splitTypes(inner) {
		parameter, err := typeNamed(part)
		if err != nil {
			return nil, err
		}
		parameters = append(parameters, parameter)
	}
	switch {
	case !closed:
	case name == "map" && len(parameters) == 2:
		return cel.MapType(parameters[0], parameters[1]), nil
	case len(parameters) != 1:
	case name == "list":
		return cel.ListType(parameters[0]), nil
	case name == "optional_type":
		return cel.OptionalType(parameters[0]), nil
	case name == "type":
		return types.NewTypeTypeWithParam(parameters[0]), nil
	case name == "wrapper":
		return cel.NullableType(parameters[0]), nil
	}
	return nil, fmt.Errorf("%q is no CEL type", text)
}

// splitTypes splits at commas outside of brackets.
func splitTypes(text string) []string {
	depth := 0
	return strings.FieldsFunc(text, func(c rune) bool {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		return c == ',' && depth == 0
	})
}
