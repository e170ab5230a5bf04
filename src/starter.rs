//! What a new project begins with: a method of one's own, or the course.

use std::borrow::Cow;

use crate::load;

/// Files of a project: paths below its folder, and what stands there.
pub type Files = Vec<(String, Cow<'static, [u8]>)>;

/// A book with one small method.
pub fn method() -> Files {
    load::starter().into_iter().map(|(path, bytes)| (path, bytes.into())).collect()
}

/// The chapters of the course, to be changed; methods, frameworks and styles stay those of the binary.
pub fn course() -> Files {
    let stays = ["content/methods/", "content/compliance/"];
    let is_own = |path: &str| {
        path == "book.toml" || (path.starts_with("content/") && !stays.iter().any(|folder| path.starts_with(folder)))
    };
    let shipped = load::shipped();
    let files = shipped.below("", "").filter(|(path, _)| is_own(path));
    files.map(|(path, file)| (path.to_string(), file.bytes.clone())).collect()
}
