//! What a flow file can say about the layout of a message: its keys, and the types that a field can have.

use crate::grammar::{ID, Key, LINE, Shape, optional, required};
use crate::protocol::layout::BytesKind;

/// A type that a field can have.
pub struct FieldType {
    /// Name, as it is written in `type`.
    pub name: &'static str,
    /// What it is.
    pub summary: &'static str,
    /// Keys that the field may have beside `name`, `type` and `meaning`.
    pub keys: &'static [&'static str],
    /// Those of them that it must have.
    pub needs: &'static [&'static str],
}

/// Every type, by name; any other word in `type` is the name of another layout.
pub const TYPES: &[FieldType] = &[
    FieldType {
        name: "bytes",
        summary: "bytes as they are: `size` of them, or as many as a length of `prefix` bytes says, or all that are left",
        keys: &["kind", "order", "prefix", "size"],
        needs: &[],
    },
    FieldType {
        name: "constant",
        summary: "always the same: the number `value` in `size` bytes, the characters of `text`, or the bytes of `hex`",
        keys: &["hex", "order", "size", "text", "value"],
        needs: &[],
    },
    FieldType {
        name: "enum",
        summary: "a number of `size` bytes that stands for one of the names in `values`",
        keys: &["order", "size", "values"],
        needs: &["size", "values"],
    },
    FieldType {
        name: "flags",
        summary: "a number of `size` bytes whose bits stand for the names in `flags`",
        keys: &["flags", "order", "size"],
        needs: &["flags", "size"],
    },
    FieldType {
        name: "text",
        summary: "UTF-8: at most `size` bytes filled up with zero bytes, or as many as a length of `prefix` bytes says, or all that are left",
        keys: &["order", "prefix", "size"],
        needs: &[],
    },
    FieldType {
        name: "uint",
        summary: "an unsigned number of `size` bytes",
        keys: &["order", "size"],
        needs: &["size"],
    },
];

/// The type of a field that is another layout.
pub const NESTED: FieldType = FieldType {
    name: "NAME",
    summary: "the fields of another layout, with a length of `prefix` bytes before them where that is given",
    keys: &["order", "prefix"],
    needs: &[],
};

/// Most bytes of a field of fixed length.
pub const MAX_SIZE: i64 = 1024;

const VALUE: &[Key] = &[
    required("value", Shape::Number(0, i64::MAX), "the number"),
    required("name", ID, "its name"),
    optional("meaning", LINE, "what it means"),
];

const FLAG: &[Key] = &[
    required("bit", Shape::Number(0, 63), "the bit, 0 the least significant"),
    required("name", ID, "its name"),
    optional("meaning", LINE, "what it means when it is set"),
];

const FIELD: &[Key] = &[
    required("name", ID, "name, as the standard writes it: letters, digits, hyphens and underscores"),
    required("type", ID, "`bytes`, `constant`, `enum`, `flags`, `text`, `uint`, or the name of another layout"),
    optional("size", Shape::Number(1, MAX_SIZE), "length in bytes; 1 to 8 for a number"),
    optional("prefix", Shape::Number(1, 4), "bytes of the length that stands before the field: 1, 2 or 4"),
    optional("order", Shape::Choice(&["big", "little"]), "order of the bytes of a number; `big` where absent"),
    optional("value", Shape::Number(0, i64::MAX), "the number of a constant"),
    optional("text", LINE, "the text of a constant"),
    optional("hex", LINE, "the bytes of a constant as hexadecimal digits"),
    optional("values", Shape::List(&Shape::Table(VALUE)), "the values of an enumeration"),
    optional("flags", Shape::List(&Shape::Table(FLAG)), "the flags"),
    optional("kind", Shape::Choice(BytesKind::WORDS), "what the bytes are"),
    optional("meaning", LINE, "what the field means"),
];

/// Keys of a message layout.
pub const MESSAGE: &[Key] = &[
    optional("title", LINE, "name for people; the name where absent"),
    optional("standard", LINE, "the standard that defines the message"),
    optional("clause", LINE, "the clause of that standard"),
    required("field", Shape::List(&Shape::Table(FIELD)), "the fields, in the order of their bytes"),
];
