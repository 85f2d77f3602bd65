use crate::cel::environment::Env;
use crate::cel::program::{Activation, PER_CALL_LIMIT};
use crate::cel::value::{Arena, Val};

fn shown(expression: &str) -> String {
    let arena = Arena::new();
    let env = Env::general();
    let Ok(program) = env.compile(expression) else { return "no program".to_owned() };
    let evaluation = program.eval(&Activation::new(&[], &arena), PER_CALL_LIMIT);
    match evaluation.value {
        Val::Error(error) => error.to_string(),
        value => crate::cel::value::plain(&value),
    }
}

#[test]
fn groups_are_extracted_and_replaced() {
    assert_eq!(shown("regex.extract('id:123, id:456', r'id:(\\d+)').value()"), "123");
    assert_eq!(shown("regex.extractAll('id:123, id:456', r'id:(\\d+)') == ['123', '456']"), "true");
    assert_eq!(shown("regex.extract('a', 'b').hasValue()"), "false");
    assert_eq!(shown("regex.replace('hello world', '(h)(e)', r'\\2\\1')"), "ehllo world");
    assert_eq!(shown("regex.replace('banana', 'a', 'x', 2)"), "bxnxna");
    assert_eq!(shown("regex.replace('é-é', 'é', '<\\\\0>')"), "<é>-<é>");
}

#[test]
fn what_cannot_be_extracted_says_why() {
    let error = shown("regex.extract('a', '(a)(b)')");
    assert_eq!(error, "regular expression has more than one capturing group: \"(a)(b)\"");
    let error = shown("regex.replace('a', '(a)', r'\\2')");
    assert_eq!(error, "replacement string references group 2 but regex has only 1 group(s)");
}
