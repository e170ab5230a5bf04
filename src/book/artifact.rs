//! Artifacts as readers see them: decoded, byte by byte, to download, with the command that checks them.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;

use super::commands::{self, Command, Shelf};
use super::words;
use crate::annotation::{Field, Inside, Layer};
use crate::clock::Timestamp;
use crate::flow::{BASELINE, Flow};
use crate::trace::{Artifact, ArtifactKind, Provenance, Trace};

/// A value in an actor's store.
#[derive(Clone, Debug, Serialize)]
pub struct ArtifactView {
    /// Its anchor.
    pub anchor: String,
    /// Who holds it.
    pub holder: String,
    /// Its name in the store.
    pub name: String,
    /// What it is, in words.
    pub kind: &'static str,
    /// How it came there, in words.
    pub provenance: String,
    /// Whether it must stay with its holder.
    pub is_secret: bool,
    /// One line.
    pub summary: String,
    /// Length of its canonical encoding.
    pub length: String,
    /// Digest of its canonical encoding.
    pub sha256: String,
    /// Decoded members.
    pub decoded: Vec<Member>,
    /// The text itself, for text.
    pub text: Option<String>,
    /// PEM, where the kind has one.
    pub pem: Option<String>,
    /// The encoding with each byte explained.
    pub layer: Option<LayerView>,
    /// Where the same bytes are shown in full; set on what was received.
    pub same_as: Option<String>,
    /// Its file; absent for what has no bytes.
    pub download: Option<Download>,
}

/// A decoded member.
#[derive(Clone, Debug, Serialize)]
pub struct Member {
    /// Name.
    pub name: String,
    /// Value, for people.
    pub value: String,
}

/// A file to download, with its check.
#[derive(Clone, Debug, Serialize)]
pub struct Download {
    /// Path of the file.
    pub path: String,
    /// Its name in the folder in which the command runs.
    pub file: String,
    /// The command that checks it.
    pub command: Command,
}

/// Bytes with their meaning.
#[derive(Clone, Debug, Serialize)]
pub struct LayerView {
    /// What the bytes are.
    pub name: String,
    /// Whether they were encrypted on the link.
    pub decrypted: bool,
    /// How many.
    pub length: String,
    /// Fields in order, each before those in it; none where another page shows them.
    pub fields: Vec<FieldView>,
    /// The page that shows the fields; absent where they are here.
    pub page: Option<String>,
    /// Its number on that page, from 0.
    pub index: usize,
    /// How many fields that page shows.
    pub n_fields: usize,
}

/// A run of bytes, or the title of what it was decoded to.
#[derive(Clone, Debug, Serialize)]
pub struct FieldView {
    /// How many fields it stands in.
    pub depth: usize,
    /// Whether it begins other bytes, of which the field before it is an encoding; the fields below it count in those.
    pub is_decoded: bool,
    /// Name in the standard.
    pub name: String,
    /// First byte.
    pub start: usize,
    /// Number of bytes.
    pub length: usize,
    /// The bytes, for a leaf of the layer itself.
    pub hex: String,
    /// What sort of bytes they are; empty for a plain value.
    pub kind: &'static str,
    /// Value, for people.
    pub value: String,
}

impl LayerView {
    /// The view of a layer.
    pub fn new(layer: &Layer) -> Self {
        let mut fields = Vec::new();
        add_rows(layer.fields(), Some(&layer.bytes.0), 0, &mut fields);
        Self {
            name: layer.name.clone(),
            decrypted: layer.decrypted,
            length: words::bytes(layer.bytes.0.len()),
            fields,
            page: None,
            index: 0,
            n_fields: 0,
        }
    }
}

/// Adds a row for each of `fields` and what is in it; `bytes` are those of the layer, absent in what was decoded.
fn add_rows(fields: &[Field], bytes: Option<&[u8]>, depth: usize, rows: &mut Vec<FieldView>) {
    for field in fields {
        let (own, inside) = split(field);
        let shown = bytes.and_then(|bytes| bytes.get(own));
        rows.push(FieldView {
            depth,
            is_decoded: false,
            name: field.name.clone(),
            start: field.start,
            length: field.end.saturating_sub(field.start),
            hex: words::hex_pairs(shown.unwrap_or_default()),
            kind: field.kind.title(),
            value: field.value.clone(),
        });
        add_rows(inside, bytes, depth + 1, rows);
        if let Inside::Decoded(layer) = &field.inside {
            rows.push(title(layer, depth + 1));
            add_rows(layer.fields(), None, depth + 2, rows);
        }
    }
}

