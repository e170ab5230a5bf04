//! `trustlane init`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::{Ending, root, say};
use crate::{starter, write};

/// Arguments of `init`.
#[derive(Args, Debug)]
pub struct Init {
    /// Folder of the project; the current one where absent
    dir: Option<PathBuf>,
    /// Begin with the chapters of the course, and not with a method of one's own
    #[arg(long)]
    course: bool,
}

impl Init {
    /// Writes the files, none of which may be there.
    pub fn execute(self) -> Result<Ending> {
        let files = if self.course { starter::course() } else { starter::method() };
        let folder = root(self.dir.as_ref());
        write::new_files(folder, &files)?;
        for (path, _) in &files {
            say(&format!("{}\n", folder.join(path).display()))?;
        }
        Ok(Ending::Well)
    }
}
