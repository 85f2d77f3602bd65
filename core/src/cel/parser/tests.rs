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
