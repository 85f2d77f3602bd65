//! Expressions that try to exhaust the memory end before they take much of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use kordon::cel::environment::{Env, Version};
use kordon::cel::program::{Activation, PER_CALL_LIMIT};
use kordon::cel::regex::Regex;
use kordon::cel::types::Type;
use kordon::cel::value::{Arena, Val};
use kordon::document::{Limits, Object};

/// Of an evaluation, with the last chunk of its arena, which may be as large as all before.
const EVALUATION: u64 = 640 << 20;

/// Of a pattern, while it is read and built.
const PATTERN: u64 = 96 << 20;

fn most(run: impl FnOnce()) -> u64 {
    allocation_counter::measure(run).bytes_max
}

#[test]
fn evaluations_are_bounded() {
    let numbers: Vec<String> = (0..1_000).map(|number| number.to_string()).collect();
    let list = Object::from_json(format!("[{}]", numbers.join(",")).as_bytes(), &Limits::default()).unwrap();
    let text =
        Object::from_json(format!("\"{}\"", "a".repeat(20_000)).as_bytes(), &Limits::default()).unwrap();
    let env = Env::kubernetes(Version::default()).with_variable("l", Type::Dyn).with_variable("s", Type::Dyn);
    let slots = [&list, &text].map(|object| Some(Val::from_node(object.root())));
    for expression in [
        "s.replace('', s)".to_owned(),
        "l.map(x, s).join(s).size()".to_owned(),
        "l.map(x, s.replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')).size()".to_owned(),
        "l.map(x, lists.range(100000)).size()".to_owned(),
        format!("[s]{}", ".map(x, x + x)".repeat(30)),
        format!("[[1]]{}.map(x, x.sum())", ".map(x, x + x)".repeat(60)),
        format!("[[1]]{}.map(x, x.reverse())", ".map(x, x + x)".repeat(60)),
        format!("[[1]]{}.map(x, '%s'.format([x]))", ".map(x, x + x)".repeat(60)),
        format!("[l]{}.map(x, x.flatten(40).size())", ".map(x, [x, x])".repeat(30)),
        format!("[l.map(x, x)]{}", ".map(x, [x, x, x, x])".repeat(30)),
    ] {
        let program = env.compile(&expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
        let bytes = most(|| {
            let arena = Arena::new();
            program.eval(&Activation::new(&slots, &arena), PER_CALL_LIMIT);
        });
        assert!(bytes < EVALUATION, "{expression} takes {bytes} bytes");
    }
}

#[test]
fn patterns_are_bounded() {
    for pattern in [
        r"\pL{1000}".to_owned(),
        r"\pL".repeat(33_000),
        r"[\pL1]".repeat(16_000),
        ".{1000}".repeat(1_000),
        "(?i)".to_owned() + &"[a-z]".repeat(20_000),
        (0..25_000_u32).filter_map(|code| char::from_u32(0x4E00 + code)).map(|c| format!("{c}|")).collect(),
        format!("{}a{}", "(".repeat(900), ")".repeat(900)),
    ] {
        let short: String = pattern.chars().take(30).collect();
        let bytes = most(|| drop(Regex::new(&pattern).map(|regex| regex.is_match("aaaaaaaaaa"))));
        assert!(bytes < PATTERN, "{short} takes {bytes} bytes");
    }
}
