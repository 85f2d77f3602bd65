//! Type checking of policies: what kube-controller-manager writes into their `status.typeChecking`.
//!
//! When a policy is admitted, `object` may be anything. Here it has the type of each kind that the policy names, one
//! after the other, and so do `oldObject` and `params`. What is found does not keep a policy from working.
//!
//! Source: apiserver `pkg/admission/plugin/policy/validating/typechecking.go`; kubernetes
//! `cmd/kube-controller-manager/app/validatingadmissionpolicystatus.go`.

mod definition;
mod diagnose;
mod kinds;
mod provider;
mod published;
mod recursion;
#[cfg(test)]
mod tests;

use crate::admission::GroupVersionKind;
use crate::cel::ast::Ast;
use crate::cel::checker::check;
use crate::cel::environment::{Env, Version};
use crate::cel::issue::Issues;
use crate::cel::types::Type;
use crate::document::Object;
use crate::policy::{Expression, NamedExpression, ValidatingAdmissionPolicy, environment};
use crate::schema::Schemas;
use definition::Definition;
use kinds::{Served, kinds_to_check};
use provider::KindTypes;
use published::Definitions;
use std::sync::Arc;

/// Checks the expressions of policies against the schemas of the kinds that they are about.
///
/// ```
/// use kordon::cel::environment::Version;
/// use kordon::document::{Limits, documents};
/// use kordon::policy::ValidatingAdmissionPolicy;
/// use kordon::type_checking::TypeChecker;
///
/// let policy = "\
/// apiVersion: admissionregistration.k8s.io/v1
/// kind: ValidatingAdmissionPolicy
/// metadata: {name: few-replicas}
/// spec:
///   matchConstraints:
///     resourceRules:
///     - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
///   validations:
///   - expression: object.spec.replica <= 5
/// ";
/// let policy = documents("policy.yaml", policy.as_bytes(), &Limits::default()).remove(0)?;
/// let policy = ValidatingAdmissionPolicy::from_document(&policy).map_err(|mut problems| problems.remove(0))?;
/// let warnings = TypeChecker::new(Version::default()).check(&policy);
/// assert_eq!(warnings[0].field_ref, "spec.validations[0].expression");
/// assert_eq!(
///     warnings[0].warning(),
///     "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replica'\n \
///      | object.spec.replica <= 5\n \
///      | ...........^\n",
/// );
/// # Ok::<(), kordon::Diagnostic>(())
/// ```
#[derive(Clone, Debug)]
pub struct TypeChecker {
    /// `None` for a version that no schemas are known of.
    definitions: Option<Arc<Definitions>>,
    custom: Arc<Vec<Definition>>,
    /// The types that every policy has.
    types: Env,
    all_apis: bool,
}

/// What is wrong with one expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionWarning {
    /// The expression's field: `spec.validations[0].expression`.
    pub field_ref: String,
    pub expression: Expression,
    /// At least one, by group, version and kind.
    pub results: Vec<TypeCheckingResult>,
}

/// What is wrong with an expression when objects are of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeCheckingResult {
    pub kind: GroupVersionKind,
    pub issues: Issues,
}

/// An expression before its types are known.
type Parsed = Result<Ast, Issues>;

/// Marks the names of types, so that expressions cannot name them and `object` and `params` are never of one type.
/// The API server appends the nanoseconds of its clock; what is printed here is the kind alone.
const OBJECT_MARK: char = '\u{1}';
const PARAMS_MARK: char = '\u{2}';

impl TypeChecker {
    /// A checker that knows the kinds of a Kubernetes version.
    pub fn new(version: Version) -> TypeChecker {
        let known = Some(version).filter(|version| version.major == 1);
        TypeChecker::of(version, known.and_then(|version| Schemas::for_version(version.minor)).map(Arc::new))
    }

    /// The same with the kinds of the version, where they were read already.
    pub fn of(version: Version, schemas: Option<Arc<Schemas>>) -> TypeChecker {
        TypeChecker {
            definitions: schemas.map(|schemas| Arc::new(Definitions::new(schemas))),
            custom: Arc::default(),
            types: environment::types(version),
            all_apis: false,
        }
    }

