//! The neutral picture.
