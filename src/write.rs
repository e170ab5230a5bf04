//! Outputs → files: the only writer.
//!
//! A version is built beside its place and then moved there, so that a reader never meets half of one.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::export::Output;
use crate::export::html::prose::escape;

/// A published version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Its name.
    pub version: String,
    /// Title of the book.
    pub title: String,
    /// Its folder, relative to the list.
    pub path: String,
}

impl Version {
    fn new(version: &str, title: &str) -> Self {
        Self { version: version.to_owned(), title: title.to_owned(), path: format!("{version}/") }
    }
}

/// The list of versions, below the folder of all of them.
const VERSIONS: &str = "versions.json";
/// The page that leads to the latest version, below the folder of all of them.
const INDEX: &str = "index.html";
/// The list of a version's files, below its folder.
const MANIFEST: &str = "manifest.json";

/// Writes `outputs` as the version `version` of the book `title` below `out_dir`; other versions stay as they are.
pub fn write(outputs: &[Output], out_dir: &Path, version: &str, title: &str) -> Result<()> {
    check_name(version)?;
    fs::create_dir_all(out_dir).with_context(|| format!("cannot create `{}`", out_dir.display()))?;
    let building = out_dir.join(format!(".{version}.building"));
    remove(&building)?;
    if let Err(cause) = fill(outputs, &building, version, title) {
        remove(&building)?;
        return Err(cause);
    }
    replace(&building, out_dir, version)?;
    let versions = versions(out_dir, version, title)?;
    for file in beside(&versions)? {
        put(out_dir, &file.path, &file.bytes)?;
    }
    Ok(())
}

/// What [`write()`] writes into an empty folder, by path below it, and kept in memory.
pub fn laid_out(outputs: Vec<Output>, version: &str, title: &str) -> Result<Vec<Output>> {
    check_name(version)?;
    let manifest = manifest(&outputs, version, title)?;
    let below = |output: Output| Output { path: format!("{version}/{}", output.path), ..output };
    let mut files: Vec<Output> = outputs.into_iter().map(below).collect();
    files.push(Output::new(format!("{version}/{MANIFEST}"), manifest));
    files.extend(beside(&[Version::new(version, title)])?);
    Ok(files)
}

/// What stands beside the versions: their list, also as a script for pages that are read from a disk, the page that leads
/// to the latest, and what a server shows where there is no page.
fn beside(versions: &[Version]) -> Result<[Output; 4]> {
    let script = format!("trustlaneVersions({});\n", serde_json::to_string(versions)?);
    Ok([
        Output::new(VERSIONS, json(&versions)?),
        Output::new("versions.js", script),
        Output::new(INDEX, index(versions)),
        Output::new("404.html", missing(versions)),
    ])
}

/// Writes one file, whole or not at all.
pub fn file(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = path.file_name().with_context(|| format!("`{}` names no file", path.display()))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let building = format!(".{}.building", name.to_string_lossy());
    put(folder, &building, bytes)?;
    fs::rename(folder.join(&building), path).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Writes `files` below `folder`; where one of them is there already, nothing is written.
pub fn new_files(folder: &Path, files: &[(String, Cow<'static, [u8]>)]) -> Result<()> {
    let there: Vec<&str> = files
        .iter()
        .map(|(path, _)| path.as_str())
        .filter(|path| folder.join(path).symlink_metadata().is_ok())
        .collect();
    if !there.is_empty() {
        bail!("`{}` has {} already: nothing was written", folder.display(), there.join(", "));
    }
    files.iter().try_for_each(|(path, bytes)| put(folder, path, bytes))
}

/// A version is one folder, so its name must be one part of a path.
fn check_name(version: &str) -> Result<()> {
    let mut parts = Path::new(version).components();
    let is_one_part = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None));
    if !is_one_part || version.starts_with('.') {
        bail!("`{version}` cannot be the name of a version: it is not the name of a folder");
    }
    Ok(())
}

fn fill(outputs: &[Output], folder: &Path, version: &str, title: &str) -> Result<()> {
    let manifest = manifest(outputs, version, title)?;
    outputs.iter().try_for_each(|output| put(folder, &output.path, &output.bytes))?;
    put(folder, MANIFEST, &manifest)
}

/// The list of `outputs` with their digests; each has a place of its own below the version's folder.
fn manifest(outputs: &[Output], version: &str, title: &str) -> Result<Vec<u8>> {
    let mut digests = BTreeMap::new();
    for output in outputs {
        let is_inside = Path::new(&output.path).components().all(|part| matches!(part, Component::Normal(_)));
        if !is_inside {
            bail!("`{}` would be written outside of the version's folder", output.path);
        }
        if digests.insert(output.path.as_str(), hex::encode(Sha256::digest(&output.bytes))).is_some() {
            bail!("two outputs have the path `{}`", output.path);
        }
    }
    json(&Manifest { title, version, sha256: digests })
}

#[derive(Serialize)]
struct Manifest<'o> {
    title: &'o str,
    version: &'o str,
    /// Digests by path.
    sha256: BTreeMap<&'o str, String>,
}

