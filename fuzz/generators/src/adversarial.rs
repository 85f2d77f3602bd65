//! Expressions that try to exhaust the stack, the memory or the time of whoever reads and evaluates them. Each must end
//! with a value or an error. The variables: `l`, a list of a thousand numbers, `s`, a text of 20,000 letters, and `d`, a
//! list 900 levels deep.

/// The variables as JSON.
pub fn variables() -> [(&'static str, String); 3] {
    let numbers: Vec<String> = (0..1_000).map(|number| number.to_string()).collect();
    let deep = format!("{}1{}", "[".repeat(900), "]".repeat(900));
    [("l", format!("[{}]", numbers.join(","))), ("s", format!("\"{}\"", "a".repeat(20_000))), ("d", deep)]
}

/// All of them, at most 100,000 characters each, and one of more.
pub fn expressions() -> Vec<String> {
    let mut all: Vec<String> = BLOW_UPS.iter().map(|text| (*text).to_owned()).collect();
    for &(start, inside, end) in NESTED {
        let longest = 100_000 / (start.len() + end.len());
        for times in [125, 250, 251, longest] {
            let times = times.min(longest);
            all.push(format!("{}{inside}{}", start.repeat(times), end.repeat(times)));
        }
    }
    for &(first, link) in CHAINS {
        let longest = (100_000 - first.len()) / link.len();
        for times in [250, 251, longest] {
            all.push(format!("{first}{}", link.repeat(times)));
        }
    }
    for &(start, step, times, end) in DOUBLING {
        all.push(format!("{start}{}{end}", step.repeat(times)));
    }
    all.push("a".repeat(100_001));
    all
}

/// What stands around something, and the innermost.
const NESTED: &[(&str, &str, &str)] = &[
    ("(", "1", ")"),
    ("[", "1", "]"),
    ("{1:", "1", "}"),
    ("string(", "1", ")"),
    ("dyn([", "1", "])"),
    ("[1].all(x, ", "true", ")"),
    ("[1].map(x, ", "1", ")"),
    ("[1].map(x, true, ", "1", ")"),
    ("[1].filter(x, ", "true", ")"),
    ("[1].exists_one(x, ", "true", ")"),
    ("[1].transformList(i, x, ", "1", ")"),
    ("{1: 1}.transformMap(k, v, ", "1", ")"),
    ("optional.of(1).optMap(x, ", "1", ")"),
    ("optional.of(", "1", ")"),
    ("true ? ", "1", " : 2"),
    ("(1 + ", "1", ")"),
    ("(true && (false || ", "true", "))"),
    ("l[?", "0", "]"),
    ("has(", "l.a", ")"),
    ("-(", "1", ")"),
    ("[?", "optional.of(1)", "]"),
    ("google.protobuf.Int32Value{value: ", "1", "}"),
    ("type(", "1", ")"),
];

/// A beginning and what is added to it again and again.
const CHAINS: &[(&str, &str)] = &[
    ("l", ".a"),
    ("l", "[0]"),
    ("l", ".?a"),
    ("1", "+1"),
    ("1", "*1"),
    ("'a'", "+'b'"),
    ("1", " == 1"),
    ("1", " in [1]"),
    ("true", " && true"),
    ("false", " || false"),
    ("u", " || u"),
    ("true", " ? true : false"),
    ("'a'", ".trim()"),
    ("[1]", ".map(x, x)"),
    ("[1", ", 1"),
    ("[u", ", u"),
    ("1", " 1"),
    ("", "!"),
    ("", "-"),
    ("", "("),
    ("", ")"),
    ("", "["),
    ("", "{"),
    ("", "$"),
    ("", "\\"),
    ("", "'"),
    ("", "'\\x"),
    ("", "`"),
    ("", "a ? "),
    ("", "[1].map(x, "),
    ("", "f("),
    ("", "\n"),
    ("1", "1"),
    ("1.", "1"),
    ("1e", "9"),
    ("0x", "f"),
    ("a", "a"),
    ("//", "/"),
    ("'a'.matches('", "(a|"),
    ("'a'.matches('", "((a{1,10}){1,10}){1,10}"),
    ("'a'.matches('", "[\\\\pL1]"),
];

/// Lists and texts that double.
const DOUBLING: &[(&str, &str, usize, &str)] = &[
    ("[[1, 2]]", ".map(x, x + x)", 60, ""),
    ("[[1, 2]]", ".map(x, x + x)", 70, ".map(x, x.size())"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, x.sum())"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, x.indexOf(3))"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, x.all(y, y > 0))"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, x.distinct())"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, x.reverse())"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, x.sort())"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, x.includes(3))"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, x.slice(0, 1000000000))"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, [x].flatten())"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, sets.contains(x, [3]))"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, 3 in x)"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, x == x)"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, x.isSorted())"),
    ("[[1, 2]]", ".map(x, x + x)", 60, ".map(x, x.max())"),
    ("[['']]", ".map(x, x + x)", 60, ".map(x, x.join())"),
    ("[['a']]", ".map(x, x + x)", 60, ".map(x, x.join(s))"),
    ("[['a']]", ".map(x, x + x)", 60, ".map(x, '%s'.format([x]))"),
    ("[['a']]", ".map(x, x + x)", 60, ".map(x, x.sort())"),
    ("['a']", ".map(x, x + x)", 60, ""),
    ("[s]", ".map(x, x + x)", 60, ""),
    ("optional.of(1)", ".optMap(x, x)", 60, ""),
    ("[l]", ".map(x, [x] + [x])", 30, ".map(x, x.flatten(40).size())"),
    ("[l]", ".map(x, [x, x])", 30, ".map(x, x.flatten(40).size())"),
    ("[l]", ".map(x, [x, x])", 30, ".map(x, '%s'.format([x]).size())"),
];

const BLOW_UPS: &[&str] = &[
    "l.all(a, l.all(b, l.all(c, true)))",
    "l.map(a, l.map(b, l))",
    "l.map(a, l).map(b, l).map(c, l)",
    "s.replace('', s)",
    "s.replace('a', s)",
    "l.map(x, s.replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')).size()",
    "s.split('').join(s)",
    "l.map(x, s).join(s).size()",
    "l.map(x, s.split('')).size()",
    "l.map(x, [1, 2, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x]).size()",
    "'%.1000000000f'.format([1.0])",
    "'%.9999f'.format([1.0])",
    "'%s'.format([d])",
    "lists.range(1000000000)",
    "l.map(x, lists.range(100000)).size()",
    "lists.range(1000).map(x, lists.range(1000)).size()",
    "s.findAll('').size()",
    "s.matches('(a*)*b')",
    "s.matches('(a|a)*b')",
    "s.matches('(.*)(.*)(.*)(.*)(.*)[b]')",
    "s.matches('(((a{1,10}){1,10}){1,10})b')",
    "s.substring(0, 300).matches('^[\\\\pL\\\\pN]{1,1000}$')",
    "quantity('1e999999999')",
    "duration('9999999999h')",
    "d == d",
    "d in [d]",
    "[d, d].distinct().size()",
    "d.flatten(1000).size()",
    "{'a': d} == {'a': d}",
    "l.map(x, s + s).size()",
    "l.map(x, '%s'.format([l])).size()",
    "l.map(x, strings.quote(s)).size()",
    "l.map(x, sets.contains(l, l)).size()",
    "l.transformMapEntry(i, x, {x: l}).size()",
];
