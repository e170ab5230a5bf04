//! Members of a trace that are made when somebody asks for them.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use serde::{Serialize, Serializer};

/// A value that is made when somebody first asks for it; clones share it.
///
/// Most runs are judged and never shown, and what is shown of a value costs as much as to make it.
#[derive(Clone)]
pub struct Lazy<T>(Arc<Cell<T>>);

type Cell<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send + Sync>>;

impl<T> Lazy<T> {
    /// What `make` makes.
    pub fn new(make: impl FnOnce() -> T + Send + Sync + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(make))))
    }
}

impl<T: Send + Sync + 'static> From<T> for Lazy<T> {
    fn from(value: T) -> Self {
        Self::new(|| value)
    }
}

impl<T> Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Lazy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for Lazy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Serialize> Serialize for Lazy<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_only_on_demand() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static N_MADE: AtomicUsize = AtomicUsize::new(0);
        let lazy = Lazy::new(|| {
            N_MADE.fetch_add(1, Ordering::Relaxed);
            Some("text".to_owned())
        });
        let clone = lazy.clone();
        assert_eq!(N_MADE.load(Ordering::Relaxed), 0);
        assert_eq!((lazy.as_deref(), clone.as_deref()), (Some("text"), Some("text")));
        assert_eq!(serde_json::to_string(&lazy).unwrap(), "\"text\"");
        assert_eq!(N_MADE.load(Ordering::Relaxed), 1);
    }
}
