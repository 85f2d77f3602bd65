//! Descriptors, resolved: types refer to one another by position, extensions are fields under their full names.

use crate::cel::types::Type;
use std::collections::HashMap;

/// All message and enum types that an environment knows.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    messages: Vec<MessageType>,
    enums: Vec<EnumType>,
    names: HashMap<Box<str>, usize>,
    enum_names: HashMap<Box<str>, usize>,
    /// The numbers of enum values by their full names, as `google.protobuf.NullValue.NULL_VALUE`.
    values: HashMap<Box<str>, (usize, i32)>,
    typed_enums: bool,
}

/// A message type.
#[derive(Clone, Debug)]
pub struct MessageType {
    pub name: Box<str>,
    /// The types that are CEL values of their own.
    pub well_known: Option<WellKnown>,
    pub fields: Vec<Field>,
    by_name: HashMap<Box<str>, usize>,
    by_number: HashMap<u32, usize>,
}

/// Messages that are no messages to an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WellKnown {
    Any,
    Duration,
    ListValue,
    Struct,
    Timestamp,
    Value,
    Wrapper,
}

/// A field of a message, or an extension of it.
#[derive(Clone, Debug)]
pub struct Field {
    /// The short name, of extensions the full one.
    pub name: Box<str>,
    pub json_name: Box<str>,
    pub number: u32,
    /// Of the values when the field is a map.
    pub kind: Kind,
    pub shape: Shape,
    /// Whether a zero that was set differs from one that was not.
    pub presence: bool,
    /// Which `oneof` of its message the field belongs to.
    pub oneof: Option<usize>,
    pub default: Default,
}

/// How often a field has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Singular,
    Repeated,
    /// By keys of this kind.
    Map(Kind),
}

/// What a field's values are on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Bytes,
    Double,
    Fixed32,
    Fixed64,
    Float,
    Int32,
    Int64,
    Sfixed32,
    Sfixed64,
    Sint32,
    Sint64,
    String,
    Uint32,
    Uint64,
    /// The type at this position.
    Enum(usize),
    Message(usize),
    /// A message written between a start and an end, of proto2.
    Group(usize),
}

/// What an unset field reads as, where that is not zero.
#[derive(Clone, Debug, PartialEq)]
pub enum Default {
    Zero,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Box<str>),
    Bytes(Box<[u8]>),
}

/// An enum with its values in the order of writing.
#[derive(Clone, Debug)]
pub struct EnumType {
    pub name: Box<str>,
    pub values: Vec<(Box<str>, i32)>,
}

impl Schema {
    /// Adds a type and gives its position; a type that is known already keeps its own.
    pub fn add_message(&mut self, name: &str) -> usize {
        if let Some(&known) = self.names.get(name) {
            return known;
        }
        let position = self.messages.len();
        self.names.insert(name.into(), position);
        self.messages.push(MessageType {
            name: name.into(),
            well_known: WellKnown::of(name),
            fields: Vec::new(),
            by_name: HashMap::new(),
            by_number: HashMap::new(),
        });
        position
    }

    /// Adds a field to the type at a position, unless it has one of that name.
    pub fn add_field(&mut self, message: usize, field: Field) {
        if let Some(message) = self.messages.get_mut(message)
            && !message.by_name.contains_key(&field.name)
        {
            message.by_name.insert(field.name.clone(), message.fields.len());
            message.by_number.insert(field.number, message.fields.len());
            message.fields.push(field);
        }
    }

    /// Adds an enum and gives its position; one that is known already keeps its own.
    pub fn add_enum(&mut self, name: &str, values: Vec<(Box<str>, i32)>) -> usize {
        if let Some(&known) = self.enum_names.get(name) {
            return known;
        }
        let position = self.enums.len();
        self.enum_names.insert(name.into(), position);
        for (value, number) in &values {
            self.values.insert(format!("{name}.{value}").into(), (position, *number));
        }
        self.enums.push(EnumType { name: name.into(), values });
        position
    }

    /// The same schema with enums as types of their own, the specification's "strong enums": their values are no ints,
    /// `Color.RED` is a `Color`, and `Color(1)` and `Color('RED')` make one. Without it, as in cel-go, they are ints.
    #[must_use]
    pub fn with_typed_enums(mut self) -> Schema {
        self.typed_enums = true;
        self
    }

