use super::{CostEstimate, SizeEstimate, Sizes, Unbounded, estimate};
use crate::cel::environment::{Env, Version};
use crate::cel::types::Type;

/// The estimate of an expression over a few variables, or the wrong answer when it does not check.
fn estimated(env: &Env, expression: &str, sizes: &dyn Sizes) -> (u64, u64) {
    let env = [
        ("text", "string"),
        ("texts", "list(string)"),
        ("table", "map(string, string)"),
        ("any", "dyn"),
        ("deep", "map(string, map(string, map(string, string)))"),
    ]
    .into_iter()
    .fold(env.clone(), |env, (name, kind)| env.with_variable(name, kind.parse().unwrap()));
    let checked = env.check(expression).unwrap();
    let CostEstimate { min, max } = estimate(&checked, &env, sizes);
    (min, max)
}

fn unbounded(expression: &str) -> (u64, u64) {
    estimated(&Env::kubernetes(Version::default()), expression, &Unbounded)
}

/// What an embedder knows: paths written with slashes, and sizes up to these.
struct Known(&'static [(&'static str, u64)]);

impl Sizes for Known {
    fn size(&self, path: &[&str], _: &Type) -> Option<SizeEstimate> {
        let (_, most) = self.0.iter().find(|(known, _)| *known == path.join("/"))?;
        Some(SizeEstimate::new(0, *most))
    }
}

fn bounded(expression: &str, known: &'static [(&'static str, u64)]) -> (u64, u64) {
    estimated(&Env::kubernetes(Version::default()), expression, &Known(known))
}

#[test]
fn what_is_written_down_costs_the_same_each_time() {
    assert_eq!(unbounded("1"), (0, 0));
    assert_eq!(unbounded("text"), (1, 1));
    assert_eq!(unbounded("table.a"), (2, 2));
    assert_eq!(unbounded("any.a"), (1, 1), "a field of an unknown type costs nothing");
    assert_eq!(unbounded("[1, 2]"), (10, 10));
    assert_eq!(unbounded("{'a': 1}"), (30, 30));
    assert_eq!(unbounded("'abcdefghijk' == 'a'"), (1, 1), "a comparison ends with the shorter text");
    assert_eq!(unbounded("['ab', 'c'].all(x, x == 'abc')"), (17, 21));
}

#[test]
fn what_may_be_of_any_size_may_cost_any_number() {
    assert_eq!(unbounded("texts.all(x, x == 'a')"), (2, u64::MAX));
    assert_eq!(
        unbounded("text + text"),
        (2, 1_844_674_407_370_955_266),
        "a tenth of what a double makes of it"
    );
    assert_eq!(unbounded("text.size() > 1 && text.contains(text)"), (3, u64::MAX));
}

#[test]
fn sizes_are_looked_up_by_paths() {
    let known =
        &[("texts", 4), ("texts/@items", 10), ("table", 5), ("table/@keys", 20), ("table/@values", 30)];
    assert_eq!(bounded("texts.all(x, x.contains('abc'))", known), (2, 22));
    assert_eq!(bounded("texts[0].contains('abc')", known), (2, 3));
    assert_eq!(bounded("table.all(k, k.contains('abc'))", known), (2, 32));
    assert_eq!(bounded("table['a'].contains('abc')", known), (2, 5));
    assert_eq!(bounded("texts.join(',').contains('abc')", known), (1, 11));
    assert_eq!(bounded("texts.filter(x, true)[0].contains('abc')", known), (13, 66));
}

/// The path of `k` has the memory of its longer one in common with that of `v`.
#[test]
fn a_key_may_be_looked_up_as_its_value() {
    let short = &[("table", 1), ("table/@keys", 100), ("table/@values", 200)];
    assert_eq!(bounded("table.all(k, v, 'a'.startsWith(k))", short), (2, 16));
    let long = &[("deep/a/b", 1), ("deep/a/b/@keys", 100), ("deep/a/b/@values", 200)];
    assert_eq!(bounded("deep.a.b.all(k, v, 'a'.startsWith(k))", long), (4, 28));
}

#[test]
fn a_name_ends_with_its_scope() {
    let known = &[("texts", 3), ("texts/@items", 50), ("text", 10)];
    assert_eq!(bounded("texts.all(text, text.contains('a')) && text.contains('a')", known), (2, 31));
    assert_eq!(bounded("texts.all(text, .text.contains('a'))", known), (2, 17));
}

#[test]
fn presence_costs_nothing_in_kubernetes() {
    assert_eq!(unbounded("has(table.a)"), (1, 1));
    assert_eq!(estimated(&Env::general(), "has(table.a)", &Unbounded), (2, 2));
}

#[test]
fn functions_cost_what_their_environment_says() {
    let known = &[("text", 100)];
    assert_eq!(bounded("text.lowerAscii()", known), (1, 11));
    assert_eq!(estimated(&Env::general(), "text.lowerAscii()", &Known(known)), (2, 112));
    assert_eq!(bounded("quantity(text) == quantity('1')", known), (3, 13));
}

/// The size of the result, told by the cost of walking over it.
#[test]
fn the_longest_replacement_is_found() {
    let size = |replace: &str| bounded(&format!("{replace}.matches('abcd')"), &[("text", 4)]);
    let walk = |length: u64| (length + 1).div_ceil(10);
    for (replace, call, least, most) in [
        ("'abc'.replace('', '_')", 1, 7, 7),
        ("'abc'.replace('a', '')", 1, 0, 3),
        ("'abcd'.replace('ab', 'cdef')", 1, 4, 8),
        ("'abcdefghij'.replace('a', 'bcdefghij')", 2, 10, 90),
        ("'abcdefghijabcdefghij'.replace('ab', 'c')", 4, 10, 20),
    ] {
        assert_eq!(size(replace), (call + walk(least), call + walk(most)), "{replace}");
    }
}

#[test]
fn nothing_passes_the_largest_number() {
    let nested = "texts.map(a, texts.map(b, texts.map(c, a + b + c)))";
    assert_eq!(unbounded(nested).1, u64::MAX);
    assert_eq!(unbounded("lists.range(9223372036854775807).sort()").1, u64::MAX);
    assert_eq!(SizeEstimate::UNKNOWN + SizeEstimate::fixed(1), SizeEstimate::new(1, u64::MAX));
    assert_eq!(SizeEstimate::UNKNOWN.as_cost(), CostEstimate::new(0, u64::MAX));
    assert_eq!(SizeEstimate::fixed(11).at(0.1), CostEstimate::fixed(2));
}
