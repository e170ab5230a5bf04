//! Directory → [`Sources`]: the only reader of the project.
//!
//! Files that the project does not have come from the binary, file by file; which of the shipped flows and chapters a
//! project uses is for [`crate::config::choose`] to say.

use std::fs::FileType;
use std::path::Path;

use anyhow::{Context, Result, bail};
use include_dir::{Dir, include_dir};
use walkdir::WalkDir;

use crate::source::{Origin, Sources};

static DATA: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/data");
static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");
static STATIC: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/static");
static FLOWS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/flows");
static CONTENT: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/content");
static STARTER: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/starter");
static BOOK: &str = include_str!("../book.toml");

/// The settings of a project.
pub const SETTINGS: &str = "book.toml";
/// Folders of a project that are read.
pub const FOLDERS: [&str; 5] = ["content", "data", "flows", "static", "templates"];
/// Largest file that is read.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;
/// Most files that are read.
const MAX_FILES: usize = 5_000;
/// Most bytes that the files have together.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Reads the project in `root`.
pub fn load(root: &Path) -> Result<Sources> {
    if !root.is_dir() {
        bail!("`{}` is not a folder", root.display());
    }
    let mut sources = shipped();
    let mut n_bytes = 0;
    let book = root.join(SETTINGS);
    if own(&book)?.is_some_and(|kind| kind.is_file()) {
        n_bytes += read(&mut sources, &book, SETTINGS)?;
    }
    let mut n_files = 0;
    for folder in FOLDERS.iter().map(|folder| root.join(folder)) {
        if !own(&folder)?.is_some_and(|kind| kind.is_dir()) {
            continue;
        }
        for entry in WalkDir::new(&folder).follow_links(false).follow_root_links(false).sort_by_file_name() {
            let entry = entry.with_context(|| format!("`{}` cannot be read", folder.display()))?;
            if !entry.file_type().is_file() {
                continue;
            }
            n_files += 1;
            if n_files > MAX_FILES {
                bail!("the project has more than {MAX_FILES} files");
            }
            let relative = entry.path().strip_prefix(root).context("a file lies outside of its project")?;
            let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            n_bytes += read(&mut sources, entry.path(), &parts.join("/"))?;
            if n_bytes > MAX_BYTES {
                bail!("the files of the project have more than {MAX_BYTES} bytes together");
            }
        }
    }
    Ok(sources)
}

/// What is at `path`, where there is something.
///
/// A link is refused and not followed: a project from a stranger must not reach outside of its folder.
fn own(path: &Path) -> Result<Option<FileType>> {
    let Ok(found) = path.symlink_metadata() else { return Ok(None) };
    if found.is_symlink() {
        bail!("`{}` is a symbolic link, which may lead out of the project", path.display());
    }
    Ok(Some(found.file_type()))
}

/// Reads a file; the result is its size in bytes.
fn read(sources: &mut Sources, file: &Path, path: &str) -> Result<u64> {
    let size = file.metadata().with_context(|| format!("`{path}` cannot be read"))?.len();
    if size > MAX_FILE_BYTES {
        bail!("`{path}` has {size} bytes, at most {MAX_FILE_BYTES} are read");
    }
    #[expect(clippy::disallowed_methods, reason = "this is the reader")]
    let bytes = std::fs::read(file).with_context(|| format!("`{path}` cannot be read"))?;
    sources.insert(path, bytes, Origin::Project);
    Ok(size)
}

/// Everything that the binary brings.
pub fn shipped() -> Sources {
    let mut sources = Sources::default();
    let folders =
        [("content", &CONTENT), ("data", &DATA), ("flows", &FLOWS), ("static", &STATIC), ("templates", &TEMPLATES)];
    for (prefix, folder) in folders {
        for (path, bytes) in embedded(folder) {
            sources.insert(format!("{prefix}/{path}"), bytes, Origin::Shipped);
        }
    }
    sources.insert(SETTINGS, BOOK.as_bytes(), Origin::Shipped);
    sources
}

/// The files with which a project of one's own begins, by path below its folder.
pub fn starter() -> Vec<(String, &'static [u8])> {
    embedded(&STARTER)
}

fn embedded(folder: &'static Dir<'static>) -> Vec<(String, &'static [u8])> {
    let own = folder.files().map(|file| {
        let parts: Vec<_> = file.path().components().map(|part| part.as_os_str().to_string_lossy()).collect();
        (parts.join("/"), file.contents())
    });
    own.chain(folder.dirs().flat_map(embedded)).collect()
}
