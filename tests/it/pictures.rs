//! Pictures: nothing overlaps, nothing leaves its shape, and both writings say the same.

mod characters;
mod differences;
mod kinds;
mod knowledge;
mod of_book;
mod story;
mod timeline;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use story::Story;
use trustlane::flow::{Custody, Exposure, Medium};
use trustlane::scene::geometry::{Point, Rect};
use trustlane::scene::palette;
use trustlane::scene::{Element, Group, GroupKind, Outline, Role, Scene, Segment, Shape, TextRun};
use trustlane::svg;
use trustlane::trace::{ArtifactKind, EditMark, Protection};

/// Writes the pictures into the folder for temporary files, to be looked at.
#[test]
#[ignore = "for people"]
#[expect(clippy::disallowed_methods, reason = "a look at the pictures needs files")]
fn look() {
    let folder = std::env::temp_dir().join("trustlane-look");
    std::fs::create_dir_all(&folder).unwrap();
    let stories = [
        ("baseline", story::baseline()),
        ("refused", story::refused()),
        ("accepted", story::accepted()),
        ("handshake", story::handshake()),
        ("odd", odd()),
    ];
    for (name, story) in stories {
        let scene = story.draw();
        let text = svg::file(&scene, name);
        std::fs::write(folder.join(format!("{name}.svg")), &text).unwrap();
        let page = format!(
            "<!doctype html><meta charset=utf-8><style>:root{{{}}}{}</style><p>text of the page</p>{}",
            palette::custom_properties(palette::Theme::Dark),
            svg::inline_stylesheet(),
            svg::inline(&scene, name)
        );
        std::fs::write(folder.join(format!("{name}.html")), page).unwrap();
        std::fs::write(folder.join(format!("{name}.txt")), scene.steps.join("\n")).unwrap();
        #[cfg(feature = "png")]
        std::fs::write(folder.join(format!("{name}.png")), trustlane::export::png::render(&text, 1.5)).unwrap();
    }
}

/// Labels as nobody should write them.
fn odd() -> Story {
    let long = "a very long title that somebody wrote because a sentence seemed clearer than the few words that were asked for";
    Story::new("Odd labels")
        .zone("Завод изготовителя")
        .zone("Εργοστάσιο και δίκτυο του ιδιοκτήτη")
        .actor("a", "Устройство", "датчик температуры", Some(0), Custody::SecureElement)
        .actor("b", "設備管理サーバー", "登録局", Some(1), Custody::Hsm)
        .actor("c", "jitp-registrar.eu-central-1.provisioning.example", long, None, Custody::Tpm)
        .link("net", Medium::WiFi, Exposure::Active)
        .phase("производство и поставка")
        .at("one", long, "a")
        .message("two", "запрос сертификата (CSR) v0", ["a", "c"], "net", Protection::Clear)
        .flight("証明書要求", 1_234_567)
        .phase("初期設定")
        .message("three", "証明書の署名要求を送信して応答を待つ", ["b", "a"], "net", Protection::Protected)
        .session("three")
        .flight("<serial> & \"quotes\"", 99)
        .check("a", long, true)
        .check("b", "απάντηση με υπογραφή", false)
        .at("four", "проверка", "c")
        .check("c", "urn:dev:ops:32473-Refrigerator-5002-0123456789abcdef0123456789abcdef", true)
}

fn texts(scene: &Scene) -> Vec<&TextRun> {
    let elements = scene.groups.iter().flat_map(Group::elements);
    elements.filter_map(|element| if let Element::Text(run) = element { Some(run) } else { None }).collect()
}

fn shapes(scene: &Scene, role: Role) -> Vec<&Shape> {
    let elements = scene.groups.iter().flat_map(Group::elements);
    let shapes = elements.filter_map(|element| if let Element::Shape(shape) = element { Some(shape) } else { None });
    shapes.filter(|shape| shape.role == role).collect()
}

/// The space of a shape; a line is one pixel thick.
fn frame(shape: &Shape) -> Rect {
    match &shape.outline {
        Outline::Circle { center, radius } => {
            Rect::new(center.x - radius, center.y - radius, 2.0 * radius, 2.0 * radius)
        }
        Outline::Line { from, to } => {
            let (left, top) = (from.x.min(to.x), from.y.min(to.y));
            Rect::new(left - 0.5, top - 0.5, (from.x - to.x).abs() + 1.0, (from.y - to.y).abs() + 1.0)
        }
        Outline::Path(_) => Rect::default(),
        Outline::Rect { frame, .. } => *frame,
    }
}

