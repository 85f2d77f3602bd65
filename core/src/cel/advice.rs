//! What to do about the most common mistakes in expressions. cel-go's own words stay as they are; this is beside them.

use super::environment::Env;
use super::issue::Issue;
use crate::diagnostic::nearest;

/// What may help with a problem of an expression.
///
/// ```
/// use kordon::cel::advice::advice;
/// use kordon::cel::environment::{Env, Version};
/// use kordon::cel::types::Type;
///
/// let env = Env::kubernetes(Version::NEWEST).with_variable("object", Type::Dyn);
/// let issues = env.check("obejct.spec.replicas <= 5").unwrap_err();
/// assert_eq!(advice(&env, &issues.issues[0]).as_deref(), Some("did you mean `object`?"));
/// ```
pub fn advice(env: &Env, issue: &Issue) -> Option<String> {
    let message = issue.message.as_str();
    if let Some(found) = message.strip_prefix("Syntax error: token recognition error at: '") {
        return match found.chars().next()? {
            '=' => Some("`==` compares; there is no assignment".to_owned()),
            '&' => Some("`&&` is and".to_owned()),
            '|' => Some("`||` is or".to_owned()),
            quote @ ('\'' | '"') => Some(format!(
                "the text that begins here does not end: close it with `{quote}`, and write `\\\\` for a backslash"
            )),
            _ => None,
        };
    }
    let name = message.strip_prefix("undeclared reference to '")?.split('\'').next()?;
    let variables = env.variables().iter().map(|variable| &*variable.name);
    let functions = env.functions().map(|function| function.name);
    let near = nearest(name, variables.chain(functions).filter(|known| is_written(known)))?;
    Some(format!("did you mean `{near}`?"))
}

/// Operators have names that nobody writes.
fn is_written(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cel::environment::Version;
    use crate::cel::types::Type;

    #[test]
    fn common_mistakes_are_advised() {
        let env = Env::kubernetes(Version::NEWEST).with_variable("object", Type::Dyn);
        let advice = |expression: &str| {
            let issues = env.check(expression).unwrap_err();
            advice(&env, &issues.issues[0])
        };
        let starts = |expression: &str, text: &str| {
            let advice = advice(expression);
            assert!(advice.as_deref().is_some_and(|advice| advice.starts_with(text)), "{advice:?}");
        };
        starts("object.a = 1", "`==` compares");
        starts("object.a & true", "`&&` is and");
        starts("object.a == 'b", "the text that begins here");
        starts("quantty('1').isGreaterThan(quantity('2'))", "did you mean `quantity`?");
        assert_eq!(advice("wholly.other"), None);
        assert_eq!(advice("1 + 'a'"), None);
    }
}
