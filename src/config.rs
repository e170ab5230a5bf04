//! `book.toml` → [`Config`].

use crate::clock::Timestamp;

/// What `book.toml` says.
#[derive(Clone, Debug)]
pub struct Config {
    /// Title of the site.
    pub title: String,
    /// One sentence about it.
    pub description: String,
    /// Language of the chapters, as a BCP 47 tag.
    pub language: String,
    /// Version of the edition; the folder below `public/`.
    pub version: String,
    /// The public seed of all randomness.
    pub seed: String,
    /// The virtual clock when each run begins.
    pub clock: Timestamp,
}
