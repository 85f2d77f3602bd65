//! Admission policies and webhooks. Source: kubernetes `pkg/apis/admissionregistration/*/defaults.go`.

use super::{Rule, Set, Value};

pub(super) fn rule(version: &str, name: &str) -> Option<Rule> {
    Some(match name {
        "ValidatingWebhook" => webhook,
        "MutatingWebhook" => |hook| {
            webhook(hook);
            hook.default_nil("reinvocationPolicy", Set::String("Never"));
        },
        "RuleWithOperations" if version == "v1" => scope,
        "NamedRuleWithOperations" => scope,
        "ServiceReference" => |reference| reference.default_nil("port", Set::Int(443)),
        "ValidatingAdmissionPolicySpec" | "MutatingAdmissionPolicySpec" => {
            |spec| spec.default_nil("failurePolicy", Set::String("Fail"))
        }
        "MatchResources" => selectors,
        "ParamRef" if version == "v1alpha1" => {
            |reference| reference.default_nil("parameterNotFoundAction", Set::String("Deny"))
        }
        _ => return None,
    })
}

fn scope(rule: &mut Value<'_, '_, '_>) {
    rule.default_nil("scope", Set::String("*"));
}

fn webhook(hook: &mut Value<'_, '_, '_>) {
    hook.default_nil("failurePolicy", Set::String("Fail"));
    selectors(hook);
    hook.default_nil("timeoutSeconds", Set::Int(10));
}

fn selectors(resources: &mut Value<'_, '_, '_>) {
    resources.default_nil("matchPolicy", Set::String("Equivalent"));
    resources.default_nil("namespaceSelector", Set::Map);
    resources.default_nil("objectSelector", Set::Map);
}
