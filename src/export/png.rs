//! SVG text → PNG, with the shipped fonts and no others.

use std::sync::{Arc, LazyLock};

use resvg::{tiny_skia, usvg};

use crate::scene::text::FONT_FILES;

static FONTS: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = usvg::fontdb::Database::new();
    for file in FONT_FILES {
        fonts.load_font_data(file.to_vec());
    }
    fonts.set_sans_serif_family("Inter");
    fonts.set_monospace_family("JetBrains Mono");
    Arc::new(fonts)
});

/// The picture `svg`, one of ours, with `scale` pixels to the unit.
pub fn render(svg: &str, scale: f32) -> Vec<u8> {
    let options =
        usvg::Options { font_family: "Inter".to_owned(), fontdb: Arc::clone(&FONTS), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options).expect("our own writer gives well-formed SVG");
    let size = tree.size().to_int_size().scale_by(scale).expect("a picture has a size and a scale above zero");
    let mut pixmap = tiny_skia::Pixmap::new(size.width(), size.height()).expect("the size is above zero");
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    pixmap.encode_png().expect("a pixel map can be written as PNG")
}