/// The pieces of a line, each one pixel thick; of a curve, the way over its control points.
fn strokes(shape: &Shape) -> Vec<Rect> {
    let Outline::Path(segments) = &shape.outline else { return vec![frame(shape)] };
    let mut pieces = Vec::new();
    let mut last = None;
    for segment in segments {
        let points = match *segment {
            Segment::Move(to) => {
                last = Some(to);
                vec![]
            }
            Segment::Line(to) => vec![to],
            Segment::Curve(one, other, to) => vec![one, other, to],
            Segment::Close => vec![],
        };
        for to in points {
            let from = last.replace(to).unwrap_or(to);
            pieces.push(frame(&Shape::line(from, to)));
        }
    }
    pieces
}

/// What must hold of every picture.
pub(crate) fn check_geometry(scene: &Scene) -> Result<(), String> {
    let canvas = Rect::new(0.0, 0.0, scene.width, scene.height);
    let texts = texts(scene);
    let cards: Vec<Rect> = shapes(scene, Role::Card).into_iter().map(frame).collect();
    let messages: Vec<Rect> = shapes(scene, Role::Message).into_iter().flat_map(strokes).collect();
    let lifelines: Vec<Rect> = shapes(scene, Role::Lifeline).into_iter().map(frame).collect();
    for (index, text) in texts.iter().enumerate() {
        let rect = text.rect();
        if !canvas.contains(rect, 0.0) {
            return Err(format!("`{}` leaves the canvas: {rect:?}", text.text));
        }
        if let Some(other) = texts[index + 1..].iter().find(|other| other.rect().overlaps(rect)) {
            return Err(format!("`{}` overlaps `{}`: {rect:?} {:?}", text.text, other.text, other.rect()));
        }
        if let Some(card) = cards.iter().find(|card| card.overlaps(rect) && !card.contains(rect, 0.1)) {
            return Err(format!("`{}` leaves its card: {rect:?} {card:?}", text.text));
        }
        if messages.iter().any(|line| line.overlaps(rect)) {
            return Err(format!("an arrow goes through `{}`: {rect:?}", text.text));
        }
        let is_on_card = cards.iter().any(|card| card.contains(rect, 0.1));
        if !is_on_card && lifelines.iter().any(|line| line.overlaps(rect)) {
            return Err(format!("a lifeline goes through `{}`: {rect:?}", text.text));
        }
    }
    for (index, card) in cards.iter().enumerate() {
        if !canvas.contains(*card, 0.0) {
            return Err(format!("a card leaves the canvas: {card:?}"));
        }
        if let Some(other) = cards[index + 1..].iter().find(|other| other.overlaps(*card)) {
            return Err(format!("cards overlap: {card:?} {other:?}"));
        }
        if lifelines.iter().filter(|line| line.overlaps(*card)).count() > 1 {
            return Err(format!("a card covers the line of another actor: {card:?}"));
        }
        if let Some(line) = messages.iter().find(|line| line.overlaps(*card)) {
            return Err(format!("an arrow goes through a card: {card:?} {line:?}"));
        }
    }
    Ok(())
}

/// No edge of a session and no sign touches a text that does not lie on a card.
fn check_ornaments(scene: &Scene) -> Result<(), String> {
    let texts = texts(scene);
    let cards: Vec<Rect> = shapes(scene, Role::Card).into_iter().map(frame).collect();
    let is_free = |text: &&&TextRun| !cards.iter().any(|card| card.contains(text.rect(), 0.1));
    for group in scene.groups.iter().filter(|group| group.kind == GroupKind::Passing) {
        for element in group.elements() {
            let Element::Shape(Shape { outline: Outline::Rect { frame, .. }, role: Role::Ornament, .. }) = element
            else {
                continue;
            };
            let crosses = |text: &&&TextRun| frame.overlaps(text.rect()) && !frame.contains(text.rect(), 0.0);
            if let Some(text) = texts.iter().filter(is_free).find(crosses) {
                return Err(format!("the edge of a session runs through `{}`: {frame:?} {:?}", text.text, text.rect()));
            }
        }
    }
    for sign in shapes(scene, Role::Ornament).iter().filter_map(|shape| bounds(&shape.outline)) {
        // A number stands on its diamond.
        let touches = |text: &&&TextRun| sign.overlaps(text.rect()) && !sign.contains(text.rect(), 0.0);
        if let Some(text) = texts.iter().find(touches) {
            return Err(format!("a sign lies on `{}`: {sign:?} {:?}", text.text, text.rect()));
        }
    }
    Ok(())
}

