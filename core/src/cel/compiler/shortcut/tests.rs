//! What a shortcut finds is what the instructions find that it stands for, in value, error and cost.

use crate::cel::environment::{Env, Version};
use crate::cel::program::{Activation, Encoded, Op, PER_CALL_LIMIT, Program};
use crate::cel::types::Type;
use crate::cel::value::{Arena, Val};
use crate::document::{Limits, Object, ObjectBuilder, Projection};

/// Conditions that have a shortcut, as a whole or in part.
const CONDITIONS: &[&str] = &[
    "object.n <= 5",
    "5 > object.n",
    "object.n != 3",
    "object.n == 3 && object.s != ''",
    "object.b || object.n < 0",
    "!object.b || !has(object.s)",
    "has(object.m) && has(object.m.x) && object.m.x",
    "has(object.m) ? object.m.x : object.n > 2",
    "has(object.m) && has(object.m.x) ? true : false",
    "object.l.all(x, x.startsWith('a'))",
    "object.l.exists(x, x == 'ab')",
    "object.l.all(x, x.matches('^a+$') || x.endsWith('b') || x.contains('é'))",
    "object.l.all(x, object.l.exists(y, y == 'ab') && x in ['a', 'ab'])",
    "object.l.exists(x, x in object.l && x in object.m)",
    "['x', 'y'].all(k, has(object.m) && k in object.m)",
    "['x', 'y'].exists(k, k in object.m && object.l.all(x, x.size() < 3))",
    "'x' in object.m && !('z' in object.m)",
    "object.l.size() > 0 && size(object.s) == 2 && object.m.size() >= 1",
    "has(object.o) && object.o.all(c, has(c.r) && has(c.r.l) && has(c.r.l.q))",
    "!has(object.o) || !object.o.exists(v, has(v.r) && v.r.ok == true)",
    "object.o.all(c, c.r.l.all(d, d.q == 1) || c.n > 1)",
    "object.o.all(c, has(object.m.x) && c.n > 0) && object.m.x",
    "object.o.exists_one(c, has(c.r) && c.n > 1)",
    "object.o.map(c, c.n > 0 && c.n < 3)",
    "object.o.filter(c, has(c.r) && has(c.r.l)).size() == 1",
    "(object.l + ['b']).all(x, x.startsWith('a') || x == 'b')",
    "object.l.map(x, x + 'a').all(x, x.endsWith('a') && x != 'q')",
    "string(object.n) == '3' && (has(object.m) && object.m.x)",
    "optional.of(object.m).hasValue() && (has(object.m.x) && object.m.x)",
    "object.?m.x.orValue(false) || object.n > 1 && object.n < 9",
    "object.l[0] == 'a' && object.l.all(x, x != '')",
    "object.k1 && object.k2 && object.k3 && object.k9 && object.k11 && 'k12' in object",
];

const OBJECTS: &[&str] = &[
    r#"{}"#,
    r#"[]"#,
    r#"3"#,
    r#"{"n": 3, "s": "ab", "b": true, "m": {"x": true, "y": 1}, "l": ["a", "ab"], "o": []}"#,
    r#"{"n": 9, "s": "", "b": false, "m": {"x": false}, "l": [], "o": [{"n": 1}]}"#,
    r#"{"n": 3.5, "s": 1, "b": "true", "m": [], "l": {"a": 1}, "o": {"n": 1}}"#,
    r#"{"n": null, "s": null, "b": null, "m": null, "l": null, "o": null}"#,
    r#"{"n": "3", "s": "éé", "b": false, "m": {"y": 2, "x": 1}, "l": ["é", "aaaaaaaaaaaé", "b"], "o": [1]}"#,
    r#"{"n": 3, "s": "ab", "l": ["a", 1, "b"], "o": [{"n": 2, "r": {"l": {"q": 1}, "ok": true}}, {"r": 1}]}"#,
    r#"{"n": -3, "m": {"x": true}, "l": ["", "a"], "o": [{"n": 2, "r": {"l": [{"q": 1}, {"q": 2}]}}]}"#,
    r#"{"n": 1, "m": {"x": true}, "o": [{"n": 2, "r": {"l": {"q": 1}}}, {"n": 0, "r": {"l": {"q": null}}}]}"#,
    r#"{"k1": true, "k2": true, "k3": true, "k4": 1, "k5": 1, "k6": 1, "k7": 1, "k8": 1, "k9": true, "k10": 1, "k11": true, "k12": 1}"#,
];

