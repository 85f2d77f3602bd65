package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
)

// typeCheckRequest is one line of `oracle batch typecheck`.
type typeCheckRequest struct {
	ID     json.RawMessage   `json:"id"`
	Policy json.RawMessage   `json:"policy"`
	CRDs   []json.RawMessage `json:"crds"`
	// Version is the Kubernetes version; this program is of one only.
	Version string `json:"version"`
	// AllAPIs serves alpha and beta versions too, as --runtime-config=api/all=true does.
	AllAPIs bool `json:"allAPIs"`
}

type typeCheckAnswer struct {
	ID                 json.RawMessage     `json:"id"`
	ExpressionWarnings []expressionWarning `json:"expressionWarnings"`
}

type expressionWarning struct {
	FieldRef string `json:"fieldRef"`
	Warning  string `json:"warning"`
}

func newTypeCheckKind() answerFunc { return answerTypeCheck }

func answerTypeCheck(line []byte) (any, error) {
	var request typeCheckRequest
	if err := decode(line, &request); err != nil {
		return nil, err
	}
	if request.Version != "" && request.Version != "1.37" {
		return nil, fmt.Errorf("version %q: this is 1.37", request.Version)
	}
	policy := &admissionv1.ValidatingAdmissionPolicy{}
	if err := decodeRegistration(request.Policy, policy); err != nil {
		return nil, err
	}
	crds, err := readCRDs(request.CRDs)
	if err != nil {
		return nil, err
	}
	schemas, err := schemaResolver(crds)
	if err != nil {
		return nil, err
	}
	checker := &validating.TypeChecker{SchemaResolver: schemas, RestMapper: restMapper(crds, request.AllAPIs)}
	answer := typeCheckAnswer{ID: request.ID, ExpressionWarnings: []expressionWarning{}}
	for _, warning := range checker.Check(policy) {
		answer.ExpressionWarnings = append(answer.ExpressionWarnings, expressionWarning{
			FieldRef: warning.FieldRef,
			Warning:  withoutNanoseconds(warning.Warning, policy),
		})
	}
	return answer, nil
}

// withoutNanoseconds takes from the names of types what makes them unique, and
// no two answers the same: the checker appends the nanoseconds of the clock to
// the kind. The lines that quote an expression are left as they are.
func withoutNanoseconds(text string, policy *admissionv1.ValidatingAdmissionPolicy) string {
	kinds := map[string]bool{}
	for _, found := range gvkInWarning.FindAllStringSubmatch(text, -1) {
		kinds[found[1]] = true
	}
	if policy.Spec.ParamKind != nil {
		kinds[policy.Spec.ParamKind.Kind] = true
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, " | ") {
			continue
		}
		for kind := range kinds {
			unique := regexp.MustCompile(`\b` + regexp.QuoteMeta(kind) + `[0-9]{1,9}\b`)
			line = unique.ReplaceAllString(line, kind)
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

var gvkInWarning = regexp.MustCompile(`(?m)^\S+, Kind=(\S+): `)
