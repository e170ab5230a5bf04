//! The deterministic crypto core; it knows no flow.
//!
//! **Never make real keys with it.** Every key comes from a public seed, so that everyone can recompute it.
//! Whoever runs cryptography does so as a [`party::Party`], which brings randomness and is charged for the work.

pub mod aead;
pub mod agree;
pub mod certificate;
pub mod chain;
pub mod count;
pub mod crl;
pub mod csr;
pub mod der;
pub mod key;
pub mod mac;
pub mod party;
pub mod pem;
pub mod refusal;
pub mod stream;
pub mod subject;
