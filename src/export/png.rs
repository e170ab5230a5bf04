//! SVG text → PNG, with the fonts that it was measured with and no others.

use std::sync::{Arc, LazyLock};

use resvg::usvg::fontdb::{Database, ID};
use resvg::{tiny_skia, usvg};

use crate::scene::text::{self, FONT_FILES, Fonts};

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    for file in FONT_FILES {
        fonts.load_font_data(file.to_vec());
    }
    fonts.set_sans_serif_family("Inter");
    fonts.set_monospace_family("JetBrains Mono");
    Arc::new(fonts)
});

/// The font for a character that the text's own lacks: the one with which the text was measured.
fn substitute(c: char, used: &[ID], known: &Database, own: &Fonts) -> Option<ID> {
    let ids: Vec<ID> = known.faces().map(|face| face.id).collect();
    let first = ids.iter().position(|id| used.first() == Some(id))?;
    let shipped = text::substitutes(first).iter().copied().filter(|index| text::has_glyph(*index, c));
    let own = own.with_glyph(c).map(|index| FONT_FILES.len() + index);
    shipped.chain(own).filter_map(|index| ids.get(index).copied()).find(|id| !used.contains(id))
}

/// The picture `svg`, one of ours, with `scale` pixels to the unit.
pub fn render(svg: &str, scale: f32) -> Vec<u8> {
    render_with(svg, scale, &Fonts::default())
}

/// The same with the fonts of a project as well.
pub fn render_with(svg: &str, scale: f32, own: &Fonts) -> Vec<u8> {
    let mut fonts = Arc::clone(&FONTS);
    for file in own.files() {
        Arc::make_mut(&mut fonts).load_font_data(file.to_vec());
    }
    let font_resolver = usvg::FontResolver {
        select_fallback: Box::new(|c, used, known| substitute(c, used, known, own)),
        ..usvg::FontResolver::default()
    };
    let options =
        usvg::Options { font_family: "Inter".to_owned(), fontdb: fonts, font_resolver, ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options).expect("our own writer gives well-formed SVG");
    let size = tree.size().to_int_size().scale_by(scale).expect("a picture has a size and a scale above zero");
    let mut pixmap = tiny_skia::Pixmap::new(size.width(), size.height()).expect("the size is above zero");
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    pixmap.encode_png().expect("a pixel map can be written as PNG")
}
