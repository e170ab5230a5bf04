//! The virtual clock.

use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// A moment of the virtual clock, in whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// 9999-12-31T23:59:59Z: no date has a later year (RFC 3339, section 1), and a certificate that ends then has no
    /// well-defined end (RFC 5280, section 4.1.2.5).
    pub const LAST: Self = Self(253_402_300_799);

    /// The moment `seconds` later, or earlier where they are negative; clocks stop at 1970 and at the end of 9999.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds).clamp(0, Self::LAST.0))
    }

    /// The moment that `text` names in RFC 3339, in UTC and between the years 1970 and 9999.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
        (moment.offset().is_utc() && (1970..=9999).contains(&moment.year())).then(|| Self(moment.unix_timestamp()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = time::OffsetDateTime::from_unix_timestamp(self.0).ok();
        match moment.and_then(|moment| moment.format(&time::format_description::well_known::Rfc3339).ok()) {
            Some(text) => f.write_str(&text),
            // A flow can name any number; one that is no date is shown as what it is.
            None => write!(f, "{} s after 1970", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time", "description": "virtual clock, RFC 3339 in UTC" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_stop_where_dates_end() {
        let moment = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
        assert_eq!(moment.plus(1).to_string(), "2026-01-01T00:00:01Z");
        assert_eq!(moment.plus(i64::MAX).to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(moment.plus(i64::MIN).to_string(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn every_number_can_be_shown() {
        assert_eq!(Timestamp(i64::MAX).to_string(), "9223372036854775807 s after 1970");
        assert_eq!(serde_json::to_value(Timestamp(i64::MIN)).unwrap(), "-9223372036854775808 s after 1970");
    }
}
