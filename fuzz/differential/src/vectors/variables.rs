//! Composed variables: lazy, evaluated once, their errors those of who reads them.

use super::ask::Ask;
use serde_json::{Value, json};

fn variables(rows: &[(&str, &str)]) -> Value {
    rows.iter().map(|(name, expression)| json!({"name": name, "expression": expression})).collect()
}

/// What a question is called, its variables, and its validations.
type Row = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const ROWS: &[Row] = &[
    ("one", &[("mode", "object.data.mode")], &["variables.mode == 'slow'"]),
    (
        "chain",
        &[("a", "1"), ("b", "variables.a + 1"), ("c", "variables.b * variables.b")],
        &["variables.c == 5", "variables.c == 4"],
    ),
    ("unread-error", &[("bad", "object.missing")], &["true"]),
    ("error", &[("bad", "object.missing")], &["variables.bad == 1", "variables.bad == 2"]),
    (
        "error-through-chain",
        &[("a", "object.missing"), ("b", "variables.a + 1"), ("c", "variables.b + 1")],
        &["variables.c == 1"],
    ),
    (
        "error-absorbed",
        &[("bad", "object.missing == 1")],
        &["variables.bad || true", "!(variables.bad && false)"],
    ),
    ("error-in-has", &[("bad", "object.missing")], &["has(variables.bad)", "has(variables.bad.x)"]),
    (
        "optional",
        &[("mode", "object.?data.?mode")],
        &["variables.mode.hasValue()", "variables.mode == optional.of('slow')"],
    ),
    (
        "optional-none",
        &[("mode", "object.?data.?none")],
        &["variables.mode.hasValue()", "variables.mode.orValue('x') == 'x'"],
    ),
    // cel-go looks into an optional only at the start of a path, and a variable is a step of one.
    (
        "optional-on-the-way",
        &[("v", "object.?data"), ("k", "'mode'"), ("d", "dyn(object.?data)"), ("m", "{'a': object.?data}")],
        &[
            "variables.v.?mode.orValue('x') == 'fast'",
            "variables.v['mode'] == optional.of('fast')",
            "variables.v.mode.hasValue()",
            "variables.v[?variables.k].hasValue()",
            "variables.v[variables.k].hasValue()",
            "has(variables.v.mode)",
            "variables.d.?mode.hasValue()",
            "variables.m.a.?mode.hasValue()",
            "[variables.v].all(x, x.?mode.hasValue())",
            "variables.v.value().mode == 'fast'",
        ],
    ),
    (
        "optional-in-branch",
        &[("v", "object.?data"), ("w", "object.?nothing"), ("k", "'mode'")],
        &[
            "(object.kind == 'ConfigMap' ? variables.v : variables.w).?mode.hasValue()",
            "(object.kind == 'ConfigMap' ? variables.v : variables.w)[variables.k].hasValue()",
            "(object.kind == 'ConfigMap' ? variables.v : variables.w).hasValue()",
        ],
    ),
    ("undeclared", &[], &["variables.nothing == 1"]),
    ("later", &[("a", "variables.b"), ("b", "1")], &["variables.a == 1", "variables.b == 2"]),
    ("itself", &[("a", "variables.a + 1")], &["variables.a == 1"]),
    ("broken", &[("a", "1 +"), ("b", "2")], &["variables.a == 1", "variables.b == 1"]),
    ("broken-through-chain", &[("a", "1 +"), ("b", "variables.a + 1")], &["variables.b == 1"]),
    ("broken-type", &[("a", "1 + 'x'")], &["variables.a == 1"]),
    (
        "list",
        &[("l", "[1, 2, 3].map(x, x * size(object.data))")],
        &["variables.l.all(x, x > 1)", "variables.l.sum() == 7"],
    ),
    (
        "map",
        &[("m", "{'a': 1, 'b': size(object.data)}")],
        &["variables.m.a == 2", "variables.m.c == 1", "variables.m.all(k, variables.m[k] == 2)"],
    ),
    (
        "map-of-dynamic",
        &[("m", "object.metadata.labels")],
        &["variables.m.app == 'db'", "variables.m.none == ''"],
    ),
    ("string", &[("s", "object.metadata.name")], &["variables.s.startsWith('x')", "variables.s.size() < 3"]),
    ("typed-string", &[("s", "string(size(object.data))")], &["variables.s == '2'", "variables.s == 1"]),
    (
        "typed-number",
        &[("n", "size(object.data)")],
        &["variables.n == 2", "variables.n == 'x'", "variables.n.startsWith('x')"],
    ),
    ("double", &[("n", "1.5")], &["variables.n > 2", "variables.n == 1.5"]),
    ("unsigned", &[("n", "3u")], &["variables.n > 5u", "variables.n == 3"]),
    ("bytes", &[("n", "b'abc'")], &["variables.n == b'abd'", "size(variables.n) == 4"]),
    (
        "timestamp",
        &[("t", "timestamp('2024-02-29T00:00:00Z')")],
        &["variables.t.getFullYear() == 2023", "variables.t > timestamp('2025-01-01T00:00:00Z')"],
    ),
    (
        "duration",
        &[("d", "duration('1h')")],
        &["variables.d > duration('2h')", "variables.d.getMinutes() == 61"],
    ),
    (
        "quantity",
        &[("q", "quantity('1Gi')")],
        &["variables.q.isLessThan(quantity('1Mi'))", "variables.q.compareTo(quantity('1Gi')) == 1"],
    ),
    ("url", &[("u", "url('https://example.com/a')")], &["variables.u.getHost() == 'x'"]),
    ("ip", &[("i", "ip('10.0.0.1')")], &["variables.i.family() == 6"]),
    ("semver", &[("v", "semver('1.2.3')")], &["variables.v.major() == 2"]),
    ("null", &[("n", "null")], &["variables.n == 1", "variables.n == null"]),
    ("dynamic-null", &[("n", "dyn(null)")], &["variables.n != null"]),
    ("type", &[("t", "type(object.metadata.name)")], &["variables.t == int"]),
    ("nested-list", &[("l", "[[1], [2, 3]]")], &["variables.l.exists(x, x.exists(y, y == 4))"]),
    (
        "in-macro",
        &[("n", "2")],
        &["[1, 2, 3].all(x, x < variables.n)", "[1, 2].exists(variables, variables == 3)"],
    ),
    ("same-name-twice-in-macro", &[("k", "object.data")], &["variables.k.all(k, variables.k[k] == 'slow')"]),
    (
        "reserved-looking-name",
        &[("object", "1"), ("request", "2")],
        &["variables.object == 2", "variables.request == 1"],
    ),
    (
        "authorizer",
        &[("a", "authorizer.group('apps').resource('deployments')")],
        &["variables.a.check('get').allowed()"],
    ),
    (
        "check",
        &[("a", "authorizer.requestResource.check('create')")],
        &["variables.a.allowed()", "variables.a.reason() == 'x'"],
    ),
    ("request", &[("r", "request")], &["variables.r.name == 'x'", "variables.r.nothing == 'x'"]),
    ("namespace", &[("n", "namespaceObject")], &["variables.n.metadata.name == 'x'"]),
    ("whole-as-map", &[("a", "1")], &["variables.all(v, true)"]),
    ("by-index", &[("a", "1")], &["variables['a'] == 2"]),
    ("in", &[("a", "1")], &["'a' in variables"]),
    (
        "ternary",
        &[("bad", "object.missing"), ("good", "1")],
        &["(size(object.data) == 1 ? variables.good : variables.bad) == 2"],
    ),
    (
        "read-often",
        &[("n", "object.metadata.name.size()")],
        &["variables.n + variables.n + variables.n == 1", "variables.n == 1"],
    ),
];

