//! Fonts of the project: files → what pictures are measured with.

use crate::config::Config;
use crate::diag::{Code, Sink, error};
use crate::scene::text::Fonts;

/// The fonts that `config` names, but for those that are none.
pub fn resolve(config: &Config, sink: &mut Sink) -> Fonts {
    let mut fonts = Fonts::default();
    for file in &config.fonts {
        if !fonts.add(&file.bytes) {
            let message = format!("`{}` is no font that can be read", file.path);
            let hint = "name a TrueType or OpenType file of one face; WOFF2 and collections are for others";
            sink.push(error(Code::INVALID_VALUE, &file.span, message).hint(hint));
        }
    }
    fonts
}
