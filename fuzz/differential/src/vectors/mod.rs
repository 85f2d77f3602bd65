//! Questions about ValidatingAdmissionPolicies, by what they are about, about estimated costs and about manifests. The
//! oracle's answers are recorded.

mod actions;
mod admit;
mod annotations;
mod ask;
mod authorizer;
mod budgets;
mod compiling;
mod conditions;
mod converting;
mod estimates;
mod matching;
mod messages;
mod params;
mod request;
mod validating;
mod variables;

pub use admit::admit;
use ask::Ask;
pub use estimates::estimates;
use serde_json::Value;

/// What questions are about, and the questions.
type Room = (&'static str, fn() -> Vec<Ask>);

/// All of them.
pub fn vap() -> Vec<Value> {
    let rooms: [Room; 12] = [
        ("messages", messages::all),
        ("conditions", conditions::all),
        ("params", params::all),
        ("matching", matching::all),
        ("converting", converting::all),
        ("variables", variables::all),
        ("budgets", budgets::all),
        ("annotations", annotations::all),
        ("actions", actions::all),
        ("compiling", compiling::all),
        ("request", request::all),
        ("authorizer", authorizer::all),
    ];
    rooms.into_iter().flat_map(|(room, all)| all().into_iter().map(move |ask| ask.question(room))).collect()
}
