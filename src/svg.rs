//! [`Scene`] → SVG text: as a file that carries its own style, or as a figure inside a page.

mod script;

use std::fmt::{self, Write};
use std::sync::LazyLock;

use crate::scene::geometry::Point;
use crate::scene::palette::{SWATCHES, Theme, Tone};
use crate::scene::text::{Font, is_cursive};
use crate::scene::{
    Anchor, Dash, Element, Entrance, Group, GroupKind, Outline, Part, Role, Scene, Segment, Shape, TextRun,
};

/// The families of text, ending in what every system has.
const TEXT_FAMILY: &str = "Inter,'Noto Sans Arabic','Noto Sans Hebrew','Segoe UI',system-ui,sans-serif";
/// The families of bytes.
const MONO_FAMILY: &str = "'JetBrains Mono',Inter,'Noto Sans Arabic','Noto Sans Hebrew',ui-monospace,monospace";
/// The longest description in a picture; the whole of it is [`text_alternative`].
const DESCRIPTION_LENGTH: usize = 1200;

/// `scene` as a file of its own: complete when still, dark where the reader's system is, each step addressable.
pub fn file(scene: &Scene, figure: &str) -> String {
    marked(scene, figure, None)
}

/// The same with one step marked as if its address had been opened.
pub fn marked(scene: &Scene, figure: &str, step: Option<&str>) -> String {
    write_svg(scene, figure, Some(&FILE_STYLE), step)
}

/// `scene` for a page whose stylesheet holds [`inline_stylesheet`] and sets the custom properties of the palette.
pub fn inline(scene: &Scene, figure: &str) -> String {
    write_svg(scene, figure, None, None)
}

/// Height of a page of paper against its width, with some room for what stands around a picture; the first page also has
/// what leads to it.
const PAGES: [f32; 2] = [0.8, 1.26];

/// The figure that [`inline`] wrote once more, in pieces that fit on paper; empty where it stays whole.
///
/// Each piece refers to the figure, which may be hidden where they are shown, and bears its head.
pub fn pages(scene: &Scene, figure: &str) -> String {
    let [first, others] = PAGES.map(|share| share * scene.width);
    let pages = scene.cuts.pages(scene.height, first, others);
    if pages.len() < 2 {
        return String::new();
    }
    let mut out = String::new();
    let (id, width, head) = (escape(figure), Fixed(scene.width), scene.cuts.head);
    for (top, bottom) in pages {
        let lead = if top > 0.0 { head } else { 0.0 };
        line(&mut out, format_args!("<svg class=\"tl-page\" viewBox=\"0 0 {width} {}\">", Fixed(lead + bottom - top)));
        for (y, top, height) in [(0.0, 0.0, lead), (lead, top, bottom - top)].into_iter().filter(|piece| piece.2 > 0.0)
        {
            let [y, top, height] = [y, top, height].map(Fixed);
            let view = format_args!("viewBox=\"0 {top} {width} {height}\"");
            line(
                &mut out,
                format_args!("<svg y=\"{y}\" width=\"{width}\" height=\"{height}\" {view}><use href=\"#{id}\"/></svg>"),
            );
        }
        line(&mut out, "</svg>");
    }
    format!("<div class=\"tl-pages\" aria-hidden=\"true\">\n{out}</div>")
}

/// The rules that inline figures need, once a page; all of them apply inside `.tl-figure` only.
///
/// A figure moves when it also has the class `tl-play`, and the step with the class `tl-current` is marked.
pub fn inline_stylesheet() -> String {
    let mut css = String::new();
    for swatch in &SWATCHES {
        let name = swatch.name;
        line(&mut css, format_args!(".tl-figure .tl-f-{name}{{fill:var(--tl-{name})}}"));
        line(&mut css, format_args!(".tl-figure .tl-s-{name}{{stroke:var(--tl-{name})}}"));
    }
    css + &shared_rules(".tl-figure ", ".tl-figure.tl-play ")
}

/// The picture in words: one line a step, in order.
pub fn text_alternative(scene: &Scene) -> Vec<String> {
    scene.steps.clone()
}

/// The id of a step in the picture called `figure`.
pub fn step_id(figure: &str, step: &str) -> String {
    format!("{figure}--{step}")
}

fn write_svg(scene: &Scene, figure: &str, style: Option<&str>, current: Option<&str>) -> String {
    let mut out = String::new();
    let id = escape(figure);
    let (width, height) = (Fixed(scene.width), Fixed(scene.height));
    let motion = scene.timeline.motion();
    line(
        &mut out,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{id}\" class=\"tl-figure\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
             style=\"--tl-motion:{motion:.3}s\">"
        ),
    );
    line(&mut out, format_args!("<title id=\"{id}-title\">{}</title>", escape(&scene.title)));
    line(&mut out, format_args!("<desc id=\"{id}-desc\">{}</desc>", escape(&description(scene))));
    if let Some(style) = style {
        line(&mut out, format_args!("<style>\n{style}</style>"));
    }
    for (group, start) in scene.groups.iter().zip(&scene.timeline.starts) {
        write_group(&mut out, group, *start, figure, current);
    }
    out + "</svg>\n"
}

