//! Policies of random parts: rules, params, variables, and expressions that read fields which are there or nearly so.

use super::crds;
use super::{policy, rule};
use crate::dice::Dice;
use kordon::declaration::escape;
use kordon::schema::{Resource, Schemas, Struct, Type};
use serde_json::{Value, json};

/// That many questions, the same for the same seed.
pub fn random(seed: u64, count: usize) -> Vec<Value> {
    let schemas = Schemas::for_version(37).unwrap();
    let mut dice = Dice(seed);
    let maker = Maker { schemas: &schemas };
    (0..count).map(|at| maker.question(&mut dice, &format!("random/{seed}/{at}"))).collect()
}

struct Maker<'s> {
    schemas: &'s Schemas,
}

/// What an expression may read.
struct Subject {
    resources: Vec<(&'static str, &'static str)>,
    params: Option<(&'static str, &'static str)>,
    custom: bool,
    variables: usize,
}

/// Resources that policies are about more often than others.
const COMMON: &[(&str, &str)] = &[
    ("v1", "pods"),
    ("apps/v1", "deployments"),
    ("apps/v1", "statefulsets"),
    ("batch/v1", "cronjobs"),
    ("v1", "services"),
    ("v1", "configmaps"),
    ("rbac.authorization.k8s.io/v1", "clusterroles"),
    ("networking.k8s.io/v1", "ingresses"),
    ("apiextensions.k8s.io/v1", "customresourcedefinitions"),
];

/// Names in rules that are no plain resource, or not what they look like.
const ODD: &[&str] = &[
    "*",
    "*/*",
    "pods/*",
    "pods/status",
    "*/scale",
    "deployment",
    "Deployments",
    "podlists",
    "podlist",
    "nothings",
    "events",
    "endpoints",
    "pods/exec",
    "deploy",
];

impl<'s> Maker<'s> {
    fn question(&self, dice: &mut Dice, id: &str) -> Value {
        let mut subject =
            Subject { resources: Vec::new(), params: None, custom: dice.once_in(3), variables: 0 };
        let rules: Vec<Value> = (0..1 + dice.below(3)).map(|_| self.rule(dice, &mut subject)).collect();
        let mut spec = json!({"matchConstraints": {"resourceRules": rules}});
        if dice.once_in(2) {
            spec["paramKind"] = self.params(dice, &mut subject);
        }
        let mut variables = Vec::new();
        for at in 0..dice.below(4) {
            variables
                .push(json!({"name": format!("v{at}"), "expression": self.expression(dice, &subject, 2)}));
            subject.variables += 1;
        }
        spec["variables"] = json!(variables);
        let validation = |dice: &mut Dice| {
            let mut validation = json!({"expression": self.condition(dice, &subject)});
            if dice.once_in(3) {
                validation["messageExpression"] = json!(self.expression(dice, &subject, 3));
            }
            validation
        };
        spec["validations"] = (0..2 + dice.below(4)).map(|_| validation(dice)).collect();
        if dice.once_in(4) {
            let expression = self.condition(dice, &subject);
            spec["matchConditions"] = json!([{"name": "c", "expression": expression}]);
        }
        let mut question = json!({"id": id, "policy": policy(spec)});
        if subject.custom || dice.once_in(10) {
            question["crds"] = json!(crds::all());
        }
        if dice.once_in(3) {
            question["allAPIs"] = json!(true);
        }
        question
    }

    fn resource(&self, dice: &mut Dice) -> (&'static str, &'static str) {
        if dice.once_in(2) {
            return *dice.pick(COMMON);
        }
        let resource: &Resource = dice.pick(self.schemas.resources());
        (resource.group_version, resource.name)
    }

    fn rule(&self, dice: &mut Dice, subject: &mut Subject) -> Value {
        if subject.custom && dice.once_in(2) {
            let names = ["widgets", "gadgets", "things", "pods", "gadget"];
            let mut rule = rule(
                dice.pick::<&str>(&["example.com", "example.com", "things.example.com", ""]),
                "v1",
                &[*dice.pick(&names), *dice.pick(&names)],
            );
            if dice.once_in(2) {
                rule["apiVersions"] = json!(["v1beta1", "v1", "v1alpha1"]);
            }
            return rule;
        }
        let (mut groups, mut versions, mut names) = (Vec::new(), Vec::new(), Vec::new());
        let many = if dice.once_in(6) { 12 } else { 1 + dice.below(4) };
        for _ in 0..many {
            let (group_version, name) = self.resource(dice);
            subject.resources.push((group_version, name));
            let (group, version) = group_version.split_once('/').unwrap_or(("", group_version));
            groups.push(group);
            versions.push(version);
            names.push(name);
        }
        if dice.once_in(4) {
            names.push(*dice.pick(ODD));
        }
        match dice.below(20) {
            0 => groups.push("*"),
            1 => versions.push("*"),
            _ => {}
        }
        json!({"apiGroups": groups, "apiVersions": versions, "operations": ["*"], "resources": names})
    }