    /// Adds the kinds of the `CustomResourceDefinition`s among some objects.
    #[must_use]
    pub fn custom_kinds<'o>(mut self, objects: impl IntoIterator<Item = &'o Object>) -> TypeChecker {
        Arc::make_mut(&mut self.custom).extend(objects.into_iter().filter_map(Definition::read));
        self
    }

    /// Whether alpha and beta versions are served too, as with `--runtime-config=api/all=true`.
    #[must_use]
    pub fn all_apis(mut self, all: bool) -> TypeChecker {
        self.all_apis = all;
        self
    }

    /// Checks a policy's validations with their messages. Other expressions are not checked, variables only where a
    /// validation reads them.
    pub fn check(&self, policy: &ValidatingAdmissionPolicy) -> Vec<ExpressionWarning> {
        let variables: Vec<(&NamedExpression, Parsed)> =
            policy.variables.iter().map(|variable| (variable, self.parse(&variable.expression))).collect();
        let kinds = kinds_to_check(self, &policy.match_constraints.resource_rules).into_iter();
        let environments: Vec<(GroupVersionKind, Env)> = kinds
            .filter_map(|kind| {
                let env = self.environment(&kind, policy)?;
                Some((kind, with_variables(env, &variables)))
            })
            .collect();
        let mut warnings = Vec::new();
        for (at, validation) in policy.validations.iter().enumerate() {
            let message = validation.message_expression.as_ref();
            let expressions = std::iter::once(("expression", &validation.expression));
            for (field, expression) in
                expressions.chain(message.map(|message| ("messageExpression", message)))
            {
                let results = check_expression(&environments, self.parse(expression));
                if !results.is_empty() {
                    let field_ref = format!("spec.validations[{at}].{field}");
                    warnings.push(ExpressionWarning { field_ref, expression: expression.clone(), results });
                }
            }
        }
        warnings
    }

    /// An expression, which reads the same whatever the types are.
    fn parse(&self, expression: &Expression) -> Parsed {
        self.types.parse(&expression.text)
    }

    /// Every resource that is served.
    fn served(&self) -> impl Iterator<Item = Served<'_>> {
        let built_in = self.definitions.iter().flat_map(|definitions| definitions.schemas.resources());
        let built_in = built_in.filter(|resource| self.all_apis || resource.served_by_default());
        let built_in = built_in.map(|resource| Served {
            group: resource.group(),
            version: resource.version(),
            plural: resource.name,
            singular: resource.singular,
            kind: resource.kind,
        });
        built_in.chain(self.custom.iter().flat_map(Definition::served))
    }

    /// The environment of a policy's expressions for objects of a kind; `None` when there is no schema of it.
    fn environment(&self, kind: &GroupVersionKind, policy: &ValidatingAdmissionPolicy) -> Option<Env> {
        let definitions = self.definitions.as_ref()?;
        provider::schema_of(definitions, &self.custom, kind)?;
        let mut types = KindTypes::new(definitions, &self.custom);
        let mut declare = |kind: &GroupVersionKind, mark| {
            types.insert(format!("{}{mark}", kind.kind), kind).unwrap_or(Type::Dyn)
        };
        let object = declare(kind, OBJECT_MARK);
        // A version with a slash cannot be read, which leaves `params` undeclared.
        let params = policy.param_kind.as_ref().filter(|kind| !kind.version.contains('/'));
        let params = params.map(|kind| declare(kind, PARAMS_MARK));
        let env = environment::type_checking(self.types.clone(), object, params);
        Some(env.with_types(Arc::new(types)))
    }
}

impl ExpressionWarning {
    /// The text as it stands in the status.
    pub fn warning(&self) -> String {
        let results = self.results.iter().map(|result| format!("{}: {}\n", result.kind, result.issues));
        results.collect::<Vec<String>>().join("\n")
    }
}

fn with_variables(env: Env, variables: &[(&NamedExpression, Parsed)]) -> Env {
    variables.iter().fold(env, |env, (variable, parsed)| {
        let checked = parsed.clone().and_then(|ast| check(ast, &env));
        let kind = checked.as_ref().ok().map(|checked| checked.result_type().clone());
        environment::with_variable(env, &variable.name, kind.as_ref())
    })
}

fn check_expression(environments: &[(GroupVersionKind, Env)], parsed: Parsed) -> Vec<TypeCheckingResult> {
    let failed = environments.iter().filter_map(|(kind, env)| {
        let mut issues = parsed.clone().and_then(|ast| check(ast, env)).err()?;
        for issue in &mut issues.issues {
            issue.message = issue.message.replace([OBJECT_MARK, PARAMS_MARK], "");
        }
        Some(TypeCheckingResult { kind: kind.clone(), issues })
    });
    failed.collect()
}