fn description(scene: &Scene) -> String {
    let mut text = scene.description.clone();
    for (index, step) in scene.steps.iter().enumerate() {
        if text.len() + step.len() > DESCRIPTION_LENGTH {
            let _ = write!(text, " … and {} more steps.", scene.steps.len() - index);
            break;
        }
        let _ = write!(text, " {step}.");
    }
    text
}

/// Times are counted in motions: one more somewhere changes what comes later and nothing before it.
fn write_group(out: &mut String, group: &Group, start: u16, figure: &str, current: Option<&str>) {
    match &group.kind {
        GroupKind::Ground => line(out, "<g class=\"tl-ground\">"),
        GroupKind::Passing => line(out, format_args!("<g class=\"tl-passing\" style=\"--tl-at:{start}\">")),
        GroupKind::Step(step) => {
            let id = escape(&step_id(figure, step));
            let mark = if current == Some(step) { " tl-current" } else { "" };
            line(out, format_args!("<g id=\"{id}\" class=\"tl-step{mark}\" style=\"--tl-at:{start}\">"));
        }
    }
    if !group.label.is_empty() {
        line(out, format_args!("<title>{}</title>", escape(&group.label)));
    }
    for (turn, part) in group.parts.iter().enumerate() {
        write_part(out, turn, part);
    }
    line(out, "</g>");
}

/// The first part of a group appears with it.
fn write_part(out: &mut String, turn: usize, part: &Part) {
    match part.entrance {
        _ if turn == 0 => {}
        Entrance::Appearing => line(out, format_args!("<g class=\"tl-appearing\" style=\"--tl-turn:{turn}\">")),
        Entrance::Settling => line(out, format_args!("<g class=\"tl-settling\" style=\"--tl-turn:{turn}\">")),
        Entrance::Travelling(from) => {
            let from = Fixed(from);
            line(out, format_args!("<g class=\"tl-travelling\" style=\"--tl-turn:{turn};--tl-from:{from}px\">"));
        }
    }
    for element in &part.elements {
        match element {
            Element::Shape(shape) => write_shape(out, shape),
            Element::Text(run) => write_text(out, run),
        }
    }
    if turn > 0 {
        line(out, "</g>");
    }
}

fn write_shape(out: &mut String, shape: &Shape) {
    out.push('<');
    write_outline(out, &shape.outline);
    out.push_str(" class=\"");
    if shape.role == Role::Focus {
        out.push_str("tl-focus ");
    }
    if let Some(fill) = shape.fill {
        put(out, format_args!("tl-f-{}", fill.tone.name()));
    }
    if let Some(stroke) = shape.stroke {
        let gap = if shape.fill.is_some() { " " } else { "" };
        put(out, format_args!("{gap}tl-s-{}", stroke.paint.tone.name()));
    }
    out.push('"');
    match shape.fill {
        Some(fill) => write_opacity(out, "fill-opacity", fill.opacity),
        None => out.push_str(" fill=\"none\""),
    }
    if let Some(stroke) = shape.stroke {
        put(out, format_args!(" stroke-width=\"{}\"", Fixed(stroke.width)));
        write_opacity(out, "stroke-opacity", stroke.paint.opacity);
        out.push_str(match stroke.dash {
            Dash::Dashed => " stroke-dasharray=\"6 4\"",
            Dash::Dotted => " stroke-dasharray=\"0.1 3.5\" stroke-linecap=\"round\"",
            Dash::Solid if matches!(shape.outline, Outline::Path(_)) => {
                " stroke-linecap=\"round\" stroke-linejoin=\"round\""
            }
            Dash::Solid => "",
        });
    }
    out.push_str("/>\n");
}

fn write_opacity(out: &mut String, name: &str, value: f32) {
    if value < 1.0 {
        put(out, format_args!(" {name}=\"{value:.2}\""));
    }
}

