//! Reading paths: selections, indexes, presence tests, optional steps. Source: cel-go `interpreter/attributes.go`.

use super::fold::go_type;
use super::machine::{Machine, Stop};
use crate::cel::message::Message;
use crate::cel::program::{Attribute, Constant, Key, Root, Step};
use crate::cel::protobuf::readable;
use crate::cel::value::{Arena, Error, List, Opaque, Result, Val, double_to_int};

impl<'a> Machine<'a> {
    /// Reads a whole path. What its root costs is counted at the end.
    #[inline]
    pub(super) fn attribute(&mut self, attribute: &'a Attribute) -> std::result::Result<Val<'a>, Stop<'a>> {
        let value = self.path(attribute)?;
        self.charge_signed(attribute.cost)?;
        Ok(value)
    }

    #[inline]
    fn path(&mut self, attribute: &'a Attribute) -> std::result::Result<Val<'a>, Stop<'a>> {
        let root = match attribute.root {
            Root::Slot(slot) => match self.slots.get(slot as usize) {
                Some(Some(value)) => *value,
                _ => Val::Error(Error::NoSuchAttribute(self.arena.alloc(&*attribute.name))),
            },
            Root::Local(local) => self.local(local).unwrap_or(Val::Null),
            Root::Top => self.pop(),
        };
        let root = if attribute.on_way { without_parts(root) } else { root };
        let (mut value, mut optional) = match root {
            Val::Error(_) => return Ok(root),
            Val::Optional(inner) if !attribute.steps.is_empty() => match inner {
                Some(inner) => (*inner, true),
                None if attribute.test_only && !attribute.bare => return Ok(Val::Bool(false)),
                None => return Ok(root),
            },
            _ => (root, false),
        };
        let last = attribute.steps.len().wrapping_sub(1);
        for (position, step) in attribute.steps.iter().enumerate() {
            optional |= step.optional;
            let test = attribute.test_only && position == last;
            let presence = Presence { allowed: optional || test, strict: attribute.strict };
            match self.take(value, step, presence) {
                Ok(Some(next)) => {
                    self.charge(1)?;
                    value = next;
                }
                Ok(None) if test => {
                    // A test that fails was still made, unless an optional path ended before.
                    self.charge(u64::from(!optional))?;
                    return Ok(if optional && attribute.bare {
                        Val::Optional(None)
                    } else {
                        Val::Bool(false)
                    });
                }
                Ok(None) if attribute.test_only && !attribute.bare => return Ok(Val::Bool(false)),
                Ok(None) => return Ok(Val::Optional(None)),
                Err(error) => {
                    self.charge(u64::from(!optional))?;
                    return Ok(Val::Error(error));
                }
            }
        }
        Ok(match (attribute.test_only, optional) {
            (true, false) => Val::Bool(true),
            (true, true) if !attribute.bare => Val::Bool(true),
            (_, true) => Val::Optional(Some(self.arena.alloc(value))),
            (false, false) if attribute.continues && (last != usize::MAX || attribute.on_way) => {
                without_parts(value)
            }
            (false, false) => value,
        })
    }

    /// `container[key]` with a computed key.
    pub(super) fn index(
        &mut self,
        container: Val<'a>,
        key: Val<'a>,
        optional: bool,
        strict: bool,
        continues: bool,
    ) -> std::result::Result<Val<'a>, Stop<'a>> {
        let (container, optional) = match container {
            Val::Optional(Some(inner)) => (*inner, true),
            other => (other, optional),
        };
        let found = match key {
            Val::Error(error) => Err(error),
            Val::Null
            | Val::List(_)
            | Val::Map(_)
            | Val::Bytes(_)
            | Val::Timestamp(_)
            | Val::Duration(_)
            | Val::Type(_)
            | Val::Optional(_)
            | Val::Opaque(_) => {
                let kind = go_type(&key);
                Err(Error::message(self.arena, format_args!("invalid qualifier type: {kind}")))
            }
            key => qualify(container, &key, Presence { allowed: optional, strict }, self.arena),
        };
        match found {
            Ok(Some(value)) => {
                self.charge(1)?;
                Ok(match optional {
                    true => Val::Optional(Some(self.arena.alloc(value))),
                    false if continues => without_parts(value),
                    false => value,
                })
            }
            Ok(None) => Ok(Val::Optional(None)),
            Err(error) => {
                self.charge(u64::from(!optional))?;
                Ok(Val::Error(error))
            }
        }
    }