fn compiled(env: &Env, text: &str) -> Program {
    env.compile(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn env() -> Env {
    Env::kubernetes(Version::default()).with_variable("object", Type::Dyn)
}

#[test]
fn shortcuts_find_what_the_instructions_find() {
    let (with, without) = (env(), env().without_shortcuts());
    let mut taken = 0;
    for text in CONDITIONS {
        let (short, long) = (compiled(&with, text), compiled(&without, text));
        assert!(short.ops.iter().any(|op| matches!(op, Op::Shortcut(_))), "no shortcut in {text}");
        assert!(!long.ops.iter().any(|op| matches!(op, Op::Shortcut(_))));
        for json in OBJECTS {
            let object = Object::from_json(json.as_bytes(), &Limits::default()).unwrap();
            let slots = [Some(Val::from_node(object.root()))];
            let arena = Arena::new();
            let activation = Activation::new(&slots, &arena);
            let expected = long.eval(&activation, PER_CALL_LIMIT);
            let limits = (0..expected.cost.min(60) + 3).chain([PER_CALL_LIMIT, u64::MAX]);
            for limit in limits {
                let (found, expected) = (short.eval(&activation, limit), long.eval(&activation, limit));
                assert_eq!(
                    (format!("{:?}", found.value), found.cost),
                    (format!("{:?}", expected.value), expected.cost),
                    "{text} of {json} within {limit}"
                );
            }
            taken += u32::from(crate::cel::vm::takes_shortcut(&short, &activation, PER_CALL_LIMIT));
        }
    }
    assert!(taken > 60, "only {taken} are taken");
}

#[test]
fn what_runs_behind_a_shortcut_is_found_at_its_place() {
    let text = "object.l.map(x, x.size() > 0 && x != 'b' ? 1 : 2) + [object.n > 1 && object.n < 5 ? 1 : 0]";
    let (short, long) = (compiled(&env(), text), compiled(&env().without_shortcuts(), text));
    assert_eq!(short.ops.iter().filter(|op| matches!(op, Op::Shortcut(_))).count(), 2);
    let object = Object::from_json(br#"{"l": ["a", "", "b"], "n": 3}"#, &Limits::default()).unwrap();
    let slots = [Some(Val::from_node(object.root()))];
    let arena = Arena::new();
    let activation = Activation::new(&slots, &arena);
    let (found, expected) = (short.eval(&activation, 1_000), long.eval(&activation, 1_000));
    assert!(matches!(found.value, Val::List(_)), "{found:?}");
    assert!(found.value.equal(&expected.value) && found.cost == expected.cost, "{found:?} {expected:?}");
}

#[test]
fn long_conditions_are_shortened_in_parts() {
    let text = vec!["object.n > 1"; 600].join(" && ");
    let (short, long) = (compiled(&env(), &text), compiled(&env().without_shortcuts(), &text));
    let object = Object::from_json(br#"{"n": 3}"#, &Limits::default()).unwrap();
    let slots = [Some(Val::from_node(object.root()))];
    let arena = Arena::new();
    let activation = Activation::new(&slots, &arena);
    let (found, expected) = (short.eval(&activation, 9_000), long.eval(&activation, 9_000));
    assert!(matches!(found.value, Val::Bool(true)), "{found:?}");
    assert_eq!(found.cost, expected.cost);
}

#[test]
fn what_is_not_projected_is_not_missed() {
    let env = env();
    let mut left_out = 0;
    for text in CONDITIONS {
        let program = compiled(&env, text);
        let mut fields = Projection::default();
        program.project(0, &mut fields);
        for json in OBJECTS {
            let limits = Limits::default();
            let whole = Object::from_json(json.as_bytes(), &limits).unwrap();
            let mut builder = ObjectBuilder::new(limits);
            let part =
                builder.read_json_projected(json.as_bytes(), Object::default(), &limits, &fields).unwrap();
            let arena = Arena::new();
            let [whole_slots, part_slots] =
                [&whole, &part].map(|object| [Some(Val::from_node(object.root()))]);
            let expected = program.eval(&Activation::new(&whole_slots, &arena), PER_CALL_LIMIT);
            let found = program.eval(&Activation::new(&part_slots, &arena), PER_CALL_LIMIT);
            let shown = |value: &Val<'_>| serde_json::to_string(&Encoded(value)).unwrap();
            assert_eq!(
                (shown(&found.value), found.cost),
                (shown(&expected.value), expected.cost),
                "{text} of {json}"
            );
            left_out += u32::from(format!("{part:?}").len() < format!("{whole:?}").len());
        }
    }
    assert!(left_out > 100, "only {left_out} documents are smaller");
}
