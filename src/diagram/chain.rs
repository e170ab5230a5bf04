//! The certificates of a run as trees: an issuer stands above those whom it certified.

use std::collections::BTreeMap;

use super::certificate::{Certificates, Held, name};
use super::{Diagram, Executed, Subject};
use crate::quantity::count;
use crate::scene::geometry::{Rect, point};
use crate::scene::palette::Tone;
use crate::scene::text::{Block, Font, Style, wrap};
use crate::scene::{Anchor, Cuts, Element, Group, GroupKind, Role, Scene, Shape, Timeline, runs};
use crate::trace::ArtifactKind;

const NAME: Style = Style::new(Font::Bold, 13.0);
const TEXT: Style = Style::new(Font::Regular, 11.0);
const MARGIN: f32 = 24.0;
const TEXT_WIDTH: f32 = 440.0;
const INDENT: f32 = 38.0;
const INSET: f32 = 12.0;
const GAP: f32 = 14.0;
const TREE_GAP: f32 = 28.0;
/// From the left edge of an issuer to the line that leads down to those whom it certified.
const TRUNK: f32 = 18.0;
/// The rank of whoever only has a copy.
const HELD: u8 = 2;

/// Issuers and subjects of a run's certificates.
#[derive(Debug)]
pub struct Chain;

impl Diagram for Chain {
    fn name(&self) -> &'static str {
        "chain"
    }

    fn summary(&self) -> &'static str {
        "The certificates of a run as trees: who issued whom, for what key, how long, and who holds it."
    }

    fn draw(&self, subject: &Subject<'_>) -> Option<Scene> {
        let Subject::Run(run) = subject else { return None };
        draw(run)
    }
}

/// A certificate with its place.
struct Node {
    index: usize,
    parent: Option<usize>,
    lines: Vec<(Block, Tone)>,
    frame: Rect,
}

fn draw(run: &Executed<'_>) -> Option<Scene> {
    let certificates = Certificates::of(run.trace);
    let mut nodes = Vec::new();
    let mut y = MARGIN;
    for root in certificates.roots() {
        y = place(run, &certificates, &mut nodes, (root, None), MARGIN, y) - GAP + TREE_GAP;
    }
    if nodes.is_empty() {
        return None;
    }
    let width = nodes.iter().map(|node| node.frame.right()).fold(0.0, f32::max) + MARGIN;
    let height = (y - TREE_GAP + MARGIN).ceil();
    let paper = Shape::rect(Rect::new(0.0, 0.0, width, height), 0.0).fill(Tone::Paper, 1.0);
    let mut groups = vec![Group::new(GroupKind::Ground, "", vec![paper.into()])];
    let mut steps = Vec::new();
    for (number, node) in nodes.iter().enumerate() {
        let held = &certificates.held[node.index];
        let issuer = held.issuer.map(|issuer| name(&certificates.held[issuer].certificate));
        let sentence = format!("{}. {}", number + 1, sentence(run, held, issuer));
        groups.push(Group::new(GroupKind::Step(id(&certificates, node.index)), sentence.clone(), paint(&nodes, node)));
        steps.push(sentence);
    }
    let trees = count(certificates.roots().count(), "tree", "trees");
    Some(Scene {
        title: format!("{}: certificates", run.title()),
        description: format!("{} in {trees}, issuers above.", count(nodes.len(), "certificate", "certificates")),
        width,
        height,
        timeline: Timeline::in_turn(&groups),
        cuts: Cuts::default(),
        groups,
        steps,
    })
}

/// Places a certificate and all below it, from `y` down; where the next one begins.
fn place(
    run: &Executed<'_>,
    certificates: &Certificates,
    nodes: &mut Vec<Node>,
    (index, parent): (usize, Option<usize>),
    x: f32,
    y: f32,
) -> f32 {
    // Two authorities that certified each other have no root, and are not come back to.
    let lines = lines(run, &certificates.held[index]);
    let width = lines.iter().map(|(block, _)| block.width()).fold(150.0, f32::max) + 2.0 * INSET + 4.0;
    let height = lines.iter().map(|(block, _)| block.height()).sum::<f32>() + 2.0 * (INSET - 3.0);
    nodes.push(Node { index, parent, lines, frame: Rect::new(x, y, width.ceil(), height) });
    let own = nodes.len() - 1;
    let mut below = y + height + GAP;
    for child in certificates.issued(index) {
        below = place(run, certificates, nodes, (child, Some(own)), x + INDENT, below);
    }
    below
}

