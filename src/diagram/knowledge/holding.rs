//! Trace → which secrets there are, and who came to hold each of them when and how.

use std::collections::BTreeSet;

use crate::diagram::Executed;
use crate::flow::{ATTACKER, Exposure};
use crate::trace::{ArtifactKind, Event, Learned, Place, Protection, Provenance, Trace};

/// Secrets by rows, parties by columns.
#[derive(Debug)]
pub(super) struct Matrix<'a> {
    /// The run.
    pub(super) run: Executed<'a>,
    /// The parties, the attacker last, also where it does not act.
    pub(super) parties: Vec<Party>,
    /// The secrets, sort by sort and then in the order in which they arise.
    pub(super) secrets: Vec<Secret>,
    /// Who holds what, in the order of steps.
    pub(super) holdings: Vec<Holding>,
}

/// A column.
#[derive(Debug)]
pub(super) struct Party {
    /// The actor's id.
    pub(super) id: String,
    /// Its name.
    pub(super) title: String,
    /// Whether it is the attacker.
    pub(super) is_attacker: bool,
}

/// A row.
#[derive(Debug)]
pub(super) struct Secret {
    /// Of which sort it is.
    pub(super) sort: Sort,
    /// The name under which it arose.
    pub(super) name: String,
    /// The names that it has elsewhere.
    pub(super) others: Vec<String>,
    sha256: String,
}

/// A sort of secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
// In the order of the rows.
pub(super) enum Sort {
    /// Private keys with their certificates.
    Credential,
    /// Private keys alone.
    PrivateKey,
    /// Symmetric keys and the like.
    Secret,
    /// Text that grants something.
    Token,
}

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holding {
    /// Index of the secret.
    pub(super) secret: usize,
    /// Index of the party.
    pub(super) party: usize,
    /// Index of the event since which it is held.
    pub(super) event: usize,
    /// How it came there.
    pub(super) how: How,
}

/// How a secret came to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
// In the order of the legend.
pub(super) enum How {
    /// Nobody had it before.
    Made,
    /// Computed or unpacked from what the party has; somebody had it before.
    Derived,
    /// Installed before the method began.
    Installed,
    /// Received under encryption, from a peer that was verified.
    Protected,
    /// Received under encryption while a peer was not verified.
    Provisional,
    /// Received in clear, on a link that nobody else reads.
    Unread,
    /// Received in clear, on a link that others read.
    Clear,
    /// The attacker read it on a link.
    Overheard,
    /// It leaked to the attacker.
    Leaked,
    /// The attacker made one of its own.
    Forged,
    /// The bytes are there, and cannot be opened.
    Sealed,
}

impl Sort {
    fn of(kind: ArtifactKind) -> Option<Self> {
        match kind {
            ArtifactKind::Credential => Some(Self::Credential),
            ArtifactKind::PrivateKey => Some(Self::PrivateKey),
            ArtifactKind::Secret => Some(Self::Secret),
            ArtifactKind::Token => Some(Self::Token),
            ArtifactKind::Bytes
            | ArtifactKind::Certificate
            | ArtifactKind::Chain
            | ArtifactKind::CertificateSigningRequest
            | ArtifactKind::CertificateRevocationList
            | ArtifactKind::Members
            | ArtifactKind::Number
            | ArtifactKind::PublicKey
            | ArtifactKind::QrPayload
            | ArtifactKind::Session
            | ArtifactKind::Text
            | ArtifactKind::TrustAnchors => None,
        }
    }
}

impl How {
    /// Whether an attacker who holds a secret so holds what others meant to keep.
    pub(super) fn is_loss(self) -> bool {
        match self {
            Self::Protected
            | Self::Provisional
            | Self::Unread
            | Self::Clear
            | Self::Overheard
            | Self::Leaked
            | Self::Derived => true,
            Self::Made | Self::Installed | Self::Forged | Self::Sealed => false,
        }
    }

    fn of(trace: &Trace, event: &Event, provenance: &Provenance, is_first: bool) -> Option<Self> {
        match provenance {
            Provenance::Made if is_first => Some(Self::Made),
            Provenance::Made => Some(Self::Derived),
            Provenance::Provisioned => Some(Self::Installed),
            Provenance::Received { .. } => Some(match event.protection {
                Protection::None => Self::Installed,
                Protection::Clear if is_unread(trace, event) => Self::Unread,
                Protection::Clear => Self::Clear,
                Protection::Provisional => Self::Provisional,
                Protection::Protected => Self::Protected,
            }),
            Provenance::Overheard => Some(Self::Overheard),
            Provenance::Leaked { .. } => Some(Self::Leaked),
            Provenance::Forged => Some(Self::Forged),
            Provenance::Presumed => None,
        }
    }
}

/// Whether nobody else is on the link of `event`.
fn is_unread(trace: &Trace, event: &Event) -> bool {
    let Place::Between { link, .. } = &event.place else { return false };
    trace.link(link).is_some_and(|link| link.exposure == Exposure::None)
}

