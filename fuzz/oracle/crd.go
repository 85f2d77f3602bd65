package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	_ "unsafe" // for linkname

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	structuralcel "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/version"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/common"
	"k8s.io/apiserver/pkg/util/compatibility"
	"k8s.io/apiserver/pkg/warning"
	basecompatibility "k8s.io/component-base/compatibility"
	utiljson "sigs.k8s.io/json"
)

// crdRequest is one line of `oracle batch crd`: a schema, and objects to hold
// against its rules.
type crdRequest struct {
	ID           json.RawMessage `json:"id"`
	Schema       json.RawMessage `json:"schema"`
	Object       json.RawMessage `json:"object"`
	OldObject    json.RawMessage `json:"oldObject"`
	HasOldObject *bool           `json:"hasOldObject"`
	ResourceRoot bool            `json:"resourceRoot"`
	PathRoot     *string         `json:"pathRoot"`
	CostBudget   *int64          `json:"costBudget"`
	Ratcheting   bool            `json:"ratcheting"`
	// Version is the one whose expressions a new definition may use.
	Version string `json:"version"`
	// Check asks what the API server refuses in the rules of the schema.
	Check bool `json:"check"`

	// Resource says how objects are served. With it they go all the way of
	// a custom resource that is created or updated, up to its validation.
	Resource *crdResource `json:"resource"`

	// what the recorded cases carry beside
	Source       any `json:"source"`
	Kind         any `json:"kind"`
	Cost         any `json:"cost"`
	ExpectErrors any `json:"expectErrors"`
}

type crdAnswer struct {
	ID           json.RawMessage `json:"id"`
	SchemaErrors *[]crdError     `json:"schemaErrors,omitempty"`
	// OtherErrors are what the API server refuses beside the rules.
	OtherErrors []string    `json:"otherErrors,omitempty"`
	Errors      *[]crdError `json:"errors,omitempty"`
	Warnings    []string    `json:"warnings,omitempty"`
	Cost        *int64      `json:"cost,omitempty"`
	// Object is the object as it is validated, Unknown its fields that are
	// dropped, Refusal why it cannot be read.
	Object  any      `json:"object,omitempty"`
	Unknown []string `json:"unknown,omitempty"`
	Refusal string   `json:"refusal,omitempty"`
}

type crdError struct {
	Type   string `json:"type"`
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// newValidator is what NewValidator calls unless only clauses of allOf have
// rules. The API server's own tests call it directly.
//
//go:linkname newValidator k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel.validator
func newValidator(rules, node *structuralschema.Structural, isResourceRoot bool, declType *apiservercel.DeclType, perCallLimit uint64) *structuralcel.Validator

func newCrdKind() answerFunc {
	globals := compatibility.DefaultComponentGlobalsRegistry
	effective, _ := globals.ComponentGlobalsOrRegister(basecompatibility.DefaultKubeComponent, compatibility.DefaultBuildEffectiveVersion(), nil)
	return func(line []byte) (any, error) {
		return answerCrd(line, effective)
	}
}

func answerCrd(line []byte, effective basecompatibility.MutableEffectiveVersion) (any, error) {
	var request crdRequest
	if err := decode(line, &request); err != nil {
		return nil, err
	}
	props := &apiextensionsv1.JSONSchemaProps{}
	if err := utiljson.UnmarshalCaseSensitivePreserveInts(request.Schema, props); err != nil {
		return nil, err
	}
	answer := crdAnswer{ID: request.ID}
	if request.Check {
		newest := version.MajorMinor(1, 37)
		if request.Version != "" {
			parsed, err := version.Parse(request.Version)
			if err != nil {
				return nil, err
			}
			newest = parsed
		}
		effective.SetMinCompatibilityVersion(newest)
		if err := checkDefinition(props, &answer); err != nil {
			return nil, err
		}
	}
	if request.Object == nil {
		return answer, nil
	}
	internal := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(props, internal, nil); err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(internal)
	if err != nil {
		return nil, err
	}
	if request.Resource != nil {
		err = admitResource(internal, structural, &request, &answer)
		return answer, err
	}
	err = validateObject(structural, &request, &answer)
	return answer, err
}

// validateObject does what the registry of custom resources does with rules.
func validateObject(structural *structuralschema.Structural, request *crdRequest, answer *crdAnswer) error {
	var object, old any
	if err := utiljson.UnmarshalCaseSensitivePreserveInts(request.Object, &object); err != nil {
		return err
	}
	if request.OldObject != nil && (request.HasOldObject == nil || *request.HasOldObject) {
		if err := utiljson.UnmarshalCaseSensitivePreserveInts(request.OldObject, &old); err != nil {
			return err
		}
	}
	var path *field.Path
	if request.PathRoot != nil {
		path = field.NewPath(*request.PathRoot)
	}
	budget := int64(celconfig.RuntimeCELCostBudget)
	if request.CostBudget != nil {
		budget = *request.CostBudget
	}
	var options []structuralcel.Option
	if request.Ratcheting && old != nil {
		options = append(options, structuralcel.WithRatcheting(common.NewCorrelatedObject(object, old, &model.Structural{Structural: structural})))
	}
	warnings := &warningList{}
	ctx := warning.WithWarningRecorder(context.Background(), warnings)
	validator := newValidator(structural, structural, request.ResourceRoot, model.SchemaDeclType(structural, request.ResourceRoot), celconfig.PerCallLimit)
	errs, remaining := validator.Validate(ctx, path, structural, object, old, budget, options...)
	answer.Errors = crdErrors(errs)
	answer.Warnings = warnings.texts
	if remaining >= 0 {
		cost := budget - remaining
		answer.Cost = &cost
	}
	return nil
}

// checkDefinition puts the schema into a CustomResourceDefinition and keeps
// what is said about its rules.
func checkDefinition(props *apiextensionsv1.JSONSchemaProps, answer *crdAnswer) error {
	definition := &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "things.example.com"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "example.com",
			Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "things", Singular: "thing", Kind: "Thing", ListKind: "ThingList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: props},
			}},
			Conversion: &apiextensionsv1.CustomResourceConversion{Strategy: apiextensionsv1.NoneConverter},
		},
		Status: apiextensionsv1.CustomResourceDefinitionStatus{StoredVersions: []string{"v1"}},
	}
	internal := &apiextensions.CustomResourceDefinition{}
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(definition, internal, nil); err != nil {
		return err
	}
	var found field.ErrorList
	for _, err := range validation.ValidateCustomResourceDefinition(context.Background(), internal) {
		if strings.Contains(err.Field, "x-kubernetes-validations") || strings.HasPrefix(err.Detail, "x-kubernetes-validations") {
			found = append(found, err)
		} else {
			answer.OtherErrors = append(answer.OtherErrors, err.Error())
		}
	}
	answer.SchemaErrors = crdErrors(found)
	return nil
}

func crdErrors(errs field.ErrorList) *[]crdError {
	list := []crdError{}
	for _, err := range errs {
		list = append(list, crdError{fmt.Sprint(string(err.Type)), err.Field, err.ErrorBody()})
	}
	return &list
}

// warningList keeps the warnings of a request.
type warningList struct {
	texts []string
}

func (w *warningList) AddWarning(_, text string) {
	w.texts = append(w.texts, text)
}