/// The space of a path without its stroke.
fn bounds(outline: &Outline) -> Option<Rect> {
    let Outline::Path(segments) = outline else { return None };
    let points: Vec<Point> = segments
        .iter()
        .flat_map(|segment| match *segment {
            Segment::Close => vec![],
            Segment::Curve(one, two, end) => vec![one, two, end],
            Segment::Line(at) | Segment::Move(at) => vec![at],
        })
        .collect();
    let least = |of: fn(&Point) -> f32| points.iter().map(of).fold(f32::INFINITY, f32::min);
    let most = |of: fn(&Point) -> f32| points.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
    let (left, top) = (least(|at| at.x), least(|at| at.y));
    Some(Rect::new(left, top, most(|at| at.x) - left, most(|at| at.y) - top))
}

fn stories() -> Vec<Story> {
    vec![story::baseline(), story::refused(), story::accepted(), story::handshake()]
}

#[test]
fn pictures_of_the_stories_are_clean() {
    for story in stories() {
        check_geometry(&story.draw()).unwrap();
    }
}

/// A label of 1 to 120 characters in one of the scripts that authors write, words of any length.
fn label() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9 <>&\"'(){}#/._-]{1,120}",
        "[А-Яа-яЁё ,-]{1,120}",
        "[Α-Ωα-ωά-ώ ]{1,120}",
        "[一-龥ぁ-んァ-ヶー。、]{1,120}",
        "[א-ת \u{5b0}-\u{5b9}]{1,120}",
        "[ء-ي ]{1,120}",
        "[가-힣 ]{1,120}",
        "[A-Za-z\u{300}-\u{36f} 🔑🔒😀]{1,120}",
        "[A-Za-zА-я0-9א-תء-ي一-龥ぁ-ん ():,.]{1,120}",
        "[A-Za-z0-9]{100,120}",
        "(end|style|wrap:|#[0-9]|;|%%|\"|'|<b>|loop|note|:|as|,|-x|->>|\\$| )+"
            .prop_map(|text| text.chars().take(120).collect()),
        Just("CSR (PKCS#10) v0".to_owned()),
    ]
}

/// One step as numbers, to be fitted to however many actors there are.
#[derive(Clone, Debug)]
struct StepSeed {
    title: String,
    kind: u8,
    from: usize,
    to: usize,
    phase: Option<String>,
    protection: u8,
    session: u8,
    edit: u8,
    bytes: usize,
    checks: Vec<(usize, String, bool)>,
    refusal: Option<(usize, String, Option<String>)>,
    /// For whom, how many, and under which name.
    stored: (usize, usize, String),
}

fn step_seed() -> impl Strategy<Value = StepSeed> {
    let checks = prop::collection::vec((0..12_usize, label(), any::<bool>()), 0..3);
    let refusal = prop::option::weighted(0.15, (0..12_usize, label(), prop::option::of(label())));
    let place = (0..4_u8, 0..12_usize, 0..12_usize);
    let sent = (0..4_u8, 0..6_u8, 0..8_u8, 0..20_000_usize);
    let stored = prop_oneof![3 => Just((0, 0, String::new())), 1 => (0..12_usize, 1..7_usize, label())];
    (label(), place, prop::option::weighted(0.3, label()), sent, checks, refusal, stored).prop_map(
        |(title, (kind, from, to), phase, (protection, session, edit, bytes), checks, refusal, stored)| StepSeed {
            title,
            kind,
            from,
            to,
            phase,
            protection,
            session,
            edit,
            bytes,
            checks,
            refusal,
            stored,
        },
    )
}

/// The zone in which another lies, where it lies in one.
fn any_outer() -> impl Strategy<Value = Option<usize>> {
    prop::option::of(0..4_usize)
}

prop_compose! {
    fn any_story()(
        actors in prop::collection::vec((label(), label(), 0..5_usize), 2..=12),
        zones in prop::collection::vec((label(), any_outer()), 4),
        steps in prop::collection::vec(step_seed(), 1..=60),
        is_attack in any::<bool>(),
        consequence in label(),
    ) -> Story {
        let mut story = Story::new("Any method").link("net", Medium::WiFi, Exposure::Active);
        for (index, (zone, outer)) in zones.iter().enumerate() {
            // A zone lies in one of those before or in one of those after it: never in itself.
            let outer = if zones[0].1.is_some() { outer.map(|outer| 3 - outer) } else { *outer };
            let is_free = |outer: &usize| if zones[0].1.is_some() { *outer > index } else { *outer < index };
            story = story.zone_in(zone, outer.filter(is_free));
        }
        let count = actors.len();
        for (index, (title, role, zone)) in actors.iter().enumerate() {
            let is_attacker = is_attack && index + 1 == count;
            let (id, zone) = if is_attacker {
                ("attacker".to_owned(), None)
            } else {
                (format!("a{index}"), Some(*zone).filter(|zone| *zone < 4))
            };
            story = story.actor(&id, title, role, zone, Custody::SecureElement);
        }
        let ids: Vec<String> = story.scenario.actors.iter().map(|actor| actor.id.clone()).collect();
        let id = |index: usize| ids[index % count].as_str();
        if is_attack {
            story = story.attack("any", "any attack", &consequence);
        }
        for (index, seed) in steps.iter().enumerate() {
            if let Some(phase) = &seed.phase {
                story = story.phase(phase);
            }
            story = add(story, &format!("s{index}"), seed, &id);
        }
        story
    }
}