/// The bytes that a field shows itself, and the fields in it that have rows of their own.
///
/// A first field without words, such as tag and length, has no row: its bytes are those of the field that it begins.
fn split(field: &Field) -> (Range<usize>, &[Field]) {
    match &field.inside {
        Inside::Fields(inside) => match inside.split_first() {
            Some((first, rest)) if first.value.is_empty() && first.inside == Inside::Nothing => {
                (first.start..first.end, rest)
            }
            Some(_) | None => (field.start..field.start, inside),
        },
        Inside::Decoded(_) | Inside::Nothing => (field.start..field.end, &[]),
    }
}

fn title(layer: &Layer, depth: usize) -> FieldView {
    FieldView {
        depth,
        is_decoded: true,
        name: format!("decoded {}", layer.name),
        start: 0,
        length: layer.bytes.0.len(),
        hex: String::new(),
        kind: "",
        value: String::new(),
    }
}

/// The files of one flow, those of all scenarios in one folder, so that every command finds its issuers.
#[derive(Debug, Default)]
pub struct Files {
    folder: String,
    /// File names by scenario, actor and name.
    names: BTreeMap<(String, String, String), String>,
    /// Contents by file name.
    contents: BTreeMap<String, Vec<u8>>,
    shelf: Shelf,
}

impl Files {
    /// Files everything that the runs of `flow` stored; the same bytes become one file.
    pub fn collect(flow: &Flow, traces: &[Trace], seed: &str) -> Self {
        let mut files = Self { folder: format!("artifacts/{}", flow.id), ..Self::default() };
        let mut by_content: BTreeMap<(Vec<u8>, String), String> = BTreeMap::new();
        for trace in traces {
            let stored = trace.events.iter().flat_map(|event| &event.stored);
            for artifact in stored.chain(trace.stores.values().flat_map(BTreeMap::values)) {
                let key = key(trace, artifact);
                let Some((content, extension)) = content(artifact, seed).filter(|_| !files.names.contains_key(&key))
                else {
                    continue;
                };
                let name = by_content.entry((content.clone(), extension.to_owned())).or_insert_with(|| {
                    let scenario =
                        if trace.scenario == BASELINE { String::new() } else { format!("{}--", trace.scenario) };
                    format!("{scenario}{}--{}.{extension}", artifact.actor, artifact.name)
                });
                if matches!(artifact.kind, ArtifactKind::Certificate) {
                    files.shelf.add(name, &artifact.bytes.0);
                }
                files.names.insert(key, name.clone());
                files.contents.insert(name.clone(), content);
            }
        }
        files
    }

    /// The downloads with their paths.
    pub fn into_downloads(self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let folder = self.folder;
        self.contents.into_iter().map(move |(name, content)| (format!("{folder}/{name}"), content))
    }

    /// The file of an artifact, with its check at `clock`.
    fn download(&self, trace: &Trace, artifact: &Artifact, clock: Timestamp) -> Option<Download> {
        let file = self.names.get(&key(trace, artifact))?;
        Some(Download {
            path: format!("{}/{file}", self.folder),
            file: file.clone(),
            command: commands::check(artifact, file, clock.0, &self.shelf),
        })
    }
}

fn key(trace: &Trace, artifact: &Artifact) -> (String, String, String) {
    (trace.scenario.clone(), artifact.actor.clone(), artifact.name.clone())
}

/// The bytes of an artifact's file, and its extension.
fn content(artifact: &Artifact, seed: &str) -> Option<(Vec<u8>, &'static str)> {
    if artifact.kind == ArtifactKind::Session {
        return None;
    }
    if let Some(pem) = artifact.pem.as_ref() {
        return Some((throw_away(artifact.kind, pem, seed).into_bytes(), "pem"));
    }
    let bytes = &artifact.bytes.0;
    if bytes.is_empty() {
        return None;
    }
    let extension = if as_text(artifact).is_some() {
        "txt"
    } else if commands::is_der(bytes) {
        "der"
    } else {
        "bin"
    };
    Some((bytes.clone(), extension))
}

/// PEM with a first line that says what a private key is for; RFC 7468, section 2, allows text before the label.
fn throw_away(kind: ArtifactKind, pem: &str, seed: &str) -> String {
    let has_key = matches!(kind, ArtifactKind::PrivateKey | ArtifactKind::Credential);
    if !has_key || !pem.starts_with("-----BEGIN") {
        return pem.to_owned();
    }
    format!("Throw-away key, derived from the public seed \"{seed}\": anyone can recompute it. Never use it.\n{pem}")
}