/// Moves what was built to its place; what was there before is removed only once it is out of the way.
fn replace(building: &Path, out_dir: &Path, version: &str) -> Result<()> {
    let place = out_dir.join(version);
    let old = out_dir.join(format!(".{version}.old"));
    remove(&old)?;
    if place.exists() {
        fs::rename(&place, &old).with_context(|| format!("cannot move `{}`", place.display()))?;
    }
    if let Err(cause) = fs::rename(building, &place) {
        if old.exists() {
            fs::rename(&old, &place).with_context(|| format!("cannot restore `{}`", place.display()))?;
        }
        remove(building)?;
        return Err(cause).with_context(|| format!("cannot move the new version to `{}`", place.display()));
    }
    remove(&old)
}

/// All versions below `out_dir`, newest first. A version is a folder with a manifest.
fn versions(out_dir: &Path, version: &str, title: &str) -> Result<Vec<Version>> {
    let mut names = BTreeSet::from([version.to_owned()]);
    for entry in fs::read_dir(out_dir).with_context(|| format!("cannot list `{}`", out_dir.display()))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !name.starts_with('.') && path.join(MANIFEST).is_file() {
            names.insert(name.to_owned());
        }
    }
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_by_key(|name| std::cmp::Reverse(semantic(name)));
    let listed = names.into_iter().map(|name| Version::new(&name, &title_of(&out_dir.join(&name), title)));
    Ok(listed.collect())
}

/// The title under which a version was published; `title` where its manifest does not say.
fn title_of(folder: &Path, title: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "the list of versions is made from what was written before")]
    let manifest = fs::read(folder.join(MANIFEST)).ok();
    let manifest = manifest.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    manifest.and_then(|manifest| Some(manifest.get("title")?.as_str()?.to_owned())).unwrap_or_else(|| title.to_owned())
}

/// A key that orders versions as Semantic Versioning 2.0.0, section 11, does: a pre-release comes before its release.
fn semantic(version: &str) -> (Vec<u64>, bool, Vec<Identifier>, String) {
    let without_build = version.split('+').next().unwrap_or(version);
    let (core, pre_release) = match without_build.split_once('-') {
        Some((core, pre_release)) => (core, Some(pre_release)),
        None => (without_build, None),
    };
    let numbers = core.trim_start_matches('v').split('.').map(|part| part.parse().unwrap_or(0)).collect();
    let identifiers = pre_release.unwrap_or_default().split('.').map(Identifier::new).collect();
    (numbers, pre_release.is_none(), identifiers, version.to_owned())
}

/// A part of a pre-release; numbers come before words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Word(String),
}

impl Identifier {
    fn new(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Word(text.to_owned()), Self::Number)
    }
}

/// The page that leads to the latest version, without script.
fn index(versions: &[Version]) -> String {
    let Some(latest) = versions.first() else { return String::new() };
    let (title, path) = (escape(&latest.title), escape(&latest.path));
    let head = format!(
        "<meta http-equiv=\"refresh\" content=\"0; url={path}index.html\">\n<link rel=\"canonical\" href=\"{path}index.html\">\n"
    );
    let lead = format!("<p><a href=\"{path}index.html\">The latest version, {}</a></p>", escape(&latest.version));
    plain_page(&title, &head, &lead, versions)
}

