//! Bytes, and what each of them means.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use schemars::JsonSchema;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// One reading of bytes, with each byte explained.
///
/// The explanation is made when somebody first asks for [`fields`](Self::fields): most layers of a run are never shown.
/// It depends on nothing but the bytes and what is [`Known`].
#[derive(Clone, JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub struct Layer {
    /// What these bytes are: `TLS record`, `HTTP request`.
    pub name: String,
    /// Whether they were encrypted on the link and decrypted for display.
    pub decrypted: bool,
    /// The bytes.
    pub bytes: Bytes,
    /// Fields in order; together they cover every byte.
    #[schemars(with = "Vec<Field>")]
    fields: OnceLock<Vec<Field>>,
    #[schemars(skip)]
    known: Known,
    #[schemars(skip)]
    describe: Arc<Describe>,
}

/// Explains bytes as fields that are contiguous and cover every byte.
type Describe = dyn Fn(&[u8], &Known) -> Vec<Field> + Send + Sync;

/// A run of bytes with its meaning.
///
/// The fields in it, where it has some, cover the same bytes without gap or overlap; so each byte belongs to one leaf.
/// A leaf of more than [`LONGEST_PLAIN`] bytes is of a kind that has no structure, or is the encoding of other bytes,
/// which then have fields of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Field {
    /// Name in the standard that defines it.
    pub name: String,
    /// First byte, counted in the layer.
    pub start: usize,
    /// First byte after the field.
    pub end: usize,
    /// The decoded value, for people; absent where the fields in it say everything.
    #[serde(default, skip_serializing_if = "is_default")]
    pub value: String,
    /// What sort of bytes they are; absent for a plain value.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: Kind,
    /// What is in it; absent for a leaf.
    #[serde(default, skip_serializing_if = "is_default")]
    pub inside: Inside,
}

/// What sort of bytes a field is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// What only a key can read, its authentication tag included.
    Ciphertext,
    /// Digest, MAC, fingerprint or key identifier.
    Digest,
    /// Public, private or symmetric key, or another secret of that nature.
    Key,
    /// What does not fit its format; the value says why.
    Malformed,
    /// Bytes without a meaning of their own, as many as were asked for.
    Padding,
    /// A value whose meaning is said in its name and value: number, code, flags, name, length.
    #[default]
    Plain,
    /// Chosen at random: nonce, random of a hello, random serial number.
    Random,
    /// Signature, or a number of it.
    Signature,
    /// Text for people.
    Text,
}

/// What is in a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Inside {
    /// Other bytes, of which the field is an encoding such as base64.
    Decoded(Arc<Layer>),
    /// Fields of the same bytes, counted in the same layer.
    Fields(Vec<Field>),
    /// Nothing: the field is a leaf.
    #[default]
    Nothing,
}

/// What a run knows of bytes that do not explain themselves: the kind of each nonce, digest and key that it made.
///
/// The layers of a run share it, and it is filled in once, when the run has ended.
#[derive(Clone, Debug, Default)]
pub struct Known(Arc<OnceLock<BTreeMap<Vec<u8>, Kind>>>);

/// Bytes that serialise as lower-case hexadecimal digits.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", hex::encode(&self.0))
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^([0-9a-f]{2})*$", "description": "bytes as lower-case hexadecimal digits" })
    }
}

/// Bytes in the longest leaf that is a plain value.
pub const LONGEST_PLAIN: usize = 16;

impl Kind {
    /// The name for people; empty for a plain value.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Ciphertext => "ciphertext",
            Self::Digest => "digest",
            Self::Key => "key",
            Self::Malformed => "malformed",
            Self::Padding => "padding",
            Self::Plain => "",
            Self::Random => "random",
            Self::Signature => "signature",
            Self::Text => "text",
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Known {
    /// Fills it in; the first time counts.
    pub fn settle(&self, kinds: BTreeMap<Vec<u8>, Kind>) {
        self.0.get_or_init(|| kinds);
    }

    /// The kind of `bytes`.
    #[must_use]
    pub fn kind(&self, bytes: &[u8]) -> Option<Kind> {
        self.0.get()?.get(bytes).copied()
    }
}

impl Field {
    /// A plain value.
    pub fn new(name: impl Into<String>, range: Range<usize>, value: impl Into<String>) -> Self {
        let Range { start, end } = range;
        let (name, value) = (name.into(), value.into());
        Self { name, start, end, value, kind: Kind::Plain, inside: Inside::Nothing }
    }

    /// The field as one of this kind.
    #[must_use]
    pub fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The field with these in it.
    #[must_use]
    pub fn with_fields(self, fields: Vec<Self>) -> Self {
        Self { inside: Inside::Fields(fields), ..self }
    }

    /// The field with the bytes of which it is an encoding.
    #[must_use]
    pub fn decoding_to(self, layer: Layer) -> Self {
        Self { inside: Inside::Decoded(Arc::new(layer)), ..self }
    }

