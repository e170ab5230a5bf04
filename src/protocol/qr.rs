//! QR symbols (ISO/IEC 18004): a payload becomes a matrix of modules.

use fast_qr::{ECL, QRBuilder};

use super::{Malformed, ensure};

/// A QR symbol without its quiet zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// What a reader of the symbol sees.
    pub payload: String,
    /// Version from 1 to 40; the symbol has 17 + 4 × version modules on each side.
    pub version: u8,
    /// Error correction level.
    pub level: Level,
    /// Modules by row, then by column; `true` is dark.
    pub modules: Vec<Vec<bool>>,
}

/// How much of a symbol may be damaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
// From the least to the most.
pub enum Level {
    /// About 7 %.
    L,
    /// About 15 %.
    #[default]
    M,
    /// About 25 %.
    Q,
    /// About 30 %.
    H,
}

impl Level {
    /// The letter of the standard.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::L => "L",
            Self::M => "M",
            Self::Q => "Q",
            Self::H => "H",
        }
    }
}

impl Symbol {
    /// The smallest symbol for `payload`; the same payload and level give the same modules.
    pub fn encode(payload: &str, level: Level) -> Result<Self, Malformed> {
        ensure(!payload.is_empty(), || "there is nothing to show in a QR symbol".to_owned())?;
        let ecl = match level {
            Level::L => ECL::L,
            Level::M => ECL::M,
            Level::Q => ECL::Q,
            Level::H => ECL::H,
        };
        let code = QRBuilder::new(payload).ecl(ecl).build().map_err(|_| {
            Malformed::new(format!("{} bytes do not fit into a QR symbol of level {}", payload.len(), level.name()))
        })?;
        let modules: Vec<Vec<bool>> =
            (0..code.size).map(|row| code[row].iter().map(|module| module.value()).collect()).collect();
        let version = u8::try_from((code.size - 17) / 4).expect("a symbol has at most 177 modules on a side");
        Ok(Self { payload: payload.to_owned(), version, level, modules })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The finder pattern in the upper left corner (ISO/IEC 18004, section 6.3.3).
    const FINDER: [&str; 7] = ["#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######"];

    #[test]
    fn a_matter_payload_fits_the_smallest_symbol_there_is_for_it() {
        // 22 alphanumeric characters: version 1 holds 20 at level M, version 2 holds 38.
        let symbol = Symbol::encode("MT:-24J042C00KA0648G00", Level::M).unwrap();
        assert_eq!(symbol.version, 2);
        assert_eq!(symbol.modules.len(), 25);
        assert!(symbol.modules.iter().all(|row| row.len() == 25));
        for (row, expected) in symbol.modules.iter().zip(FINDER) {
            let drawn: String = row[..7].iter().map(|dark| if *dark { '#' } else { ' ' }).collect();
            assert_eq!(drawn, expected);
        }
        assert_eq!(Symbol::encode("MT:-24J042C00KA0648G00", Level::M).unwrap(), symbol);
    }

    #[test]
    fn a_symbol_has_an_end() {
        assert_eq!(Symbol::encode("", Level::M).unwrap_err().message, "there is nothing to show in a QR symbol");
        assert!(Symbol::encode(&"x".repeat(2331), Level::M).is_ok());
        assert_eq!(
            Symbol::encode(&"x".repeat(2332), Level::M).unwrap_err().message,
            "2332 bytes do not fit into a QR symbol of level M"
        );
    }
}