pub(super) fn all() -> Vec<Ask> {
    let mut asks = Vec::new();
    for (id, rows, expressions) in ROWS {
        asks.push(Ask::new(*id).spec(json!({"variables": variables(rows)})).expressions(expressions));
    }
    asks.push(Ask::new("in-every-part").spec(json!({
        "variables": variables(&[("mode", "object.data.mode"), ("bad", "string(object.missing)")]),
        "matchConditions": [{"name": "c", "expression": "variables.mode == 'fast'"}],
        "validations": [
            {"expression": "variables.mode == 'slow'", "messageExpression": "'mode is ' + variables.mode"},
            {"expression": "variables.mode == 'slow'", "messageExpression": "'bad is ' + variables.bad"},
        ],
        "auditAnnotations": [{"key": "mode", "valueExpression": "variables.mode"}, {"key": "bad", "valueExpression": "string(variables.bad)"}],
    })));
    asks.push(Ask::new("authorizer-in-message").spec(json!({
        "variables": variables(&[("may", "authorizer.requestResource.check('create').allowed()")]),
        "validations": [{"expression": "variables.may", "messageExpression": "'may: ' + string(variables.may)"}],
        "auditAnnotations": [{"key": "may", "valueExpression": "string(variables.may)"}],
    })));
    asks
}
