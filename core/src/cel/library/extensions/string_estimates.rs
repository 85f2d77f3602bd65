//! What the string functions are estimated to cost.
//!
//! Sources: apiserver `library/cost.go` for the versions that Kubernetes has, cel-go `ext/strings.go` for the newest, and
//! cel-go `checker/cost.go` for `format` and `strings.quote`.

use crate::cel::ast::Literal;
use crate::cel::estimate::{CallEstimate, CostEstimate, EstimateCall, SizeEstimate};
use crate::go::to_uint64;

pub(super) const CHANGING: EstimateCall = |call| {
    let size = call.target_size()?;
    Some(CallEstimate::costs(size.at(0.1)).giving(size))
};

pub(super) const REPLACING: EstimateCall = |call| {
    let (text, part, by) = (call.target_size()?, call.arg_size(0)?, call.arg_size(1)?);
    let most = replaced(text.max, part.min, by.max, by.max <= part.min);
    let least = replaced(text.min, part.max, by.min, part.max <= by.min);
    Some(CallEstimate::costs(text.at(0.2)).giving(SizeEstimate::new(least, most)))
};

/// How long a text may become when parts of it are replaced; `unchanged` when that brings it no nearer to the bound.
fn replaced(text: u64, part: u64, by: u64, unchanged: bool) -> u64 {
    let (count, kept) = match part {
        // Nothing, as a part, is before and after each character.
        0 => (text.saturating_add(1), text),
        _ if unchanged => (0, text),
        _ => (to_uint64((text as f64 / part as f64).ceil()), 0),
    };
    count.saturating_mul(by).saturating_add(kept)
}

pub(super) const SPLITTING: EstimateCall = |call| {
    let text = call.target_size()?;
    let limit = match call.args.get(1).and_then(|limit| limit.literal) {
        // -1 is no limit, and the largest number.
        Some(Literal::Int(limit)) => *limit as u64,
        _ => text.max,
    };
    Some(CallEstimate::costs(text.at(0.2)).giving(SizeEstimate::new(0, limit)))
};

pub(super) const JOINING: EstimateCall = |call| {
    let (list, target) = (call.target_size()?, call.target?);
    let mut size = match call.elements(&target) {
        Some(element) => list * call.size(&element),
        None => SizeEstimate::default(),
    };
    if let Some(separator) = call.arg_size(0) {
        size = size + separator * SizeEstimate::new(list.min.saturating_sub(1), list.max.saturating_sub(1));
    }
    Some(CallEstimate::costs(size.at(0.1)).giving(size))
};

pub(super) const FORMATTING: EstimateCall = |call| Some(CallEstimate::costs(call.target?.known().at(0.1)));

/// Each character may have to be escaped; the quotes come on top. Both wrap in Go.
pub(super) const QUOTING: EstimateCall = |call| {
    let size = call.args.first()?.known();
    let quoted = SizeEstimate::new(size.min.wrapping_add(2), size.max.wrapping_mul(2).wrapping_add(2));
    Some(CallEstimate::costs(size.at(0.1)).giving(quoted))
};

/// The estimate of an overload in the newest version.
pub(super) fn newest(id: &str) -> EstimateCall {
    match id {
        "string_char_at_int" => ONE_CHARACTER,
        "string_replace_string_string" | "string_replace_string_string_int" => ALL_REPLACED,
        "string_split_string" | "string_split_string_int" => ALL_PARTS,
        "list_join" | "list_join_string" => ALL_JOINED,
        "string_substring_int" | "string_substring_int_int" => CUT_OUT,
        "string_trim" => SHORTENED,
        id if id.contains("index_of") => SEARCHED,
        _ => CHANGED_WHOLE,
    }
}

const CALL: CostEstimate = CostEstimate::fixed(1);

const ONE: SizeEstimate = SizeEstimate::fixed(1);

const ONE_CHARACTER: EstimateCall = |call| {
    let cost = call.target_size()?.at(0.1) + CALL + CALL;
    Some(CallEstimate::costs(cost).giving(SizeEstimate::new(0, 1)))
};

pub(super) const CHANGED_WHOLE: EstimateCall = |call| {
    let size = call.target_size()?;
    Some(CallEstimate::costs(size.at(0.1) + CALL + size.as_cost()).giving(size))
};

const SHORTENED: EstimateCall = |call| {
    let text = call.target_size()?;
    let size = SizeEstimate::new(0, text.max);
    Some(CallEstimate::costs(text.at(0.1) + CALL + size.as_cost()).giving(size))
};

const CUT_OUT: EstimateCall = |call| {
    let text = call.target_size()?;
    let start = call.args.first()?.as_count().unwrap_or(0);
    let end = call.args.get(1).and_then(|end| end.as_count()).unwrap_or(text.max);
    // A start beyond the end is no error yet, and wraps in Go.
    let size = SizeEstimate::fixed(end.wrapping_sub(start));
    Some(CallEstimate::costs(text.at(0.1) + CALL + size.as_cost()).giving(size))
};

pub(super) const SEARCHED: EstimateCall = |call| {
    let search = call.target_size()? * call.arg_size(0)?;
    Some(CallEstimate::costs(search.at(0.1) + CALL))
};

const ALL_REPLACED: EstimateCall = |call| {
    let text = call.target_size()?;
    let search = at_least_one(text) * at_least_one(call.arg_size(0)?);
    let by = call.arg_size(1)? + ONE;
    let size = SizeEstimate::new(text.min.min(by.min), text.max.saturating_add(1).saturating_mul(by.max));
    Some(CallEstimate::costs(search.at(0.1) + size.as_cost() + CALL).giving(size))
};

fn at_least_one(size: SizeEstimate) -> SizeEstimate {
    SizeEstimate::new(size.min.max(1), size.max.max(1))
}

const ALL_PARTS: EstimateCall = |call| {
    let text = call.target_size()?;
    let size = SizeEstimate::new(0, text.max);
    let list = size.as_cost() + CostEstimate::fixed(10);
    Some(CallEstimate::costs((text + ONE).at(0.1) + list + CALL).giving(size))
};

const ALL_JOINED: EstimateCall = |call| {
    let list = call.target_size()?;
    let separator = call.arg_size(0).unwrap_or_default().max;
    let longest = list.max.saturating_mul(separator.saturating_add(1)).saturating_add(separator);
    let size = SizeEstimate::new(0, longest);
    Some(CallEstimate::costs((list + ONE).at(0.1) + size.as_cost() + CALL).giving(size))
};