fn add<'a>(story: Story, step: &str, seed: &StepSeed, id: &impl Fn(usize) -> &'a str) -> Story {
    let protections = [Protection::None, Protection::Clear, Protection::Provisional, Protection::Protected];
    let protection = protections[usize::from(seed.protection)];
    let mut story = match seed.kind {
        0 => story.at(step, &seed.title, id(seed.from)),
        1 => story.setup(step, &seed.title, id(seed.from), id(seed.to)),
        _ => story
            .message(step, &seed.title, [id(seed.from), id(seed.to)], "net", protection)
            .flight("POST /enrol", seed.bytes)
            .flight("200 OK", 17),
    };
    if seed.session < 3 {
        story = story.session(&format!("session-{}", seed.session));
    }
    story = match seed.edit {
        0 => story.edit(EditMark::Altered),
        1 => story.edit(EditMark::Inserted),
        2 => story.edit(EditMark::Impersonated),
        _ => story,
    };
    for (by, what, held) in &seed.checks {
        story = story.check(id(*by), what, *held);
    }
    let (actor, count, name) = &seed.stored;
    for index in 0..*count {
        let kind = if index % 2 == 0 { ArtifactKind::Certificate } else { ArtifactKind::Secret };
        // Every third goes into the store of another.
        story = story.stores(id(actor + index / 3), name, kind);
    }
    match &seed.refusal {
        None => story,
        Some((by, message, seen)) => {
            story.clause("RFC 8995, section 5.6.1").rejected(id(*by), "wrong-nonce", message, seen.as_deref())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(2026), cases: 96, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_picture_is_clean(story in any_story()) {
        let scene = story.draw();
        check_geometry(&scene).map_err(TestCaseError::fail)?;
        check_ornaments(&scene).map_err(TestCaseError::fail)?;
        check_timeline(&scene).map_err(TestCaseError::fail)?;
        check_cuts(&scene).map_err(TestCaseError::fail)?;
        check_svg(&svg::file(&scene, "any"), &scene).map_err(TestCaseError::fail)?;
        check_svg(&svg::inline(&scene, "any"), &scene).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn any_picture_of_zones_is_clean(story in any_story()) {
        let Some(scene) = story.draw_kind("boundary") else { return Ok(()) };
        check_geometry(&scene).map_err(TestCaseError::fail)?;
        check_timeline(&scene).map_err(TestCaseError::fail)?;
        check_addresses(&scene).map_err(TestCaseError::fail)?;
    }
}

/// Complete within five seconds, and nothing is left to move after the end.
fn check_timeline(scene: &Scene) -> Result<(), String> {
    let timeline = &scene.timeline;
    if timeline.starts.len() != scene.groups.len() {
        return Err("a group without a start".into());
    }
    if timeline.motion() * f32::from(timeline.n_motions) > 5.001 {
        return Err(format!("{} motions of {} s", timeline.n_motions, timeline.motion()));
    }
    for (group, start) in scene.groups.iter().zip(&timeline.starts) {
        if group.kind != GroupKind::Ground && start + group.n_motions() > timeline.n_motions {
            return Err(format!("{:?} ends after the end", group.kind));
        }
    }
    Ok(())
}

/// Pages cover the picture, and cut through no text, no card and no sign.
fn check_cuts(scene: &Scene) -> Result<(), String> {
    let [first, others] = [0.8, 1.26].map(|share| share * scene.width);
    let pages = scene.cuts.pages(scene.height, first, others);
    let ends: Vec<f32> = pages.iter().map(|(_, bottom)| *bottom).collect();
    let starts = pages.iter().map(|(top, _)| *top).chain([scene.height]);
    let before = [0.0].into_iter().chain(ends.iter().copied());
    if starts.zip(before).any(|(start, end)| (start - end).abs() > 0.01) {
        return Err(format!("{pages:?} of {}", scene.height));
    }
    let whole = texts(scene).into_iter().map(TextRun::rect);
    let whole = whole.chain(shapes(scene, Role::Card).into_iter().map(frame)).chain(
        shapes(scene, Role::Ornament)
            .into_iter()
            .filter(|shape| matches!(shape.outline, Outline::Circle { .. }))
            .map(frame),
    );
    for rect in whole {
        if let Some(cut) = ends.iter().find(|end| rect.y + 0.5 < **end && **end < rect.bottom() - 0.5) {
            return Err(format!("{rect:?} is cut at {cut}"));
        }
    }
    Ok(())
}

/// Every sentence has its group, and no two groups have the same address.
fn check_addresses(scene: &Scene) -> Result<(), String> {
    let ids: Vec<&str> = scene.step_ids().collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    if ids.len() != scene.steps.len() || distinct.len() != ids.len() {
        return Err(format!("{} sentences, {ids:?}", scene.steps.len()));
    }
    Ok(())
}

/// Plain, one element a line, every step addressable once.
fn check_svg(text: &str, scene: &Scene) -> Result<(), String> {
    for banned in ["<foreignObject", "<script", "<filter", "href", "url(", "<image", "NaN", "inf"] {
        if text.split('>').any(|tag| tag.rfind('<').is_some_and(|at| tag[at..].contains(banned))) {
            return Err(format!("`{banned}` in the picture"));
        }
    }
    if let Some(line) = text.lines().find(|line| line.matches("<g").count() + line.matches("<text").count() > 1) {
        return Err(format!("two elements on a line: {line}"));
    }
    for step in &scene.steps {
        let number = step.split('.').next().unwrap().parse::<usize>().unwrap();
        let id = format!(" id=\"any--s{}\"", number - 1);
        if text.matches(&id).count() != 1 {
            return Err(format!("{id} is not there once"));
        }
    }
    Ok(())
}

#[test]
#[cfg(feature = "png")]
fn a_picture_becomes_pixels() {
    for story in stories() {
        let scene = story.draw();
        for text in [svg::file(&scene, "story"), svg::inline(&scene, "story")] {
            let png = trustlane::export::png::render(&text, 0.5);
            assert!(png.starts_with(b"\x89PNG"));
        }
    }
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    for (one, other) in stories().iter().zip(&stories()) {
        assert_eq!(svg::file(&one.draw(), "story"), svg::file(&other.draw(), "story"));
    }
}

#[test]
fn inline_figures_take_every_colour_from_the_page() {
    let scene = story::baseline().draw();
    let text = svg::inline(&scene, "story");
    assert!(!text.contains("<style") && !text.contains("#fdfcf9"));
    for rule in svg::inline_stylesheet().lines().filter(|line| line.contains('{') && !line.starts_with('@')) {
        assert!(rule.starts_with(".tl-figure"), "{rule}");
    }
}

#[test]
fn text_that_would_break_markup_arrives_whole() {
    let story = Story::new("<serial> & \"quotes\"")
        .actor("device", "a & b", "<device>", None, Custody::Flash)
        .actor("service", "日本語", "خدمة", None, Custody::Hsm)
        .link("net", Medium::WiFi, Exposure::Active)
        .phase("\u{0}\u{1b}enrol")
        .message("csr", "CSR (PKCS#10) v0", ["device", "service"], "net", Protection::Clear);
    let scene = story.draw();
    let text = svg::file(&scene, "story");
    for part in ["&lt;serial&gt; &amp; &quot;quotes&quot;", ">a &amp; b<", ">日本語<", ">خدمة<", ">CSR (PKCS#10) v0<"]
    {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains(['\u{0}', '\u{1b}']));
    // Joined letters keep their own widths.
    let arabic = text.lines().find(|line| line.contains("خدمة") && line.starts_with("<text")).unwrap();
    assert!(!arabic.contains("textLength"));
}

#[test]
fn every_step_is_told_in_words() {
    let scene = story::handshake().draw();
    let steps = svg::text_alternative(&scene);
    assert_eq!(
        steps[1],
        "2. Device to Attacker, no session established: TLS 1.3 (247\u{a0}B) [impersonated by the attack]; \
         Device checks: the server's chain ends at a trusted authority, does not hold; \
         Device refuses: invalid peer certificate: UnknownIssuer (unknown-issuer); \
         the other end sees: received fatal alert: UnknownCA"
    );
    assert!(scene.description.contains("The attack was stopped: Device refused at step 2: unknown-issuer."));
}
