package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/checker"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"k8s.io/apimachinery/pkg/util/version"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/openapi"
	"k8s.io/kube-openapi/pkg/validation/spec"
	utiljson "sigs.k8s.io/json"
)

// celRequest is one line of `oracle batch cel`.
type celRequest struct {
	ID         json.RawMessage            `json:"id"`
	Expression string                     `json:"expression"`
	Vars       map[string]json.RawMessage `json:"vars"`
	// Version is the Kubernetes version whose functions are available.
	Version string `json:"version"`
	// Mode is kubernetes (default) or general.
	Mode string `json:"mode"`
	// Stored asks for the environment of expressions that are already
	// stored: everything that the binary knows, whatever the version.
	Stored bool `json:"stored"`
	// Once leaves out the repetitions that find answers which depend on the
	// order of Go's map iteration.
	Once bool `json:"once"`
	// Types are the types of variables, see celVariables.
	Types map[string]json.RawMessage `json:"types"`
	// Check asks for the type and the estimated cost instead of the value.
	Check bool `json:"check"`
}

type celAnswer struct {
	ID            json.RawMessage `json:"id"`
	Type          string          `json:"type,omitempty"`
	Value         *celValue       `json:"value,omitempty"`
	Error         *celError       `json:"error,omitempty"`
	Cost          *uint64         `json:"cost,omitempty"`
	EstimatedCost *celEstimate    `json:"estimatedCost,omitempty"`
	// Unordered says that repeating the evaluation gave another answer: it
	// depends on the order of Go's map iteration, which is random.
	Unordered bool `json:"unordered,omitempty"`
}

type celError struct {
	Phase   string `json:"phase"`
	Message string `json:"message"`
}

type celEstimate struct {
	Min uint64 `json:"min"`
	Max uint64 `json:"max"`
}

// celKind keeps the environments it has built: building one takes longer than
// most evaluations.
type celKind struct {
	envs map[string]*celEnv
}

// celEnv is an environment and what the estimate of cost asks about it.
type celEnv struct {
	*cel.Env
	estimator checker.CostEstimator
	schemas   map[string]*spec.Schema
}

func newCelKind() answerFunc {
	return (&celKind{envs: map[string]*celEnv{}}).answer
}

func (k *celKind) answer(line []byte) (any, error) {
	var request celRequest
	if err := decode(line, &request); err != nil {
		return nil, err
	}
	env, err := k.env(&request)
	if err != nil {
		return nil, err
	}
	vars := map[string]any{}
	for name, raw := range request.Vars {
		var value any
		if err := utiljson.UnmarshalCaseSensitivePreserveInts(raw, &value); err != nil {
			return nil, fmt.Errorf("variable %s: %w", name, err)
		}
		if schema := env.schemas[name]; schema != nil {
			vars[name] = openapi.UnstructuredToVal(value, schema)
			continue
		}
		// the conversion that admission.LazyObject.CELValue does
		vars[name] = types.DefaultTypeAdapter.NativeToValue(value)
	}
	answer := celAnswer{ID: request.ID}
	evaluate(env, &request, vars, &answer)
	return answer, nil
}

// evaluate goes through the four phases and stops at the first that fails.
func evaluate(env *celEnv, request *celRequest, vars map[string]any, answer *celAnswer) {
	parsed, issues := env.Parse(request.Expression)
	if issues.Err() != nil {
		answer.Error = &celError{"parse", issues.String()}
		return
	}
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		answer.Error = &celError{"check", issues.String()}
		return
	}
	answer.Type = checked.OutputType().String()
	if request.Check {
		estimate, err := env.EstimateCost(checked, env.estimator)
		if err != nil {
			answer.Error = &celError{"estimate", err.Error()}
			return
		}
		answer.EstimatedCost = &celEstimate{estimate.Min, estimate.Max}
		return
	}
	program, err := env.Program(checked, cel.InterruptCheckFrequency(celconfig.CheckFrequency))
	if err != nil {
		answer.Error = &celError{"program", err.Error()}
		return
	}
	answer.run(program, vars)
	if !request.Once && iterates(checked) {
		answer.Unordered = answer.varies(program, vars)
	}
}

// run evaluates and records value or error, and cost.
func (a *celAnswer) run(program cel.Program, vars map[string]any) {
	value, details, err := program.ContextEval(context.Background(), vars)
	if details != nil {
		a.Cost = details.ActualCost()
	}
	if err != nil {
		a.Error = &celError{"eval", err.Error()}
		return
	}
	encoded := encodeValue(value)
	a.Value = &encoded
}

// varies repeats an evaluation and says whether the answer changed. Expensive
// expressions are repeated less often.
func (a *celAnswer) varies(program cel.Program, vars map[string]any) bool {
	repetitions := 40
	if a.Cost == nil || *a.Cost > 20_000 {
		repetitions = 4
	}
	for range repetitions {
		again := celAnswer{ID: a.ID, Type: a.Type}
		again.run(program, vars)
		if !reflect.DeepEqual(*a, again) && !sameJSON(a, again) {
			return true
		}
	}
	return false
}

// sameJSON compares as the reader sees it; NaN is equal to itself here.
func sameJSON(a, b any) bool {
	left, leftErr := encode(a)
	right, rightErr := encode(b)
	return leftErr == nil && rightErr == nil && bytes.Equal(left, right)
}

// iterates says whether an expression has a comprehension.
func iterates(checked *cel.Ast) bool {
	root := ast.NavigateAST(checked.NativeRep())
	return len(ast.MatchDescendants(root, ast.KindMatcher(ast.ComprehensionKind))) > 0
}

// env finds or builds the environment that the request asks for.
func (k *celKind) env(request *celRequest) (*celEnv, error) {
	var key strings.Builder
	fmt.Fprintf(&key, "%s\x00%s\x00%t", request.Mode, request.Version, request.Stored)
	for _, name := range request.names() {
		fmt.Fprintf(&key, "\x00%s\x00%s", name, request.Types[name])
	}
	if env := k.envs[key.String()]; env != nil {
		return env, nil
	}
	variables, err := newCelVariables(request)
	if err != nil {
		return nil, err
	}
	env, err := newEnv(request, variables)
	if err != nil {
		return nil, err
	}
	found := &celEnv{env, variables.estimator(request.Mode == "general"), variables.schemas}
	k.envs[key.String()] = found
	return found, nil
}

func newEnv(request *celRequest, variables *celVariables) (*cel.Env, error) {
	switch request.Mode {
	case "", "kubernetes":
		return kubernetesEnv(request, variables)
	case "general":
		if len(variables.declTypes) > 0 {
			return nil, fmt.Errorf("schemas are for kubernetes only")
		}
		return generalEnv(variables.options)
	}
	return nil, fmt.Errorf("unknown mode %q: kubernetes or general", request.Mode)
}

// defaultVersion is the Kubernetes version of the linked code.
const defaultVersion = "1.37"

func kubernetesEnv(request *celRequest, variables *celVariables) (*cel.Env, error) {
	text := request.Version
	if text == "" {
		text = defaultVersion
	}
	compatibility, err := version.ParseMajorMinor(text)
	if err != nil {
		return nil, fmt.Errorf("version: %w", err)
	}
	set, err := environment.MustBaseEnvSet(compatibility).Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions:        variables.options,
		DeclTypes:         variables.declTypes,
	})
	if err != nil {
		return nil, err
	}
	if request.Stored {
		return set.Env(environment.StoredExpressions)
	}
	return set.Env(environment.NewExpressions)
}
