//! Calls of library functions, and literals of lists and maps.

use super::accepts::accepts;
use super::fold::go_type;
use super::machine::{Machine, Stop};
use crate::cel::program::{
    Call, CostNeeds, Dispatch, LIST_COST, MAP_COST, MESSAGE_COST, MakeList, MakeMap, MakeMessage,
};
use crate::cel::protobuf::make;
use crate::cel::value::{Arena, Error, List, Map, Val, plain};

/// Elements that only a list made of lists has; its parts are shared, so that doubling it takes no memory.
const LONG: usize = 1 << 20;

impl<'a> Machine<'a> {
    /// Takes the arguments from the stack and leaves the result.
    pub(super) fn call(&mut self, call: &'a Call) -> Result<(), Stop<'a>> {
        let from = self.stack.len().saturating_sub(call.args as usize);
        let args = self.stack.get(from..).unwrap_or_default();
        let failed = args.iter().find(|arg| matches!(arg, Val::Error(_)));
        // What takes longer than it may cost is not begun.
        if args.iter().any(|arg| matches!(arg, Val::List(list) if list.len() > LONG)) {
            let least = call.cost.map_or(1, |cost| cost(args, &Val::String("")));
            if self.exceeds(least) {
                return self.charge(least);
            }
        }
        let result = match failed {
            Some(error) => *error,
            None => dispatch(call, args, self.arena),
        };
        if failed.is_none() && matches!(result, Val::Error(Error::CostLimitExceeded)) {
            return Err(Stop::CostLimit);
        }
        if let Some(needs) = call.cost_needs {
            self.cost_needs(needs, args)?;
        }
        let cost = call.cost.map_or(1, |cost| cost(args, &result));
        self.stack.truncate(from);
        self.charge(cost)?;
        self.check_memory()?;
        self.stack.push(result);
        Ok(())
    }

    /// The panic of a cost function whose argument is not what it takes for granted.
    fn cost_needs(&self, needs: CostNeeds, args: &[Val<'a>]) -> Result<(), Stop<'a>> {
        let (kind, wanted) = match needs {
            CostNeeds::List(at) => match args.get(at) {
                None | Some(Val::List(_)) => return Ok(()),
                // Go names the first method that is missing, in the order of their names.
                Some(value) if has_add(value) => (go_type(value), "traits.Lister: missing method Contains"),
                Some(value) => (go_type(value), "traits.Lister: missing method Add"),
            },
            CostNeeds::Int(at) => match args.get(at) {
                None | Some(Val::Int(_)) => return Ok(()),
                Some(value) => (go_type(value), "types.Int"),
            },
        };
        let text = match needs {
            CostNeeds::List(_) => format!("internal error: interface conversion: {kind} is not {wanted}"),
            CostNeeds::Int(_) => {
                format!("internal error: interface conversion: ref.Val is {kind}, not {wanted}")
            }
        };
        let text: &'a str = self.arena.alloc_str(&text);
        Err(Stop::Internal(self.arena.alloc(text)))
    }

    /// Drops an incomplete gathering of arguments, keeping the error that ended it.
    pub(super) fn abandon(&mut self, below: u32) {
        let error = self.pop();
        self.stack.truncate(self.stack.len().saturating_sub(below as usize));
        self.stack.push(error);
    }

    pub(super) fn make_list(&mut self, list: &'a MakeList) -> Result<(), Stop<'a>> {
        self.charge(LIST_COST)?;
        self.check_memory()?;
        let from = self.stack.len().saturating_sub(list.count as usize);
        let gathered = self.stack.get(from..).unwrap_or_default();
        let value = list_of(gathered, &list.optional, self.arena);
        self.stack.truncate(from);
        self.stack.push(value);
        Ok(())
    }

    pub(super) fn check_optional(&mut self, entry: bool) {
        let key = self.stack.iter().rev().nth(1).copied().filter(|_| entry);
        if let Some(value) =
            self.stack.last_mut().filter(|top| !matches!(top, Val::Optional(_) | Val::Error(_)))
        {
            *value = not_optional(key, *value, self.arena);
        }
    }

    pub(super) fn make_map(&mut self, map: &'a MakeMap) -> Result<(), Stop<'a>> {
        self.charge(MAP_COST)?;
        self.check_memory()?;
        let from = self.stack.len().saturating_sub(map.count as usize * 2);
        let gathered = self.stack.get(from..).unwrap_or_default();
        let (pairs, _) = gathered.as_chunks::<2>();
        let value = map_of(pairs, &map.optional, map.strict, self.arena);
        self.stack.truncate(from);
        self.stack.push(value);
        Ok(())
    }
}

/// A list literal of these elements; `optional` has the positions of those that are written with a `?`.
pub(crate) fn list_of<'a>(gathered: &[Val<'a>], optional: &[u32], arena: &'a Arena) -> Val<'a> {
    let mut elements = bumpalo::collections::Vec::with_capacity_in(gathered.len(), arena);
    for (&element, at) in gathered.iter().zip(0..) {
        match element {
            Val::Error(_) => return element,
            _ if !optional.contains(&at) => elements.push(element),
            Val::Optional(value) => elements.extend(value.copied()),
            other => return not_optional(None, other, arena),
        }
    }
    Val::List(List::Slice(elements.into_bump_slice()))
}

/// The error of an element, or of the value of an entry, that is to be an optional value and is none.
fn not_optional<'a>(key: Option<Val<'a>>, value: Val<'a>, arena: &'a Arena) -> Val<'a> {
    let text = plain(&value);
    Val::Error(match key.map(|key| plain(&key)) {
        None => Error::message(
            arena,
            format_args!("cannot initialize optional list element from non-optional value {text}"),
        ),
        Some(key) => Error::message(
            arena,
            format_args!("cannot initialize optional entry '{key}' from non-optional value {text}"),
        ),
    })
}

/// A map literal of these entries; a `strict` one refuses keys that cel-spec refuses.
pub(crate) fn map_of<'a>(
    pairs: &[[Val<'a>; 2]],
    optional: &[u32],
    strict: bool,
    arena: &'a Arena,
) -> Val<'a> {
    let mut entries = bumpalo::collections::Vec::with_capacity_in(pairs.len(), arena);
    for (&[key, value], at) in pairs.iter().zip(0..) {
        match (key, value) {
            (Val::Error(_), _) => return key,
            (_, Val::Error(_)) => return value,
            _ if !optional.contains(&at) => entries.push((key, value)),
            (_, Val::Optional(value)) => entries.extend(value.map(|value| (key, *value))),
            _ => return not_optional(Some(key), value, arena),
        }
    }
    let made = Map::new(&entries, arena);
    let wrong = if strict { wrong_keys(&entries, made) } else { None };
    wrong.map_or(Val::Map(made), Val::Error)
}

impl<'a> Machine<'a> {
    pub(super) fn make_message(&mut self, message: &'a MakeMessage) -> Result<(), Stop<'a>> {
        self.charge(MESSAGE_COST)?;
        let from = self.stack.len().saturating_sub(message.fields.len());
        let gathered = self.stack.get(from..).unwrap_or_default();
        let value = self.message(message, gathered);
        self.stack.truncate(from);
        self.stack.push(value.into());
        Ok(())
    }

    fn message(&self, message: &'a MakeMessage, gathered: &[Val<'a>]) -> crate::cel::value::Result<'a> {
        let (schema, arena) = (self.schema(), self.arena);
        let Some(kind) = schema.at(message.kind) else { return Err(Error::NoSuchOverload) };
        let mut given = Vec::with_capacity(gathered.len());
        for (made, &value) in message.fields.iter().zip(gathered) {
            let value = match value {
                Val::Error(error) => return Err(error),
                Val::Optional(None) if made.optional => continue,
                Val::Optional(Some(inner)) if made.optional => *inner,
                other if made.optional => {
                    let text = plain(&other);
                    return Err(Error::message(
                        arena,
                        format_args!(
                            "cannot initialize optional entry '{}' from non-optional value {text}",
                            made.name
                        ),
                    ));
                }
                other => other,
            };
            match made.position.and_then(|at| kind.fields.get(at)) {
                Some(field) => given.push((field, value)),
                None => {
                    return Err(Error::message(arena, format_args!("no such field: {}", made.name)));
                }
            }
        }
        make(schema, kind, &given, arena)
    }
}

impl<'a> Machine<'a> {
    /// Stops where Go panics because a value cannot be a key.
    pub(super) fn hash(&self, key: &Val<'a>) -> Result<(), Stop<'a>> {
        let Some(kind) = key.unhashable() else { return Ok(()) };
        let text = format!("internal error: runtime error: hash of unhashable type {kind}");
        let text: &'a str = self.arena.alloc_str(&text);
        Err(Stop::Internal(self.arena.alloc(text)))
    }

    /// The same where nothing is to be removed from an empty map, which Go words in another way.
    pub(super) fn hash_for_delete(&self, key: &Val<'a>) -> Result<(), Stop<'a>> {
        let Some(kind) = key.unhashable() else { return Ok(()) };
        let text = format!("internal error: hash of unhashable type: {kind}");
        let text: &'a str = self.arena.alloc_str(&text);
        Err(Stop::Internal(self.arena.alloc(text)))
    }
}

/// Whether the Go type of a value has a method `Add`.
fn has_add(value: &Val<'_>) -> bool {
    matches!(
        value,
        Val::Int(_)
            | Val::Uint(_)
            | Val::Double(_)
            | Val::String(_)
            | Val::Bytes(_)
            | Val::Timestamp(_)
            | Val::Duration(_)
    )
}

/// What the specification refuses in a map's literal.
fn wrong_keys(entries: &[(Val<'_>, Val<'_>)], made: Map<'_>) -> Option<Error<'static>> {
    let usable = |key: &Val<'_>| matches!(key, Val::Bool(_) | Val::Int(_) | Val::Uint(_) | Val::String(_));
    if !entries.iter().all(|(key, _)| usable(key)) {
        return Some(Error::Static(&"unsupported key type"));
    }
    // Numbers of different types may be equal without being one key.
    let has = |kind: fn(&Val<'_>) -> bool| entries.iter().any(|(key, _)| kind(key));
    let mixed = has(|key| matches!(key, Val::Int(_))) && has(|key| matches!(key, Val::Uint(_)));
    let met_before = |at: usize, key: &Val<'_>| made.iter().take(at).any(|(other, _)| key.equal(&other));
    let repeated = mixed && made.iter().enumerate().any(|(at, (key, _))| met_before(at, &key));
    (repeated || made.len() < entries.len()).then_some(Error::Static(&"repeated key in map"))
}

fn dispatch<'a>(call: &Call, args: &[Val<'a>], arena: &'a Arena) -> Val<'a> {
    match &call.dispatch {
        Dispatch::Unchecked(implementation) => implementation(arena, args).into(),
        Dispatch::Single { types, implementation } => {
            if types.iter().zip(args).all(|(kind, arg)| accepts(kind, arg)) {
                return implementation(arena, args).into();
            }
            Val::Error(Error::no_such_overload(arena, call.name, args))
        }
        Dispatch::Many(overloads) => {
            let fits = |types: &[_]| types.iter().zip(args).all(|(kind, arg)| accepts(kind, arg));
            let fitting = overloads.iter().filter(|overload| fits(&overload.args));
            match fitting.filter_map(|overload| overload.implementation).next() {
                Some(implementation) => implementation(arena, args).into(),
                None => Val::Error(Error::no_such_overload(arena, call.name, args)),
            }
        }
    }
}
