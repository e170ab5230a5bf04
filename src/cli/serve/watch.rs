//! Waits until the author has saved something.

use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use crate::load::{FOLDERS, SETTINGS};
use crate::source::Sources;

/// A burst of saves is over when nothing was saved for so long.
const QUIET: Duration = Duration::from_millis(100);

/// A watched project.
#[derive(Debug)]
pub(super) struct Watch {
    root: PathBuf,
    watcher: RecommendedWatcher,
    saved: Receiver<()>,
}

impl Watch {
    /// Watches what is read of the project in `root`, and nothing else in its folder: not what a build writes there, and
    /// not the thousands of files that tools may keep beside it.
    pub(super) fn start(root: &Path) -> Result<Self> {
        // Events name files by whole paths.
        let root = std::path::absolute(root)?;
        let (sender, saved) = channel();
        let own = root.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // What the watcher cannot tell, a look at the files will.
            if event.map_or(true, |event| matters(&own, &event)) {
                // Where nobody waits any more, the program is about to end.
                let _ = sender.send(());
            }
        });
        let watcher = watcher.context("cannot watch files on this machine")?;
        let mut watch = Self { root, watcher, saved };
        if watch.root.is_dir() {
            watch.follow()?;
        }
        Ok(watch)
    }

    /// The project's folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Waits until something was saved, and then until nothing was for a moment.
    pub(super) fn wait(&mut self) -> Result<()> {
        self.saved.recv().context("the watcher has ended")?;
        loop {
            match self.saved.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => return self.follow(),
                Err(RecvTimeoutError::Disconnected) => return Err(RecvTimeoutError::Disconnected.into()),
            }
        }
    }

    /// Watches every folder that is there now: one may have come, or another may stand in its place.
    fn follow(&mut self) -> Result<()> {
        let cannot = |path: &Path| format!("cannot watch `{}`", path.display());
        self.watcher.watch(&self.root, RecursiveMode::NonRecursive).with_context(|| cannot(&self.root))?;
        for folder in FOLDERS.iter().map(|folder| self.root.join(folder)).filter(|folder| folder.is_dir()) {
            let watched = self.watcher.watch(&folder, RecursiveMode::Recursive);
            // One that has just gone is no fault, and its going is an event.
            if folder.is_dir() {
                watched.with_context(|| cannot(&folder))?;
            }
        }
        Ok(())
    }
}

/// Whether an event may have changed what is read: looking at a file changes nothing, and we do it ourselves.
fn matters(root: &Path, event: &Event) -> bool {
    !event.kind.is_access() && (event.paths.is_empty() || event.paths.iter().any(|path| is_read(root, path)))
}

/// Whether a file at `path` is one of the project's.
fn is_read(root: &Path, path: &Path) -> bool {
    // The folder may have other names, of which the watcher has taken one.
    let Ok(inside) = path.strip_prefix(root) else { return true };
    let Some(Component::Normal(first)) = inside.components().next() else { return true };
    let is_own = first == SETTINGS || FOLDERS.iter().any(|folder| first == *folder);
    is_own && !is_temporary(&inside.to_string_lossy())
}

/// Whether editors name so what is not meant to stay: copies, locks, and trials whether one can write.
fn is_temporary(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.starts_with(['.', '#'])
        || name == "4913"
        || ["~", ".bak", ".swp", ".swx", ".tmp"].iter().any(|ending| name.ends_with(ending))
        || name.contains("___jb_")
}

/// Whether both have the same files, apart from those that editors keep beside them.
pub(super) fn is_same(one: &Sources, other: &Sources) -> bool {
    files(one).eq(files(other))
}

fn files(sources: &Sources) -> impl Iterator<Item = (&str, &[u8])> {
    let files = sources.below("", "").map(|(path, file)| (&**path, &*file.bytes));
    files.filter(|(path, _)| !is_temporary(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;

    #[test]
    fn only_what_is_read_matters() {
        let read = |path: &str| is_read(Path::new("/p"), Path::new(path));
        for path in ["/p", "/p/book.toml", "/p/flows", "/p/content/a/b.md", "/p/static/new.css", "/elsewhere"] {
            assert!(read(path), "{path}");
        }
        let others = ["/p/public", "/p/public/1/index.html", "/p/target/x", "/p/.git/index", "/p/README.md"];
        let editors = ["/p/content/.a.md.swp", "/p/content/a.md~", "/p/flows/4913", "/p/flows/#a.toml#"];
        for path in others.iter().chain(&editors) {
            assert!(!read(path), "{path}");
        }
    }

    #[test]
    fn a_copy_of_an_editor_is_no_difference() {
        let sources = |files: &[&str]| {
            let mut sources = Sources::default();
            for path in files {
                sources.insert(*path, path.as_bytes().to_vec(), Origin::Project);
            }
            sources
        };
        assert!(is_same(&sources(&["content/a.md"]), &sources(&["content/.a.md.swp", "content/a.md"])));
        assert!(!is_same(&sources(&["content/a.md"]), &sources(&["content/a.md", "content/b.md"])));
    }
}