    fn params(&self, dice: &mut Dice, subject: &mut Subject) -> Value {
        match dice.below(8) {
            0 => json!({"apiVersion": "nothing.example.com/v1", "kind": "Nothing"}),
            1 => json!({"apiVersion": "a/b/c", "kind": "ConfigMap"}),
            2 | 3 => {
                subject.custom = true;
                let kinds = [
                    "example.com/v1 Widget",
                    "example.com/v1beta1 Gadget",
                    "example.com/v1alpha1 Gadget",
                    "things.example.com/v1 Thing",
                ];
                let (version, kind) = dice.pick(&kinds).split_once(' ').unwrap();
                json!({"apiVersion": version, "kind": kind})
            }
            4 | 5 => {
                subject.params = Some(("v1", "ConfigMap"));
                json!({"apiVersion": "v1", "kind": "ConfigMap"})
            }
            _ => {
                let mut kinds: Vec<(&str, &str)> =
                    self.schemas.kinds().map(|(version, kind, _)| (version, kind)).collect();
                kinds.sort_unstable();
                let (version, kind) = *dice.pick(&kinds);
                subject.params = Some((version, kind));
                json!({"apiVersion": version, "kind": kind})
            }
        }
    }

    /// A path to a field, perhaps misspelt.
    fn path(&self, dice: &mut Dice, subject: &Subject) -> String {
        let roots = [
            "object",
            "object",
            "object",
            "object",
            "oldObject",
            "params",
            "variables",
            "request",
            "namespaceObject",
            "authorizer",
        ];
        let root = *dice.pick(&roots);
        let structure = match root {
            "object" | "oldObject" => {
                if subject.custom && dice.once_in(2) || subject.resources.is_empty() {
                    return format!("{root}.{}", dice.pick(crds::PATHS).1);
                }
                let &(version, name) = dice.pick(&subject.resources);
                self.schemas.resource(version, name).and_then(|found| self.schemas.kind(version, found.kind))
            }
            "params" => match subject.params {
                Some((version, kind)) => self.schemas.kind(version, kind),
                None => return format!("params.{}", dice.pick(crds::PATHS).1),
            },
            "variables" => return format!("variables.v{}", dice.below(subject.variables + 1)),
            "request" => {
                let fields = [
                    "name",
                    "namespace",
                    "operation",
                    "userInfo",
                    "userInfo.groups",
                    "userInfo.extra",
                    "kind.kind",
                    "resource.resource",
                    "dryRun",
                    "options",
                    "uid",
                    "object",
                    "subResource",
                    "userInfo.uid",
                ];
                return format!("request.{}", dice.pick(&fields));
            }
            "namespaceObject" => {
                let fields = [
                    "metadata.name",
                    "metadata.labels",
                    "metadata.uid",
                    "metadata.creationTimestamp",
                    "spec.finalizers",
                    "status.conditions",
                    "status.phase",
                    "metadata",
                    "kind",
                ];
                return format!("namespaceObject.{}", dice.pick(&fields));
            }
            _ => {
                let calls = [
                    "authorizer.requestResource.check('get').allowed()",
                    "authorizer.group('apps').resource('deployments')",
                    "authorizer.path('/healthz').check('get').allowed()",
                    "authorizer.serviceAccount('a', 'b').allowed()",
                    "authorizer",
                ];
                return (*dice.pick(&calls)).to_owned();
            }
        };
        match structure {
            Some(structure) => self.walk(dice, root, structure),
            None => root.to_owned(),
        }
    }