    #[inline]
    fn take(&self, value: Val<'a>, step: &'a Step, presence: Presence) -> Result<'a, Option<Val<'a>>> {
        match (&step.key, value) {
            (Key::Field(name), Val::Map(map)) => match map.field(name) {
                Some(Val::Error(error)) => Err(error),
                None if !presence.allowed => Err(missing(Val::String(name.as_str()), self.arena)),
                found => Ok(found),
            },
            (Key::Field(name), other) => qualify(other, &Val::String(name.as_str()), presence, self.arena),
            (Key::Other(Constant::Int(at)), Val::List(list)) => {
                element(list, *at, &Val::Int(*at), presence.allowed, self.arena)
            }
            (Key::Other(key), other) => qualify(other, &key.value(self.arena), presence, self.arena),
        }
    }
}

/// What further steps see of a value: only an optional at the root of a path is looked into, one on the way has no
/// parts.
#[inline]
fn without_parts(value: Val<'_>) -> Val<'_> {
    if matches!(value, Val::Optional(_)) { Val::Null } else { value }
}

/// Whether what a step leads to may be absent.
#[derive(Clone, Copy)]
struct Presence {
    allowed: bool,
    /// Not from a value that has no parts.
    strict: bool,
}

/// One step into a value; `None` when it is not there and `presence` allows that. cel-go's `refQualify`.
fn qualify<'a>(
    value: Val<'a>,
    key: &Val<'a>,
    presence: Presence,
    arena: &'a Arena,
) -> Result<'a, Option<Val<'a>>> {
    match value {
        Val::Error(error) => Err(error),
        Val::Map(map) => match map.find(key) {
            Some(Val::Error(error)) => Err(error),
            None if !presence.allowed => Err(missing(*key, arena)),
            found => Ok(found),
        },
        Val::List(list) => {
            let at = match key {
                Val::Int(at) => Some(*at),
                Val::Uint(at) => i64::try_from(*at).ok(),
                Val::Double(at) => double_to_int(*at).filter(|whole| *whole as f64 == *at),
                other => {
                    let kind = other.type_name();
                    return Err(Error::message(
                        arena,
                        format_args!("unsupported index type '{kind}' in list"),
                    ));
                }
            };
            let Some(at) = at else {
                let key = crate::cel::value::plain(key);
                return Err(Error::message(arena, format_args!("unsupported index value {key} in list")));
            };
            element(list, at, key, presence.allowed, arena)
        }
        Val::Opaque(Opaque::Message(message)) => field(message, key, presence.allowed, arena),
        _ if presence.allowed && (!presence.strict || matches!(value, Val::Optional(_))) => Ok(None),
        _ => Err(missing(*key, arena)),
    }
}

/// A field of a message; one that the type does not have is an error even when it is only asked for.
fn field<'a>(
    message: &Message<'a>,
    key: &Val<'a>,
    presence: bool,
    arena: &'a Arena,
) -> Result<'a, Option<Val<'a>>> {
    let Val::String(name) = *key else { return Err(Error::NoSuchOverload) };
    let Some(field) = message.field(name) else { return Err(Error::NoSuchField(arena.alloc(name))) };
    if presence && !message.has(field) {
        return Ok(None);
    }
    readable(message.get(field, arena), arena).map(Some)
}

#[inline]
fn element<'a>(
    list: List<'a>,
    at: i64,
    key: &Val<'a>,
    presence: bool,
    arena: &'a Arena,
) -> Result<'a, Option<Val<'a>>> {
    match usize::try_from(at).ok().and_then(|at| list.at(at)) {
        None if !presence => Err(Error::IndexOutOfBounds(arena.alloc(*key))),
        found => Ok(found),
    }
}

fn missing<'a>(key: Val<'a>, arena: &'a Arena) -> Error<'a> {
    Error::NoSuchKey(arena.alloc(key))
}
