package main

import (
	"encoding/json"
	"fmt"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/kubernetes/pkg/apis/admissionregistration/install"
)

// compiledPolicy is a policy as the API server's policy source holds it.
type compiledPolicy struct {
	validating.Validator
	policy        *admissionv1.ValidatingAdmissionPolicy
	compileErrors []string
}

// maxCompiled bounds the memory that kept policies take.
const maxCompiled = 512

func (k *vapKind) compile(raw json.RawMessage) (*compiledPolicy, error) {
	if found := k.compiled[string(raw)]; found != nil {
		return found, nil
	}
	policy := &admissionv1.ValidatingAdmissionPolicy{}
	if err := decodeRegistration(raw, policy); err != nil {
		return nil, err
	}
	compiled := compilePolicy(policy)
	if len(k.compiled) >= maxCompiled {
		clear(k.compiled)
	}
	k.compiled[string(raw)] = compiled
	return compiled, nil
}

// compilePolicy does what validating.compilePolicy does, which is not
// exported, with each evaluator wrapped so that its cost is seen.
func compilePolicy(policy *admissionv1.ValidatingAdmissionPolicy) *compiledPolicy {
	spec := &policy.Spec
	result := &compiledPolicy{policy: policy}
	vars := cel.OptionalVariableDeclarations{HasParams: spec.ParamKind != nil, HasAuthorizer: true}
	messageVars := cel.OptionalVariableDeclarations{HasParams: spec.ParamKind != nil}
	template := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
	compiler, err := cel.NewCompositedCompiler(template)
	if err != nil {
		result.Validator = validating.NewValidator(nil, nil, nil, nil, spec.FailurePolicy, err)
		return result
	}
	for _, variable := range spec.Variables {
		compiled := compiler.CompileAndStoreVariable(
			&validating.Variable{Name: variable.Name, Expression: variable.Expression}, vars, environment.StoredExpressions)
		if compiled.Error != nil {
			result.compileErrors = append(result.compileErrors, fmt.Sprintf("variables.%s: %v", variable.Name, compiled.Error))
		}
	}
	condition := func(part costPart, expressions []cel.ExpressionAccessor, vars cel.OptionalVariableDeclarations) cel.ConditionEvaluator {
		evaluator := compiler.CompileCondition(expressions, vars, environment.StoredExpressions)
		for _, err := range evaluator.CompilationErrors() {
			result.compileErrors = append(result.compileErrors, fmt.Sprintf("%s: %v", part, err))
		}
		return &tracedEvaluator{evaluator, part}
	}
	var matcher matchconditions.Matcher
	if len(spec.MatchConditions) > 0 {
		matcher = matchconditions.NewMatcher(condition(costMatchConditions, matchConditionAccessors(spec), vars),
			spec.FailurePolicy, "policy", "validate", policy.Name)
	}
	result.Validator = validating.NewValidator(
		condition(costValidations, validationAccessors(spec), vars),
		matcher,
		condition(costAuditAnnotations, auditAnnotationAccessors(spec), vars),
		condition(costMessages, messageAccessors(spec), messageVars),
		spec.FailurePolicy,
		nil,
	)
	return result
}

func matchConditionAccessors(spec *admissionv1.ValidatingAdmissionPolicySpec) []cel.ExpressionAccessor {
	accessors := make([]cel.ExpressionAccessor, len(spec.MatchConditions))
	for i := range spec.MatchConditions {
		accessors[i] = (*matchconditions.MatchCondition)(&spec.MatchConditions[i])
	}
	return accessors
}

func validationAccessors(spec *admissionv1.ValidatingAdmissionPolicySpec) []cel.ExpressionAccessor {
	accessors := make([]cel.ExpressionAccessor, len(spec.Validations))
	for i, v := range spec.Validations {
		accessors[i] = &validating.ValidationCondition{Expression: v.Expression, Message: v.Message, Reason: v.Reason}
	}
	return accessors
}

// messageAccessors leaves a gap where a validation has no messageExpression.
func messageAccessors(spec *admissionv1.ValidatingAdmissionPolicySpec) []cel.ExpressionAccessor {
	accessors := make([]cel.ExpressionAccessor, len(spec.Validations))
	for i, v := range spec.Validations {
		if v.MessageExpression != "" {
			accessors[i] = &validating.MessageExpressionCondition{MessageExpression: v.MessageExpression}
		}
	}
	return accessors
}

func auditAnnotationAccessors(spec *admissionv1.ValidatingAdmissionPolicySpec) []cel.ExpressionAccessor {
	accessors := make([]cel.ExpressionAccessor, len(spec.AuditAnnotations))
	for i, a := range spec.AuditAnnotations {
		accessors[i] = &validating.AuditAnnotationCondition{Key: a.Key, ValueExpression: a.ValueExpression}
	}
	return accessors
}

// registration knows every version of the policy kinds, with their defaults
// and conversions.
var registration = func() *runtime.Scheme {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	return scheme
}()

var registrationCodec = serializer.NewCodecFactory(registration)

// decodeRegistration reads a policy or binding of any version into v1, with
// defaults.
func decodeRegistration(raw json.RawMessage, into runtime.Object) error {
	internal, _, err := registrationCodec.UniversalDecoder().Decode(raw, nil, nil)
	if err != nil {
		return err
	}
	return registration.Convert(internal, into, nil)
}
