//! [`Value`]: a struct that defaults are set in.

use super::scheme::Scheme;
use crate::document::{Draft, DraftValue, Origin, Place};

/// A struct of an object in the making, as defaulting functions see it: a field that is not there is zero or nil.
pub(super) struct Value<'d, 's, 'o> {
    pub(super) draft: &'d mut Draft<'o>,
    pub(super) scheme: &'s Scheme,
    pub(super) place: Place,
}

/// A value that a field gets.
pub(super) type Set<'v> = DraftValue<'v>;

impl<'d, 's, 'o> Value<'d, 's, 'o> {
    pub(super) fn new(draft: &'d mut Draft<'o>, scheme: &'s Scheme, place: Place) -> Value<'d, 's, 'o> {
        Value { draft, scheme, place }
    }

    /// The minor version of Kubernetes.
    pub(super) fn minor(&self) -> u16 {
        self.scheme.schemas.minor()
    }

    /// Another struct of the same object.
    pub(super) fn at(&mut self, place: Place) -> Value<'_, 's, 'o> {
        Value { draft: self.draft, scheme: self.scheme, place }
    }

    /// A field that is there and not null.
    pub(super) fn find(&self, name: &str) -> Option<Place> {
        let place = self.draft.field(self.place, name)?;
        (self.draft.value(place) != DraftValue::Null).then_some(place)
    }

    /// The struct, list or map in a field.
    pub(super) fn within(&mut self, name: &str) -> Option<Value<'_, 's, 'o>> {
        let place = self.find(name)?;
        Some(self.at(place))
    }

    /// The struct at the end of a path.
    pub(super) fn path(&self, names: &[&str]) -> Option<Place> {
        let mut place = self.place;
        for name in names {
            place = self.draft.field(place, name)?;
        }
        (self.draft.value(place) != DraftValue::Null).then_some(place)
    }

    /// The struct in a field, made when it is nil.
    pub(super) fn made(&mut self, name: &str) -> Value<'_, 's, 'o> {
        let place = match self.find(name) {
            Some(place) => place,
            None => self.set(name, DraftValue::Map),
        };
        self.at(place)
    }

    /// The text of a string field, empty when it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        match self.find(name).map(|place| self.draft.value(place)) {
            Some(DraftValue::String(text)) => text,
            _ => "",
        }
    }

    /// The number of an integer field, 0 when it is not there.
    pub(super) fn int(&self, name: &str) -> i64 {
        match self.find(name).map(|place| self.draft.value(place)) {
            Some(DraftValue::Int(value)) => value,
            _ => 0,
        }
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.find(name).is_some_and(|place| self.draft.value(place) == DraftValue::Bool(true))
    }

    /// Whether a pointer, list or map is nil.
    pub(super) fn is_nil(&self, name: &str) -> bool {
        self.find(name).is_none()
    }

    /// Whether a list or map has nothing in it.
    pub(super) fn is_empty(&self, name: &str) -> bool {
        self.find(name).is_none_or(|place| self.draft.first(place).is_none())
    }

    /// Whether a field is nil, `""`, 0 or false.
    pub(super) fn is_zero(&self, name: &str) -> bool {
        match self.draft.field(self.place, name).map(|place| self.draft.value(place)) {
            None | Some(DraftValue::Null | DraftValue::Bool(false) | DraftValue::Int(0)) => true,
            Some(DraftValue::String(text)) => text.is_empty(),
            Some(_) => false,
        }
    }

    /// Sets a field.
    pub(super) fn set(&mut self, name: &str, value: Set<'_>) -> Place {
        let span = self.draft.span(self.place);
        let place = self.draft.added(value, Origin::Defaulted, span);
        self.put(name, place);
        place
    }

    /// Sets a field that is zero.
    pub(super) fn default(&mut self, name: &str, value: Set<'_>) {
        match self.draft.field(self.place, name) {
            None => self.append(name, value),
            Some(_) if self.is_zero(name) => {
                self.set(name, value);
            }
            Some(_) => {}
        }
    }

    /// Sets a pointer that is nil.
    pub(super) fn default_nil(&mut self, name: &str, value: Set<'_>) {
        match self.draft.field(self.place, name) {
            None => self.append(name, value),
            Some(place) if self.draft.value(place) == DraftValue::Null => {
                self.set(name, value);
            }
            Some(_) => {}
        }
    }

    /// Adds a field that is not there.
    fn append(&mut self, name: &str, value: Set<'_>) {
        let place = self.draft.added(value, Origin::Defaulted, self.draft.span(self.place));
        self.draft.name_text(place, name);
        self.draft.push(self.place, place);
    }

    /// Sets a list of strings.
    pub(super) fn set_texts(&mut self, name: &str, texts: &[&str]) {
        let list = self.set(name, DraftValue::List);
        for text in texts {
            let span = self.draft.span(self.place);
            let item = self.draft.added(DraftValue::String(text), Origin::Defaulted, span);
            self.draft.push(list, item);
        }
    }

    /// A new struct at the end of a list.
    pub(super) fn item(&mut self, list: Place) -> Value<'_, 's, 'o> {
        let span = self.draft.span(list);
        let item = self.draft.added(DraftValue::Map, Origin::Defaulted, span);
        self.draft.push(list, item);
        self.at(item)
    }

    /// Puts a value that is not in the object yet into a field.
    pub(super) fn put(&mut self, name: &str, place: Place) {
        self.draft.remove(self.place, name);
        self.draft.name_text(place, name);
        self.draft.push(self.place, place);
    }

    /// Sets a field to a copy of another value.
    pub(super) fn copy(&mut self, name: &str, from: Place) -> Place {
        let copy = self.draft.duplicate(from, Origin::Defaulted);
        self.put(name, copy);
        copy
    }

    /// Leaves a field out.
    pub(super) fn unset(&mut self, name: &str) {
        self.draft.remove(self.place, name);
    }

    /// The elements of a list or the entries of a map, in a list of their own so that they can be changed.
    pub(super) fn children(&self) -> Vec<Place> {
        self.draft.children(self.place).collect()
    }

    /// The elements of a list field.
    pub(super) fn items(&self, name: &str) -> Vec<Place> {
        self.find(name).map(|place| self.draft.children(place).collect()).unwrap_or_default()
    }

    /// Does something for each struct of a list field.
    pub(super) fn each(&mut self, name: &str, mut act: impl FnMut(&mut Value<'_, 's, 'o>)) {
        let mut next = self.find(name).and_then(|list| self.draft.first(list));
        while let Some(place) = next {
            next = self.draft.next(place);
            act(&mut self.at(place));
        }
    }
}
