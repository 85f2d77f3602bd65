use super::*;

fn error(pattern: &str) -> String {
    let error = Regex::new(pattern).unwrap_err();
    error.strip_prefix("error parsing regexp: ").unwrap().to_owned()
}

fn finds(pattern: &str, text: &str) -> bool {
    Regex::new(pattern).unwrap().is_match(text)
}

#[test]
fn errors_read_as_in_go() {
    for (pattern, message) in [
        ("[", "missing closing ]: `[`"),
        ("(a", "missing closing ): `(a`"),
        ("a)", "unexpected ): `a)`"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("|*?", "missing argument to repetition operator: `*?`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a*??", "invalid nested repetition operator: `*??`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"),
        ("(a{100}){100}", "invalid repeat count: `{100}`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?i", "invalid or unsupported Perl syntax: `(?i`"),
        ("(?P<n", "invalid named capture: `(?P<n`"),
        ("(?<n-m>a)", "invalid named capture: `(?<n-m>`"),
        ("\\8", "invalid escape sequence: `\\8`"),
        ("\\x{110000}", "invalid escape sequence: `\\x{110000`"),
        ("\\", "trailing backslash at end of expression: ``"),
        ("[b-a]", "invalid character class range: `b-a`"),
        ("[[:word]:]]", "invalid character class range: `[:word]:]`"),
        ("\\pX", "invalid character class range: `\\pX`"),
        ("\\p{Old_Italic}", "invalid character class range: `\\p{Old_Italic}`"),
        ("\\p{Folds}", "invalid character class range: `\\p{Folds}`"),
    ] {
        assert_eq!(error(pattern), message);
    }
}

#[test]
fn levels_are_limited_as_in_go() {
    let nested = |levels: usize| format!("{}a{}", "(".repeat(levels), ")".repeat(levels));
    assert!(finds(&nested(999), "a"));
    assert!(error(&nested(1_000)).starts_with("expression nests too deeply: `(((("));
    // Groups that do not capture are no levels, what repeats them is.
    let repeated = |levels: usize| format!("{}a{}", "(?:".repeat(levels), ")*".repeat(levels));
    assert!(finds(&repeated(999), "a"));
    assert!(error(&repeated(1_000)).starts_with("expression nests too deeply"));
}

#[test]
fn classes_are_of_ascii_and_brackets_have_no_set_operations() {
    assert!(!finds(r"^\d$", "٣"));
    assert!(!finds(r"^\w$", "é"));
    assert!(finds("^[a&&b]$", "&"));
    assert!(finds("^[[a]$", "["));
    assert!(finds(r"^\Qa.b\E$", "a.b"));
    assert!(finds("^x{,2}$", "x{,2}"));
    assert!(finds("^(|a)$", ""));
    assert!(finds("a#b", "a#b"));
    assert!(finds("(?P<n>a)(?P<n>b)", "ab"));
}

#[test]
fn case_folds_as_in_go() {
    assert!(finds("(?i)^k$", "\u{212A}"));
    assert!(finds("(?i)^[^a-j]$", "k"));
    assert!(!finds("(?i)^[^k]$", "\u{212A}"));
    assert!(finds(r"(?i)^\w$", "ſ"));
    assert!(finds(r"(?i)^\p{Lu}$", "a"));
    assert!(!finds("(?i)^ß$", "ss"));
}

#[test]
fn an_empty_match_right_after_another_does_not_count() {
    let found: Vec<_> = Regex::new("a*").unwrap().find_all("baac").map(str::to_owned).collect();
    assert_eq!(found, ["", "aa", ""]);
}

/// Patterns are run by whichever program fits; both must find the same.
#[test]
fn the_machine_finds_what_the_automata_find() {
    let patterns = [
        "a*",
        "(a|b*)*",
        "(?:a*)+?b",
        "(|a)+",
        "a{2,4}?",
        "(a+)(b?)|(c)",
        r"\bé\B",
        "(?m)^a$",
        "(?i)k[^s]",
        r"\B",
        "x{0}",
        "(a{0,2}){1,3}c",
        "[^\\x00-\\x{10FFFF}]|b",
        "(?s).",
        "a|ab|abc",
        "(a|ab)(c|bcd)(d*)",
    ];
    let texts = ["", "a", "baac", "abcd", "aé b", "a\nb\na", "kK\u{212A}sſ", "ccaaab", "aaaaaaabc"];
    for pattern in patterns {
        let parsed = syntax::parse(pattern).unwrap();
        let with = |program| Regex {
            pattern: pattern.into(),
            length: pattern.chars().count() as u64,
            groups: parsed.groups as usize,
            with_groups: true,
            fixed: None,
            program: OnceLock::from(program),
        };
        let automaton = with(Program::new(&parsed, true));
        let machine = with(Program::machine(&parsed, true));
        assert!(matches!(automaton.program(), Program::Automaton(_)));
        for text in texts {
            assert_eq!(automaton.is_match(text), machine.is_match(text), "{pattern} on {text}");
            let (one, other) = (automaton.matches(text), machine.matches(text));
            assert_eq!(one.collect::<Vec<_>>(), other.collect::<Vec<_>>(), "{pattern} on {text}");
        }
    }
}

#[test]
fn what_is_too_large_for_automata_is_searched_all_the_same() {
    for pattern in
        [r"^[\pL\pN]{1,1000}$", r"^(\pL{500}){2}$|^a+$", &format!("{}a{}", "(".repeat(900), ")".repeat(900))]
    {
        let regex = Regex::new(pattern).unwrap();
        assert!(matches!(regex.program(), Program::Machine(_)), "{pattern}");
        assert!(regex.is_match("aaaa"));
    }
    assert!(error(&"[\\pL1]".repeat(16_000)).starts_with("expression too large"));
    assert!(error(&".{1000}".repeat(2_000)).starts_with("expression too large"));
}

#[test]
fn deep_patterns_need_little_stack() {
    let nested = format!("{}a{}", "(?:".repeat(998), "b?)*".repeat(998));
    let search = move || Regex::new(&nested).map(|regex| regex.is_match("ab"));
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(search).unwrap();
    assert!(thread.join().unwrap().is_err_and(|error| error.contains("nests too deeply")));
    let nested = format!("{}a{}", "(".repeat(998), ")*".repeat(499) + &")".repeat(499));
    let search = move || Regex::new(&nested).map(|regex| regex.is_match("ab"));
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(search).unwrap();
    let _ = thread.join().unwrap();
}