    /// The field and those in it, `by` bytes later.
    #[must_use]
    pub fn shifted(self, by: usize) -> Self {
        let inside = match self.inside {
            Inside::Fields(fields) => Inside::Fields(fields.into_iter().map(|field| field.shifted(by)).collect()),
            inside @ (Inside::Decoded(_) | Inside::Nothing) => inside,
        };
        Self { start: self.start + by, end: self.end + by, inside, ..self }
    }

    /// Whether nothing says what these bytes are: a long leaf of no kind.
    #[must_use]
    pub fn is_unexplained(&self) -> bool {
        self.inside == Inside::Nothing && self.kind == Kind::Plain && self.end - self.start > LONGEST_PLAIN
    }

    fn is_complete(&self) -> bool {
        match &self.inside {
            Inside::Decoded(layer) => layer.is_complete(),
            Inside::Fields(fields) => cover(fields, self.start..self.end),
            Inside::Nothing => true,
        }
    }

    fn find_unexplained(&self, path: &str, found: &mut Vec<String>) {
        let path = format!("{path} / {}", self.name);
        match &self.inside {
            Inside::Decoded(layer) => layer.find_unexplained(&path, found),
            Inside::Fields(fields) => fields.iter().for_each(|field| field.find_unexplained(&path, found)),
            Inside::Nothing if self.is_unexplained() => {
                found.push(format!("{path} ({} bytes: {})", self.end - self.start, self.value));
            }
            Inside::Nothing => {}
        }
    }

    fn add_leaves<'f>(&'f self, leaves: &mut Vec<&'f Self>) {
        match &self.inside {
            Inside::Fields(fields) => fields.iter().for_each(|field| field.add_leaves(leaves)),
            Inside::Decoded(_) | Inside::Nothing => leaves.push(self),
        }
    }
}

/// The fields that have no fields of the same bytes in them, in order: each byte belongs to one of these.
#[must_use]
pub fn leaves(fields: &[Field]) -> Vec<&Field> {
    let mut leaves = Vec::new();
    for field in fields {
        field.add_leaves(&mut leaves);
    }
    leaves
}

/// Whether `fields` and those in them follow each other without gap or overlap and cover every byte of `range`.
fn cover(fields: &[Field], range: Range<usize>) -> bool {
    let mut at = range.start;
    for field in fields {
        if field.start != at || field.end <= field.start || !field.is_complete() {
            return false;
        }
        at = field.end;
    }
    at == range.end
}

impl Layer {
    /// Bytes with their explanation.
    pub fn new(name: impl Into<String>, bytes: Vec<u8>, fields: Vec<Field>) -> Self {
        let layer = Self::explained_by(name, bytes, |_, _| Vec::new());
        // The cell is new, so that there is nothing in it yet.
        Self { fields: OnceLock::from(fields), ..layer }
    }

    /// Bytes that `describe` explains when somebody asks.
    pub fn explained_by(
        name: impl Into<String>,
        bytes: Vec<u8>,
        describe: impl Fn(&[u8], &Known) -> Vec<Field> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            decrypted: false,
            bytes: Bytes(bytes),
            fields: OnceLock::new(),
            known: Known::default(),
            describe: Arc::new(describe),
        }
    }

    /// The layer as one that was encrypted on the link where `decrypted` holds.
    #[must_use]
    pub fn decrypted(self, decrypted: bool) -> Self {
        Self { decrypted, ..self }
    }

    /// Other bytes in place of these, explained anew as far as they still are what they were.
    #[must_use]
    pub fn with_bytes(&self, bytes: Vec<u8>) -> Self {
        let describe = Arc::clone(&self.describe);
        let anew = Self::explained_by(&self.name, bytes, move |bytes, known| {
            if bytes.is_empty() {
                return Vec::new();
            }
            let fields = describe(bytes, known);
            let whole = Field::new("changed bytes", 0..bytes.len(), "not what the sender wrote").of(Kind::Malformed);
            if cover(&fields, 0..bytes.len()) { fields } else { vec![whole] }
        });
        Self { decrypted: self.decrypted, known: self.known.clone(), ..anew }
    }

    /// The layer, explained by somebody who knows these bytes; nothing changes where it has its explanation already.
    #[must_use]
    pub fn knowing(self, known: Known) -> Self {
        Self { known, ..self }
    }

    /// Fields in order; together they cover every byte.
    pub fn fields(&self) -> &[Field] {
        self.fields.get_or_init(|| (self.describe)(&self.bytes.0, &self.known))
    }

    /// Whether the fields, and those in them, follow each other without gap or overlap and cover every byte.
    pub fn is_complete(&self) -> bool {
        cover(self.fields(), 0..self.bytes.0.len())
    }

    /// Every leaf that nothing explains, as the path of names that leads to it.
    pub fn unexplained(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.find_unexplained("", &mut found);
        found
    }

    fn find_unexplained(&self, path: &str, found: &mut Vec<String>) {
        let path = if path.is_empty() { self.name.clone() } else { format!("{path} / {}", self.name) };
        self.fields().iter().for_each(|field| field.find_unexplained(&path, found));
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer").field("name", &self.name).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl PartialEq for Layer {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.decrypted, &self.bytes) == (&other.name, other.decrypted, &other.bytes)
            && self.fields() == other.fields()
    }
}

