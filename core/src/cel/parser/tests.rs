use super::{ParserOptions, parse};
use crate::cel::ast::{ExprKind, Literal};
use proptest::prelude::*;

fn issue(source: &str) -> String {
    parse(source, &ParserOptions::ALL).unwrap_err().to_string()
}

#[test]
fn errors_read_as_in_cel_go() {
    assert_eq!(
        issue("1 +"),
        "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', \
         'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 +\n | ...^"
    );
    assert!(issue("has(a)").starts_with("ERROR: <input>:1:5: invalid argument to has() macro"));
    assert!(issue("[1].all(x.y, true)").contains(":1:10: argument must be a simple name"));
    assert!(issue("--9223372036854775808").starts_with("ERROR: <input>:1:3: invalid int literal"));
    assert!(issue("a.if + while").contains("reserved identifier: while"));
}

/// Recorded from cel-go: message after place, without the excerpts.
#[test]
fn all_faults_are_told_at_once() {
    let operands = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, \
                    STRING, BYTES, IDENTIFIER}";
    let told = |source: &str| -> Vec<String> {
        let issue = issue(source);
        let lines = issue.lines().filter_map(|line| line.strip_prefix("ERROR: <input>:"));
        lines.map(|line| line.replace("Syntax error: ", "").replace(operands, "OPERAND")).collect()
    };
    for (source, expected) in [
        ("", &["1:0: mismatched input '<EOF>' expecting OPERAND"][..]),
        ("<x", &["1:1: extraneous input '<' expecting OPERAND"]),
        ("a-z]')", &["1:4: extraneous input ']' expecting <EOF>", "1:5: token recognition error at: '')'"]),
        ("object.kind[?a']", &["1:15: token recognition error at: '']'", "1:17: missing ']' at '<EOF>'"]),
        ("-2.+25", &["1:4: no viable alternative at input '.+'"]),
        ("a = b", &["1:3: token recognition error at: '= '", "1:5: extraneous input 'b' expecting <EOF>"]),
        ("a.true", &["1:3: mismatched input 'true' expecting IDENTIFIER"]),
        ("(1 + , 2", &["1:6: extraneous input ',' expecting OPERAND", "1:9: missing ')' at '<EOF>'"]),
        ("if (a) b", &["1:1: reserved identifier: if", "1:8: extraneous input 'b' expecting <EOF>"]),
        (
            "has({}.?x.y?)",
            &["1:12: invalid argument to has() macro", "1:13: mismatched input ')' expecting OPERAND"],
        ),
    ] {
        assert_eq!(told(source), expected, "{source}");
    }
}

#[test]
fn reading_on_has_limits() {
    let nested = format!("[{}]", "* *, ".repeat(40));
    assert!(issue(&nested).contains("error recovery attempt limit exceeded: 30"), "{}", issue(&nested));
    let passed = format!("a[{}]", "1 ".repeat(400));
    assert!(issue(&passed).contains("error recovery token lookahead limit exceeded: 256"));
}

#[test]
fn nesting_has_a_limit_and_no_overflow() {
    for source in [
        format!("{}1{}", "(".repeat(40_000), ")".repeat(40_000)),
        format!("{}1{}", "[".repeat(30_000), "]".repeat(30_000)),
        format!("{}1", "(1+".repeat(20_000)),
    ] {
        assert_eq!(issue(&source), "ERROR: <input>:-1:0: expression recursion limit exceeded: 250");
    }
    // Chains are read in a loop and counted afterwards.
    for chain in [("a", ".a"), ("1", "+1"), ("1", "<1")] {
        let source = |links| format!("{}{}", chain.0, chain.1.repeat(links));
        assert!(parse(&source(250), &ParserOptions::ALL).is_ok());
        assert_eq!(issue(&source(251)), "ERROR: <input>:-1:0: max recursion depth exceeded");
        assert_eq!(issue(&source(20_000)), "ERROR: <input>:-1:0: max recursion depth exceeded");
    }
    assert!(
        parse(&format!("{}1{}", "[1].map(x, ".repeat(249), ")".repeat(249)), &ParserOptions::ALL).is_ok()
    );
    assert!(parse(&format!("{}true", "!".repeat(50_000)), &ParserOptions::ALL).is_ok());
    assert!(parse(&vec!["a"; 20_000].join("&&"), &ParserOptions::ALL).is_ok());
}

#[test]
fn one_minus_belongs_to_the_number() {
    let ast = parse("-9223372036854775808", &ParserOptions::ALL).unwrap();
    assert!(matches!(ast.expr(ast.root).unwrap().kind, ExprKind::Literal(Literal::Int(i64::MIN))));
}

#[test]
fn strings_in_every_form() {
    for (source, expected) in [
        (r#"'a\n\x41\u00e9\101'"#, "a\nAéA"),
        (r#"r'a\n'"#, "a\\n"),
        ("'''it's\n'''", "it's\n"),
        ("\"\"\"a\"b\"\"\"", "a\"b"),
    ] {
        let ast = parse(source, &ParserOptions::ALL).unwrap();
        let ExprKind::Literal(Literal::String(text)) = &ast.expr(ast.root).unwrap().kind else {
            panic!("{source}")
        };
        assert_eq!(&**text, expected);
    }
}

proptest! {
    #[test]
    fn never_panics_and_children_come_first(source in r#"[a-c0-9 .,?:()\[\]{}+*/%!<>=&|'"-]{0,60}"#) {
        if let Ok(ast) = parse(&source, &ParserOptions::ALL) {
            for (at, node) in ast.nodes.iter().enumerate() {
                prop_assert!(node.span.end as usize <= source.len());
                if let ExprKind::Call { target, args, .. } = &node.kind {
                    prop_assert!(target.iter().chain(args).all(|child| (child.0 as usize) < at));
                }
            }
        }
    }
}

#[test]
fn a_block_of_very_many_parts_is_refused() {
    let parts = vec!["1"; 30_000].join(",");
    let expression = format!("cel.block([{parts}], optional.of(cel.index(0))).optMap(a, a)");
    let issues = parse(&expression, &ParserOptions::ALL).unwrap_err();
    assert!(issues.to_string().contains("max recursion depth exceeded"));
    assert!(parse("cel.block([1, cel.index(0)], cel.index(1))", &ParserOptions::ALL).is_ok());
}
