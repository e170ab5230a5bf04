//! Messages whose layout a flow declares: the fields in their order, how each is encoded, and what it means.
//!
//! There is one encoding of given values only, so that `decode` and `encode` undo each other.

mod decode;
mod encode;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use decode::decode;
pub use encode::encode;

/// The layout of a message, as the flow declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageLayout {
    /// Name in the flow.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// The standard that defines it; empty where the flow does.
    pub standard: String,
    /// The clause of that standard.
    pub clause: String,
    /// Fields in the order of their bytes.
    pub fields: Vec<LayoutField>,
}

/// A field of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutField {
    /// Name, as its standard writes it.
    pub name: String,
    /// How it is encoded.
    pub form: Form,
    /// What it means, in the author's words; may be empty.
    pub meaning: String,
}

/// How a field is encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Bytes that the layout does not look into.
    Bytes {
        /// How many.
        extent: Extent,
        /// What they are, where the author says so.
        kind: Option<BytesKind>,
    },
    /// What is always the same: a magic number, a version.
    Constant(Constant),
    /// A number that stands for a name.
    Enumeration {
        /// How the number is written.
        number: Integer,
        /// The numbers that occur.
        values: Vec<Named>,
    },
    /// A number whose bits stand for yes or no.
    Flags {
        /// How the number is written.
        number: Integer,
        /// The bits that may be set, 0 the least significant.
        flags: Vec<Named>,
    },
    /// The fields of another layout.
    Nested {
        /// The other layout.
        layout: Arc<MessageLayout>,
        /// The length before it, where there is one.
        prefix: Option<Integer>,
    },
    /// UTF-8 text.
    Text(Extent),
    /// An unsigned number.
    Unsigned(Integer),
}

/// How long a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// So many bytes; text is filled up with zero bytes.
    Fixed(usize),
    /// As many bytes as the number before them says.
    Prefixed(Integer),
    /// All bytes that are left.
    Rest,
}

/// An unsigned number of so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integer {
    /// Bytes, 1 to 8.
    pub size: usize,
    /// Their order.
    pub order: ByteOrder,
}

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// Most significant byte first.
    Big,
    /// Least significant byte first.
    Little,
}

/// What is always the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constant {
    /// These bytes.
    Bytes(Vec<u8>),
    /// This number.
    Number(Integer, u64),
    /// This text.
    Text(String),
}

/// A number or bit with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The number, or the index of the bit.
    pub number: u64,
    /// Its name.
    pub name: String,
    /// What it means; may be empty.
    pub meaning: String,
}

/// What bytes are that a layout does not look into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesKind {
    /// Encrypted, with or without the tag.
    Ciphertext,
    /// Output of a hash function.
    Digest,
    /// Names something, such as an EUI-64.
    Identifier,
    /// A secret key.
    Key,
    /// Message authentication code or tag.
    Mac,
    /// A public key.
    PublicKey,
    /// Not to be guessed, or not to be repeated.
    Random,
    /// Digital signature.
    Signature,
}

impl BytesKind {
    /// The words of the flow language, by name.
    pub const ALL: &[(&'static str, Self)] = &[
        ("ciphertext", Self::Ciphertext),
        ("digest", Self::Digest),
        ("identifier", Self::Identifier),
        ("key", Self::Key),
        ("mac", Self::Mac),
        ("public-key", Self::PublicKey),
        ("random", Self::Random),
        ("signature", Self::Signature),
    ];

    /// The words of the flow language.
    pub const WORDS: &[&'static str] =
        &["ciphertext", "digest", "identifier", "key", "mac", "public-key", "random", "signature"];
}

/// Values by field.
pub type Items = BTreeMap<String, Item>;

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Bytes; for a nested layout, its encoding.
    Bytes(Vec<u8>),
    /// Fields of a nested layout, or flags by name as the texts `true` and `false`.
    Members(Items),
    /// A number.
    Number(u64),
    /// Text, or the name of a value of an enumeration.
    Text(String),
}

impl Integer {
    /// The greatest number that fits, and that a value of a flow can hold.
    #[must_use]
    pub fn max(self) -> u64 {
        self.mask().min(i64::MAX.unsigned_abs())
    }

    /// All bits set.
    fn mask(self) -> u64 {
        u64::MAX >> (64 - 8 * self.size.clamp(1, 8))
    }

    fn write(self, number: u64) -> Vec<u8> {
        let mut bytes = number.to_be_bytes()[8 - self.size..].to_vec();
        if self.order == ByteOrder::Little {
            bytes.reverse();
        }
        bytes
    }

    fn read(self, bytes: &[u8]) -> u64 {
        let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        match self.order {
            ByteOrder::Big => bytes.iter().fold(0, add),
            ByteOrder::Little => bytes.iter().rev().fold(0, add),
        }
    }
}

impl Constant {
    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Number(integer, number) => integer.write(*number),
            Self::Text(text) => text.clone().into_bytes(),
        }
    }

    fn item(&self) -> Item {
        match self {
            Self::Bytes(bytes) => Item::Bytes(bytes.clone()),
            Self::Number(_, number) => Item::Number(*number),
            Self::Text(text) => Item::Text(text.clone()),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Bytes(bytes) => hex::encode(bytes),
            Self::Number(_, number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl MessageLayout {
    /// The field called `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&LayoutField> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// How many fields it has, those of nested layouts counted.
    #[must_use]
    pub fn n_fields(&self) -> usize {
        let inner = |field: &LayoutField| match &field.form {
            Form::Nested { layout, .. } => 1 + layout.n_fields(),
            _ => 1,
        };
        self.fields.iter().map(inner).sum()
    }

    /// How deep layouts are nested in it; 1 where none is.
    #[must_use]
    pub fn depth(&self) -> usize {
        let inner = self.fields.iter().map(|field| match &field.form {
            Form::Nested { layout, .. } => layout.depth(),
            _ => 0,
        });
        1 + inner.max().unwrap_or(0)
    }

    /// The field that takes all bytes that are left, here or at the end of a nested layout.
    #[must_use]
    pub fn open_end(&self) -> Option<&LayoutField> {
        self.fields.last().filter(|field| field.form.is_open())
    }
}

impl Form {
    /// Whether it takes all bytes that are left.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Self::Bytes { extent, .. } | Self::Text(extent) => *extent == Extent::Rest,
            Self::Nested { layout, prefix } => prefix.is_none() && layout.open_end().is_some(),
            Self::Constant(_) | Self::Enumeration { .. } | Self::Flags { .. } | Self::Unsigned(_) => false,
        }
    }
}