impl Eq for Layer {}

impl Serialize for Layer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut layer = serializer.serialize_struct("Layer", 4)?;
        layer.serialize_field("name", &self.name)?;
        layer.serialize_field("decrypted", &self.decrypted)?;
        layer.serialize_field("bytes", &self.bytes)?;
        layer.serialize_field("fields", self.fields())?;
        layer.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(ranges: &[(usize, usize)]) -> Vec<Field> {
        ranges.iter().map(|(start, end)| Field::new("field", *start..*end, "")).collect()
    }

    fn is_complete(bytes: &[u8], ranges: &[(usize, usize)]) -> bool {
        Layer::new("layer", bytes.to_vec(), fields(ranges)).is_complete()
    }

    #[test]
    fn a_complete_layer_covers_each_byte_once() {
        assert!(is_complete(b"", &[]));
        assert!(is_complete(b"abc", &[(0, 1), (1, 3)]));
        assert!(!is_complete(b"abc", &[(0, 1)]), "bytes are left over");
        assert!(!is_complete(b"abc", &[(0, 1), (2, 3)]), "a gap");
        assert!(!is_complete(b"abc", &[(0, 2), (1, 3)]), "an overlap");
        assert!(!is_complete(b"abc", &[(0, 3), (3, 3)]), "an empty field");
    }

    #[test]
    fn what_is_in_a_field_covers_its_bytes() {
        let inside = |ranges| {
            let whole = Field::new("whole", 1..4, "").with_fields(fields(ranges)).shifted(1);
            Layer::new("layer", vec![0; 5], [fields(&[(0, 2)]), vec![whole]].concat()).is_complete()
        };
        assert!(inside(&[(1, 2), (2, 4)]));
        assert!(!inside(&[(1, 2)]), "bytes are left over");
        assert!(!inside(&[(1, 2), (2, 5)]), "more than the field has");
        let decoded = |ranges| {
            let layer = Layer::new("decoded", vec![0; 9], fields(ranges));
            Layer::new("layer", vec![0; 4], vec![Field::new("base64", 0..4, "").decoding_to(layer)]).is_complete()
        };
        assert!(decoded(&[(0, 9)]));
        assert!(!decoded(&[(0, 8)]));
    }

    #[test]
    fn a_long_leaf_needs_a_kind_or_something_in_it() {
        let unexplained = |field: Field| Layer::new("layer", vec![0; 64], vec![field]).unexplained();
        let long = Field::new("long", 0..17, "…");
        assert!(unexplained(Field::new("short", 0..16, "")).is_empty());
        assert_eq!(unexplained(long.clone()), ["layer / long (17 bytes: …)"]);
        assert!(unexplained(long.clone().of(Kind::Random)).is_empty());
        assert!(unexplained(long.clone().with_fields(fields(&[(0, 8), (8, 17)]))).is_empty());
        assert_eq!(
            unexplained(Field::new("outer", 0..20, "").with_fields([vec![long.clone()], fields(&[(17, 20)])].concat())),
            ["layer / outer / long (17 bytes: …)"]
        );
        assert_eq!(
            unexplained(Field::new("text", 0..3, "").decoding_to(Layer::new("DER", vec![0; 17], vec![long]))),
            ["layer / text / DER / long (17 bytes: …)"]
        );
    }

    #[test]
    fn an_explanation_is_made_once_and_only_on_demand() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static N_MADE: AtomicUsize = AtomicUsize::new(0);
        let layer = Layer::explained_by("layer", vec![7; 20], |bytes, known| {
            N_MADE.fetch_add(1, Ordering::Relaxed);
            vec![Field::new("all", 0..bytes.len(), "").of(known.kind(bytes).unwrap_or_default())]
        });
        let known = Known::default();
        let layer = layer.knowing(known.clone());
        known.settle([(vec![7; 20], Kind::Key)].into());
        assert_eq!(N_MADE.load(Ordering::Relaxed), 0);
        assert_eq!(layer.fields()[0].kind, Kind::Key);
        assert!(layer.unexplained().is_empty());
        assert_eq!(N_MADE.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn leaves_are_in_order() {
        let fields = vec![Field::new("a", 0..2, "").with_fields(fields(&[(0, 1), (1, 2)])), Field::new("b", 2..3, "")];
        let ranges: Vec<_> = leaves(&fields).iter().map(|leaf| leaf.start..leaf.end).collect();
        assert_eq!(ranges, [0..1, 1..2, 2..3]);
    }

    #[test]
    fn json_leaves_out_what_is_not_there() {
        let json = |field: &Field| serde_json::to_value(field).unwrap();
        let plain = Field::new("a", 0..1, "x");
        assert_eq!(json(&plain), serde_json::json!({ "name": "a", "start": 0, "end": 1, "value": "x" }));
        let key = Field::new("a", 0..1, "").with_fields(vec![plain.of(Kind::Key)]);
        assert_eq!(json(&key)["inside"]["fields"][0]["kind"], "key");
    }
}