impl<'a> Matrix<'a> {
    /// What `run` tells of its secrets.
    pub(super) fn new(run: Executed<'a>) -> Self {
        let mut matrix = Self { run, parties: parties(run), secrets: secrets(run), holdings: Vec::new() };
        for (index, event) in run.trace.events.iter().enumerate() {
            let known = event.learned.iter().filter(|known| !known.sealed);
            known.for_each(|known| matrix.open(index, event, known));
        }
        for (index, event) in run.trace.events.iter().enumerate() {
            matrix.seal(index, event);
        }
        matrix.holdings.sort_by_key(|holding| (holding.event, holding.secret, holding.party));
        matrix
    }

    /// `known` from `event` on, unless its actor had it before.
    fn open(&mut self, index: usize, event: &Event, known: &Learned) {
        let Some((secret, party)) = self.cell(&known.actor, &known.sha256) else { return };
        let is_first = self.holdings.iter().all(|holding| holding.secret != secret);
        if let (None, Some(how)) = (self.holding(secret, party), How::of(self.run.trace, event, &known.how, is_first)) {
            self.holdings.push(Holding { secret, party, event: index, how });
        }
    }

    /// Whoever has only the encrypted bytes in which `event` brought a secret to somebody else.
    fn seal(&mut self, index: usize, event: &Event) {
        let is_received = |known: &&Learned| !known.sealed && matches!(known.how, Provenance::Received { .. });
        let carried: BTreeSet<&str> =
            event.learned.iter().filter(is_received).map(|known| known.sha256.as_str()).collect();
        for known in event.learned.iter().filter(|known| known.sealed) {
            for sha256 in &carried {
                let Some((secret, party)) = self.cell(&known.actor, sha256) else { continue };
                if self.holding(secret, party).is_none() {
                    self.holdings.push(Holding { secret, party, event: index, how: How::Sealed });
                }
            }
        }
    }

    fn cell(&self, actor: &str, sha256: &str) -> Option<(usize, usize)> {
        let secret = self.secrets.iter().position(|secret| secret.sha256 == sha256)?;
        Some((secret, self.parties.iter().position(|party| party.id == actor)?))
    }

    fn holding(&self, secret: usize, party: usize) -> Option<&Holding> {
        self.holdings.iter().find(|holding| (holding.secret, holding.party) == (secret, party))
    }

    /// Indices of the events in which somebody came to hold something, in order.
    pub(super) fn steps(&self) -> impl Iterator<Item = usize> {
        self.holdings.iter().map(|holding| holding.event).collect::<BTreeSet<_>>().into_iter()
    }

    /// What the attacker holds that others meant to keep, by the index of the secret.
    pub(super) fn losses(&self) -> Vec<usize> {
        let lost =
            self.holdings.iter().filter(|holding| self.parties[holding.party].is_attacker && holding.how.is_loss());
        lost.map(|holding| holding.secret).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// The actors of the run as columns.
fn parties(run: Executed<'_>) -> Vec<Party> {
    let title = |id: &str, title: &str| if title.trim().is_empty() { id.to_owned() } else { title.to_owned() };
    let actors = run.scenario.actors.iter().filter(|actor| actor.id != ATTACKER);
    let mut parties: Vec<Party> = actors
        .map(|actor| Party { id: actor.id.clone(), title: title(&actor.id, &actor.title), is_attacker: false })
        .collect();
    let attacker = run.scenario.actors.iter().find(|actor| actor.id == ATTACKER);
    let name =
        attacker.map_or_else(|| "Somebody on the exposed links".to_owned(), |actor| title(ATTACKER, &actor.title));
    parties.push(Party { id: ATTACKER.to_owned(), title: name, is_attacker: true });
    parties
}

/// The secrets that entered a store, each once.
fn secrets(run: Executed<'_>) -> Vec<Secret> {
    let mut secrets: Vec<Secret> = Vec::new();
    for artifact in run.trace.events.iter().flat_map(|event| &event.stored) {
        let Some(sort) = Sort::of(artifact.kind) else { continue };
        let Some(known) = secrets.iter_mut().find(|secret| secret.sha256 == artifact.sha256) else {
            let (name, sha256) = (artifact.name.clone(), artifact.sha256.clone());
            secrets.push(Secret { sort, name, others: Vec::new(), sha256 });
            continue;
        };
        if known.name != artifact.name && !known.others.contains(&artifact.name) {
            known.others.push(artifact.name.clone());
        }
    }
    let learned = |secret: &Secret| {
        run.trace
            .events
            .iter()
            .flat_map(|event| &event.learned)
            .any(|known| !known.sealed && known.sha256 == secret.sha256)
    };
    secrets.retain(learned);
    secrets.sort_by_key(|secret| secret.sort);
    secrets
}