fn lines(run: &Executed<'_>, held: &Held) -> Vec<(Block, Tone)> {
    let certificate = &held.certificate;
    let mut lines = vec![(wrap(&name(certificate), NAME, TEXT_WIDTH), Tone::Ink)];
    let issuer = certificate.issuer();
    if held.issuer.is_none() && certificate.issuer_der() != certificate.subject_der() {
        lines.push((wrap(&format!("issued by {issuer}, whom nobody here holds"), TEXT, TEXT_WIDTH), Tone::Mute));
    }
    lines.push((wrap(&facts(held), TEXT, TEXT_WIDTH), Tone::Mute));
    lines.push((wrap(&holders(run, held), TEXT, TEXT_WIDTH), Tone::Ink));
    lines
}

/// Key, use and validity.
fn facts(held: &Held) -> String {
    let certificate = &held.certificate;
    let day = |moment: crate::clock::Timestamp| moment.to_string().chars().take(10).collect::<String>();
    let mut facts = vec![certificate.public_key().title()];
    facts.push(if certificate.is_authority() { "authority".to_owned() } else { "end entity".to_owned() });
    facts.extend(certificate.extended_key_usages());
    facts.push(format!("{} to {}", day(certificate.not_before()), day(certificate.not_after())));
    facts.join("\u{a0}· ")
}

/// Who has the key, who believes it, and who else has seen it.
fn holders(run: &Executed<'_>, held: &Held) -> String {
    let mut by_use: BTreeMap<(u8, &str), Vec<String>> = BTreeMap::new();
    for holder in &held.holders {
        let found = run.scenario.actors.iter().find(|actor| actor.id == holder.actor);
        let actor = found.map_or_else(|| holder.actor.clone(), |actor| actor.title.clone());
        let names = by_use.entry(usage(holder.kind, holder.is_first)).or_default();
        if !names.contains(&actor) {
            names.push(actor);
        }
    }
    // Whoever believes it or has its key need not be said to hold it.
    let others: Vec<String> =
        by_use.iter().filter(|(usage, _)| usage.0 < HELD).flat_map(|(_, names)| names.clone()).collect();
    if let Some(names) = by_use.get_mut(&(HELD, "held by")) {
        names.retain(|name| !others.contains(name));
    }
    by_use.retain(|_, names| !names.is_empty());
    let uses = by_use.into_iter().map(|((_, usage), actors)| format!("{usage} {}", actors.join(", ")));
    uses.collect::<Vec<_>>().join("; ")
}

/// The words for a way to hold a certificate, with their rank.
fn usage(kind: ArtifactKind, is_first: bool) -> (u8, &'static str) {
    match (kind, is_first) {
        (ArtifactKind::Credential, true) => (0, "key with"),
        (ArtifactKind::TrustAnchors, _) => (1, "trust anchor of"),
        _ => (HELD, "held by"),
    }
}

/// The address: the name, and a number where several bear it; a new certificate in another place changes none.
fn id(certificates: &Certificates, index: usize) -> String {
    let slug = |index: usize| {
        let name = name(&certificates.held[index].certificate).to_lowercase();
        let kept: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        kept.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
    };
    let own = slug(index);
    match (0..index).filter(|other| slug(*other) == own).count() {
        0 => own,
        before => format!("{own}.{}", before + 1),
    }
}

fn sentence(run: &Executed<'_>, held: &Held, issuer: Option<String>) -> String {
    let issued = match issuer {
        Some(issuer) => format!("issued by {issuer}"),
        None if held.certificate.issuer_der() == held.certificate.subject_der() => "issued by itself".to_owned(),
        None => format!("issued by {}, whom nobody here holds", held.certificate.issuer()),
    };
    format!("{}, {issued}: {}; {}", name(&held.certificate), facts(held), holders(run, held))
}

fn paint(nodes: &[Node], node: &Node) -> Vec<Element> {
    let frame = node.frame;
    let mut elements = Vec::new();
    if let Some(parent) = node.parent.map(|parent| &nodes[parent]) {
        let x = parent.frame.x + TRUNK;
        let way =
            [point(x, parent.frame.bottom() + 1.5), point(x, frame.center().y), point(frame.x - 1.0, frame.center().y)];
        elements.push(Shape::way(&way).role(Role::Message).stroke(Tone::Mute, 1.2).into());
        elements.push(crate::scene::glyph::arrow_head(point(frame.x - 1.0, frame.center().y), true, Tone::Mute));
    }
    let card = Shape::rect(frame, 8.0).role(Role::Card).fill(Tone::Panel, 1.0);
    elements
        .push(if node.parent.is_none() { card.stroke(Tone::Ink, 1.4) } else { card.stroke(Tone::Line, 1.0) }.into());
    let mut y = frame.y + INSET - 3.0;
    for (block, tone) in &node.lines {
        elements.extend(runs(block, frame.x + INSET, y, Anchor::Start, *tone));
        y += block.height();
    }
    elements
}
