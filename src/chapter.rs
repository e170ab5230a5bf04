//! Chapters: Markdown with directives.

/// Everything under `content/`.
#[derive(Debug, Default)]
pub struct Content {}