    fn walk(&self, dice: &mut Dice, root: &str, mut structure: &'s Struct) -> String {
        let mut path = root.to_owned();
        for _ in 0..dice.below(7) {
            let field = dice.pick(&structure.fields);
            let Some(mut name) = escape(field.name.as_str()).map(|name| name.into_owned()) else { break };
            match dice.below(25) {
                0 => drop(name.pop()),
                1 => name = "nothing".to_owned(),
                _ => {}
            }
            path.push_str(if dice.once_in(12) { ".?" } else { "." });
            path.push_str(if name.is_empty() { "x" } else { &name });
            let mut kind = self.schemas.type_of(field.kind);
            loop {
                let inner = match kind {
                    Type::Pointer(inner) => inner,
                    Type::Named(number) => self.schemas.named(number).unwrap().kind,
                    Type::List(inner) if !dice.once_in(4) => {
                        path.push_str(dice.pick::<&str>(&["[0]", "[0]", "[size(object)]", "['x']", "[?0]"]));
                        inner
                    }
                    Type::Map(inner) if !dice.once_in(4) => {
                        path.push_str(dice.pick::<&str>(&["['k']", ".k", "[1]"]));
                        inner
                    }
                    _ => break,
                };
                kind = self.schemas.type_of(inner);
            }
            match kind {
                Type::Struct(id) if !self.schemas.structure(id).fields.is_empty() => {
                    structure = self.schemas.structure(id);
                }
                _ => break,
            }
        }
        path
    }

    fn condition(&self, dice: &mut Dice, subject: &Subject) -> String {
        let one = |dice: &mut Dice| {
            let left = self.expression(dice, subject, 2);
            match dice.below(4) {
                0 => left,
                _ => format!(
                    "{left} {} {}",
                    dice.pick(&["==", "!=", "<", "<=", ">", "in"]),
                    self.expression(dice, subject, 2)
                ),
            }
        };
        let mut text = one(dice);
        for _ in 0..dice.below(4) {
            let joined = *dice.pick(&[" && ", " || ", " &&\n  ", " ||\n\t"]);
            text.push_str(joined);
            text.push_str(&one(dice));
        }
        text
    }

    fn expression(&self, dice: &mut Dice, subject: &Subject, depth: usize) -> String {
        if depth == 0 {
            return self.path(dice, subject);
        }
        let inner = |dice: &mut Dice| self.expression(dice, subject, depth - 1);
        match dice.below(26) {
            0 => format!("has({})", self.path(dice, subject)),
            1 => {
                let macros = ["all", "exists", "exists_one", "filter", "map"];
                let name = *dice.pick(&macros);
                format!("{}.{name}(x, {})", inner(dice), self.within(dice, subject, depth))
            }
            2 => format!("size({})", inner(dice)),
            3 => format!("{}.startsWith({})", inner(dice), inner(dice)),
            4 => format!("{} + {}", inner(dice), inner(dice)),
            5 => format!("quantity({}).isLessThan(quantity('1Gi'))", inner(dice)),
            6 => format!("({} ? {} : {})", inner(dice), inner(dice), inner(dice)),
            7 => format!("!{}", inner(dice)),
            8 => format!("string({})", inner(dice)),
            9 => format!("type({})", inner(dice)),
            10 => format!("{}.orValue({})", inner(dice), inner(dice)),
            11 => format!("[{}, {}]", inner(dice), inner(dice)),
            12 => format!("{{'größe': {}, {}: 1}}", inner(dice), inner(dice)),
            13 => format!("{}.getFullYear()", inner(dice)),
            14 => format!("dyn({})", inner(dice)),
            15 => format!("{}.matches('^[a-z]+$')", inner(dice)),
            16 => format!("'%s %d'.format([{}, {}])", inner(dice), inner(dice)),
            17 => (*dice.pick(&[
                "1",
                "'a'",
                "true",
                "1.5",
                "null",
                "[]",
                "{}",
                "b'x'",
                "duration('1h')",
                "timestamp('2024-02-29T00:00:00Z')",
                "1u",
                "duration",
                "nothing",
                "Pod",
            ]))
            .to_owned(),
            _ => self.path(dice, subject),
        }
    }

    /// What a macro says of its variable.
    fn within(&self, dice: &mut Dice, subject: &Subject, depth: usize) -> String {
        let about = [
            "x",
            "x.name",
            "x.image",
            "x.key",
            "x[0]",
            "x.securityContext.privileged",
            "x.nothing",
            "x.value",
        ];
        let x = *dice.pick(&about);
        match dice.below(4) {
            0 => x.to_owned(),
            1 => format!("has({})", if x.contains('.') { x } else { "x.name" }),
            2 => format!("{x} == {}", self.expression(dice, subject, depth - 1)),
            _ => format!("{x} != ''"),
        }
    }
}