/// The name of the element and the attributes of its form.
fn write_outline(out: &mut String, outline: &Outline) {
    match outline {
        Outline::Circle { center, radius } => {
            let (x, y, radius) = (Fixed(center.x), Fixed(center.y), Fixed(*radius));
            put(out, format_args!("circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\""));
        }
        Outline::Line { from, to } => put(out, format_args!("path d=\"M{}L{}\"", Pair(*from), Pair(*to))),
        Outline::Path(segments) => {
            out.push_str("path d=\"");
            for segment in segments {
                write_segment(out, segment);
            }
            out.push('"');
        }
        Outline::Rect { frame, radius } => {
            let [x, y, width, height] = [frame.x, frame.y, frame.width, frame.height].map(Fixed);
            put(out, format_args!("rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""));
            if *radius > 0.0 {
                put(out, format_args!(" rx=\"{}\"", Fixed(*radius)));
            }
        }
    }
}

fn write_segment(out: &mut String, segment: &Segment) {
    match *segment {
        Segment::Close => out.push('Z'),
        Segment::Curve(one, two, end) => put(out, format_args!("C{} {} {}", Pair(one), Pair(two), Pair(end))),
        Segment::Line(to) => put(out, format_args!("L{}", Pair(to))),
        Segment::Move(to) => put(out, format_args!("M{}", Pair(to))),
    }
}

fn write_text(out: &mut String, run: &TextRun) {
    let (class, latin) = match run.font {
        Font::Regular => ("", "tl-latin"),
        Font::SemiBold => (" tl-semibold", "tl-latin"),
        Font::Bold => (" tl-bold", "tl-latin"),
        Font::Mono => (" tl-mono", "tl-mono"),
    };
    let (script, text) = script::content(&run.text, latin);
    let (tone, x, y, size) = (run.tone.name(), Fixed(run.at.x), Fixed(run.at.y), Fixed(run.size));
    put(out, format_args!("<text class=\"tl-f-{tone}{class}{script}\" x=\"{x}\" y=\"{y}\" font-size=\"{size}\""));
    out.push_str(match run.anchor {
        Anchor::End => " text-anchor=\"end\"",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::Start => "",
    });
    if run.tracking != 0.0 {
        put(out, format_args!(" letter-spacing=\"{}\"", Fixed(run.tracking)));
    }
    // Stretching would tear joined letters apart, and renderers differ on what it does to a text of several typefaces.
    if !is_cursive(&run.text) && script.is_empty() {
        put(out, format_args!(" textLength=\"{}\"", Fixed(run.width)));
    }
    line(out, format_args!(">{text}</text>"));
}

/// The same in every file.
static FILE_STYLE: LazyLock<String> = LazyLock::new(|| {
    let mut css = String::new();
    for swatch in &SWATCHES {
        line(&mut css, tone_rules(swatch.tone, Theme::Light));
    }
    css += &shared_rules("", "svg:not(:has(:target)) ");
    line(&mut css, "@media (prefers-color-scheme:dark){");
    for swatch in &SWATCHES {
        line(&mut css, tone_rules(swatch.tone, Theme::Dark));
    }
    line(&mut css, "}");
    css
});

fn tone_rules(tone: Tone, theme: Theme) -> String {
    let (name, color) = (tone.name(), tone.color(theme));
    format!(".tl-f-{name}{{fill:{color}}}.tl-s-{name}{{stroke:{color}}}")
}

/// Type, the mark of the step that is asked for, and motion; `scope` and `moving` are prefixes of selectors.
fn shared_rules(scope: &str, moving: &str) -> String {
    let mut css = String::new();
    line(
        &mut css,
        format_args!("{scope}text{{font-family:{TEXT_FAMILY};font-weight:400;font-variant-ligatures:none}}"),
    );
    line(&mut css, format_args!("{scope}.tl-semibold{{font-weight:600}}"));
    line(&mut css, format_args!("{scope}.tl-bold{{font-weight:700}}"));
    line(&mut css, format_args!("{scope}.tl-latin{{font-family:{TEXT_FAMILY}}}"));
    line(&mut css, format_args!("{scope}.tl-mono{{font-family:{MONO_FAMILY}}}"));
    for rule in script::rules(scope) {
        line(&mut css, rule);
    }
    line(&mut css, format_args!("{scope}.tl-step:target>.tl-focus{{stroke-opacity:.7}}"));
    line(&mut css, format_args!("{scope}.tl-step.tl-current>.tl-focus{{stroke-opacity:.7}}"));
    line(&mut css, "@media screen and (prefers-reduced-motion:no-preference){");
    for (class, keyframes) in [
        ("tl-passing", "tl-appear"),
        ("tl-step", "tl-appear"),
        ("tl-appearing", "tl-appear"),
        ("tl-settling", "tl-settle"),
        ("tl-travelling", "tl-travel"),
    ] {
        let delay = "calc((var(--tl-at) + var(--tl-turn,0))*var(--tl-motion))";
        line(
            &mut css,
            format_args!("{moving}.{class}{{animation:{keyframes} var(--tl-motion) ease-out {delay} both}}"),
        );
    }
    line(&mut css, "}");
    line(&mut css, "@keyframes tl-appear{from{opacity:0}}");
    line(&mut css, "@keyframes tl-settle{from{opacity:0;transform:translateY(-9px)}}");
    line(&mut css, "@keyframes tl-travel{from{transform:translateX(var(--tl-from))}}");
    css
}

fn put(out: &mut String, what: fmt::Arguments<'_>) {
    out.write_fmt(what).expect("a string takes everything");
}

fn line(out: &mut String, what: impl fmt::Display) {
    put(out, format_args!("{what}\n"));
}

/// A number with one decimal, and none of the two ways to write zero.
#[derive(Clone, Copy)]
struct Fixed(f32);

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[expect(clippy::cast_possible_truncation, reason = "a picture is not that large")]
        let tenths = (f64::from(self.0) * 10.0).round_ties_even() as i64;
        let sign = if tenths < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
    }
}

/// A point of a path.
struct Pair(Point);

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Fixed(self.0.x), Fixed(self.0.y))
    }
}

/// `text` as content or attribute of XML; what XML 1.0 cannot hold is left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}
