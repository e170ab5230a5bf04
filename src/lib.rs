//! Trustlane executes IoT device provisioning methods with real cryptography and publishes what really happened.

pub mod source;
pub mod diag;
pub mod clock;
pub mod config;
pub mod annotation;
pub mod crypto;
pub mod registry;
pub mod trace;
pub mod operation;
pub mod claim;
pub mod flow;
pub mod scene;
pub mod diagram;
pub mod chapter;
pub mod resolve;
pub mod run;
pub mod assess;
pub mod book;
pub mod edition;
pub mod svg;
pub mod export;
pub mod write;