/// The text of an artifact that is text.
fn as_text(artifact: &Artifact) -> Option<&str> {
    let is_text = match artifact.kind {
        ArtifactKind::Text
        | ArtifactKind::Token
        | ArtifactKind::QrPayload
        | ArtifactKind::Members
        | ArtifactKind::Number => true,
        ArtifactKind::Bytes
        | ArtifactKind::Certificate
        | ArtifactKind::Chain
        | ArtifactKind::CertificateSigningRequest
        | ArtifactKind::Credential
        | ArtifactKind::CertificateRevocationList
        | ArtifactKind::PrivateKey
        | ArtifactKind::PublicKey
        | ArtifactKind::Secret
        | ArtifactKind::Session
        | ArtifactKind::TrustAnchors => false,
    };
    let text = std::str::from_utf8(&artifact.bytes.0).ok()?;
    (is_text && !text.is_empty()).then_some(text)
}

/// What an artifact is shown with.
pub struct Showcase<'p> {
    /// The run.
    pub trace: &'p Trace,
    /// The flow's files.
    pub files: &'p Files,
    /// The seed, for the first line of private keys.
    pub seed: &'p str,
    /// Title of an actor.
    pub title: &'p dyn Fn(&str) -> String,
    /// Put before each anchor.
    pub prefix: &'p str,
    /// Where a value that entered a store earlier is shown; absent where nowhere.
    pub place: &'p dyn Fn(&Artifact) -> Option<String>,
}

impl Showcase<'_> {
    /// The view of `artifact`, as it was at `clock`.
    pub fn view(&self, artifact: &Artifact, clock: Timestamp) -> ArtifactView {
        let same_as = self.first_of_same(artifact);
        let is_repeated = same_as.is_some();
        let layer = artifact.layer.as_deref().filter(|_| !is_repeated).map(LayerView::new);
        let pem = artifact.pem.as_deref().filter(|_| !is_repeated);
        ArtifactView {
            anchor: self.anchor(artifact),
            holder: (self.title)(&artifact.actor),
            name: artifact.name.clone(),
            kind: words::kind(artifact.kind),
            provenance: words::provenance(&artifact.provenance, self.title),
            is_secret: artifact.kind.is_secret(),
            summary: artifact.summary.to_string(),
            length: words::bytes(artifact.bytes.0.len()),
            sha256: artifact.sha256.clone(),
            decoded: members(artifact),
            text: as_text(artifact).map(str::to_owned),
            pem: pem.map(|pem| throw_away(artifact.kind, pem, self.seed)),
            layer,
            same_as,
            download: self.files.download(self.trace, artifact, clock),
        }
    }

    /// The anchor of a value; one whose name its actor gives again in an attacked run says in which step.
    fn anchor(&self, artifact: &Artifact) -> String {
        let anchor = anchor(self.prefix, &artifact.actor, &artifact.name);
        let mut stored = self.trace.events.iter().flat_map(|event| &event.stored);
        let first = stored.find(|other| (&other.actor, &other.name) == (&artifact.actor, &artifact.name));
        match first {
            Some(first) if first.step != artifact.step => format!("{anchor}-{}", artifact.step),
            Some(_) | None => anchor,
        }
    }

    /// Where the first value with the same bytes is shown, for a value that was received.
    fn first_of_same(&self, artifact: &Artifact) -> Option<String> {
        if !matches!(artifact.provenance, Provenance::Received { .. } | Provenance::Provisioned) {
            return None;
        }
        let mut stored = self.trace.events.iter().flat_map(|event| &event.stored);
        let first = stored.find(|other| other.kind == artifact.kind && other.sha256 == artifact.sha256)?;
        let is_itself = first.actor == artifact.actor && first.name == artifact.name;
        if is_itself { None } else { (self.place)(first) }
    }
}

/// The anchor of a value.
pub fn anchor(prefix: &str, actor: &str, name: &str) -> String {
    format!("{prefix}value-{actor}--{name}")
}

fn members(artifact: &Artifact) -> Vec<Member> {
    artifact.decoded.iter().map(|(name, value)| Member { name: name.clone(), value: value.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_show_each_byte_once_and_what_was_decoded_without_bytes() {
        let decoded = Layer::new("DER", vec![5, 0], vec![Field::new("NULL", 0..2, "NULL")]);
        let inside = vec![
            Field::new("tag and length", 0..1, ""),
            Field::new("value", 1..2, "7"),
            Field::new("encoded", 2..4, "base64").decoding_to(decoded),
        ];
        let layer = Layer::new("layer", vec![1, 2, 3, 4], vec![Field::new("whole", 0..4, "").with_fields(inside)]);
        let rows = LayerView::new(&layer).fields;
        let rows: Vec<_> = rows.iter().map(|row| (row.depth, row.name.as_str(), row.hex.as_str())).collect();
        let expected =
            [(0, "whole", "01"), (1, "value", "02"), (1, "encoded", "03 04"), (2, "decoded DER", ""), (3, "NULL", "")];
        assert_eq!(rows, expected);
    }
}