/// What a server shows where there is no page. It does not know at which address, so it links to nothing.
fn missing(versions: &[Version]) -> String {
    plain_page(
        "There is no such page",
        "",
        "<p>It may have moved. The versions of this book stand each in a folder of its own:</p>",
        versions,
    )
}

fn plain_page(title: &str, head: &str, lead: &str, versions: &[Version]) -> String {
    // Where the page leads somewhere, its list does too.
    let item = |version: &Version| {
        let name = escape(&version.version);
        let path = escape(&version.path);
        if head.is_empty() {
            format!("<li>{name}: <code>{path}index.html</code></li>")
        } else {
            format!("<li><a href=\"{path}index.html\">{name}</a></li>")
        }
    };
    let items = versions.iter().map(item).collect::<Vec<_>>().join("\n");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n{head}<title>{title}</title>\n</head>\n\
         <body style=\"font:16px/1.6 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1.5rem\">\n<main>\n\
         <h1>{title}</h1>\n{lead}\n<h2>All versions</h2>\n<ul>\n{items}\n</ul>\n</main>\n</body>\n</html>\n"
    )
}

fn json(value: &impl Serialize) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}

#[expect(clippy::disallowed_methods, reason = "this is the module that writes")]
fn put(folder: &Path, path: &str, bytes: &[u8]) -> Result<()> {
    let target: PathBuf = folder.join(path);
    let parent = target.parent().unwrap_or(folder);
    fs::create_dir_all(parent).with_context(|| format!("cannot create `{}`", parent.display()))?;
    // A reader of the target sees the old bytes or the new ones.
    let unfinished = target.with_extension("unfinished");
    fs::write(&unfinished, bytes).with_context(|| format!("cannot write `{}`", target.display()))?;
    fs::rename(&unfinished, &target).with_context(|| format!("cannot write `{}`", target.display()))
}

fn remove(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove `{}`", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(text: &str) -> Vec<Output> {
        vec![Output::new("index.html", text), Output::new("static/site.css", "p{}")]
    }

    fn listed(folder: &Path) -> Vec<String> {
        versions(folder, "0.9.0", "Book").unwrap().into_iter().map(|version| version.version).collect()
    }

    #[test]
    fn versions_are_ordered_newest_first() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["1.10.0", "1.9.0", "2.0.0-rc.1", "2.0.0", "0.9.0"] {
            write(&outputs("x"), folder.path(), version, "Book").unwrap();
        }
        assert_eq!(listed(folder.path()), ["2.0.0", "2.0.0-rc.1", "1.10.0", "1.9.0", "0.9.0"]);
    }

    #[test]
    fn a_failed_write_leaves_the_version_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        write(&outputs("first"), folder.path(), "1.0.0", "Book").unwrap();
        let mut bad = outputs("second");
        bad.push(Output::new("../outside", "x"));
        assert!(write(&bad, folder.path(), "1.0.0", "Book").is_err());
        let page = folder.path().join("1.0.0/index.html");
        assert_eq!(fs::File::open(page).unwrap().metadata().unwrap().len(), 5);
        assert!(!folder.path().join(".1.0.0.building").exists());
        assert!(!folder.path().join("outside").exists());
    }

    #[test]
    fn what_is_laid_out_is_what_is_written() {
        let folder = tempfile::tempdir().unwrap();
        write(&outputs("x"), folder.path(), "1.0.0", "Book").unwrap();
        let laid_out = laid_out(outputs("x"), "1.0.0", "Book").unwrap();
        assert_eq!(laid_out.len(), 7);
        for output in laid_out {
            #[expect(clippy::disallowed_methods, reason = "what was written is compared")]
            let written = fs::read(folder.path().join(&output.path)).unwrap();
            assert_eq!(written, output.bytes, "{}", output.path);
        }
    }

    #[test]
    fn a_name_with_a_slash_is_no_version() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["../x", "a/b", "", ".", ".hidden"] {
            assert!(write(&outputs("x"), folder.path(), version, "Book").is_err(), "{version} was written");
        }
    }
}