    /// A message type by its full name.
    pub fn message(&self, name: &str) -> Option<&MessageType> {
        self.messages.get(self.position(name)?)
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    pub(crate) fn at(&self, position: usize) -> Option<&MessageType> {
        self.messages.get(position)
    }

    /// The number of an enum value by its full name.
    pub fn enum_value(&self, name: &str) -> Option<i32> {
        self.values.get(name).map(|(_, number)| *number)
    }

    /// The enum and number of an enum value by its full name.
    pub(crate) fn enum_constant(&self, name: &str) -> Option<(usize, i32)> {
        self.values.get(name).copied()
    }

    /// The position of an enum that is a type of its own, by its full name.
    pub(crate) fn typed_enum_named(&self, name: &str) -> Option<usize> {
        self.enum_names.get(name).copied().filter(|&position| self.typed_enum(position).is_some())
    }

    /// An enum that is a type of its own. JSON's null never is.
    pub(crate) fn typed_enum(&self, position: usize) -> Option<&EnumType> {
        let kind = self.enum_at(position).filter(|_| self.typed_enums);
        kind.filter(|kind| &*kind.name != "google.protobuf.NullValue")
    }

    /// The enums that are types of their own.
    pub(crate) fn typed_enums(&self) -> impl Iterator<Item = &EnumType> {
        (0..self.enums.len()).filter_map(|position| self.typed_enum(position))
    }

    /// The type of an enum's values.
    pub(crate) fn enum_type(&self, position: usize) -> Type {
        match self.typed_enum(position) {
            Some(kind) => Type::Opaque(kind.name.to_string().into(), [].into()),
            None => Type::Int,
        }
    }

    pub(crate) fn enum_at(&self, position: usize) -> Option<&EnumType> {
        self.enums.get(position)
    }

    /// The type of a message by its full name, which for well-known types is not a message's.
    pub fn named_type(&self, name: &str) -> Option<Type> {
        let message = self.message(name)?;
        Some(self.message_type(message))
    }

    fn message_type(&self, message: &MessageType) -> Type {
        match message.well_known {
            None => Type::Struct(message.name.to_string().into()),
            Some(WellKnown::Any) => Type::Any,
            Some(WellKnown::Duration) => Type::Duration,
            Some(WellKnown::ListValue) => Type::list(Type::Dyn),
            Some(WellKnown::Struct) => Type::map(Type::String, Type::Dyn),
            Some(WellKnown::Timestamp) => Type::Timestamp,
            Some(WellKnown::Value) => Type::Dyn,
            Some(WellKnown::Wrapper) => {
                let value = message.field("value").map_or(Type::Dyn, |field| self.kind_type(field.kind));
                Type::Wrapper(value.into())
            }
        }
    }

    /// The type of a field.
    pub fn field_type(&self, field: &Field) -> Type {
        let value = self.kind_type(field.kind);
        match field.shape {
            Shape::Singular => value,
            Shape::Repeated => Type::list(value),
            Shape::Map(key) => Type::map(self.kind_type(key), value),
        }
    }

    fn kind_type(&self, kind: Kind) -> Type {
        match kind {
            Kind::Bool => Type::Bool,
            Kind::Bytes => Type::Bytes,
            Kind::Double | Kind::Float => Type::Double,
            Kind::Fixed32 | Kind::Fixed64 | Kind::Uint32 | Kind::Uint64 => Type::Uint,
            Kind::String => Type::String,
            Kind::Int32 | Kind::Int64 | Kind::Sfixed32 | Kind::Sfixed64 | Kind::Sint32 | Kind::Sint64 => {
                Type::Int
            }
            Kind::Enum(at) => self.enum_type(at),
            Kind::Message(at) | Kind::Group(at) => {
                self.at(at).map_or(Type::Dyn, |message| self.message_type(message))
            }
        }
    }
}

impl MessageType {
    /// A field by its short name, or an extension by its full one.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(self.field_position(name)?)
    }

    pub(crate) fn field_position(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn field_numbered(&self, number: u32) -> Option<&Field> {
        self.fields.get(*self.by_number.get(&number)?)
    }
}

impl WellKnown {
    fn of(name: &str) -> Option<WellKnown> {
        Some(match name.strip_prefix("google.protobuf.")? {
            "Any" => WellKnown::Any,
            "Duration" => WellKnown::Duration,
            "ListValue" => WellKnown::ListValue,
            "Struct" => WellKnown::Struct,
            "Timestamp" => WellKnown::Timestamp,
            "Value" => WellKnown::Value,
            "BoolValue" | "BytesValue" | "DoubleValue" | "FloatValue" | "Int32Value" | "Int64Value"
            | "StringValue" | "UInt32Value" | "UInt64Value" => WellKnown::Wrapper,
            _ => return None,
        })
    }
}
