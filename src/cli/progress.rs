//! Progress on long work: a spinner on a terminal, nothing elsewhere.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A piece of work that takes a while.
pub struct Progress(ProgressBar);

impl Progress {
    /// Shows `what` until [`Progress::end`].
    pub fn start(what: &'static str) -> Self {
        // indicatif draws on the error stream, and only where that is a terminal.
        let bar = ProgressBar::new_spinner().with_message(what);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// The work is done.
    pub fn end(self) {
        self.0.finish_and_clear();
    }
}
