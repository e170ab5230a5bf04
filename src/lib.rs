//! Trustlane executes IoT device provisioning methods with real cryptography and publishes what really happened.

pub mod annotation;
pub mod assess;
pub mod book;
pub mod chapter;
pub mod claim;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod diag;
pub mod diagram;
pub mod edition;
pub mod export;
pub mod flow;
pub mod operation;
pub mod registry;
pub mod resolve;
pub mod run;
pub mod scene;
pub mod source;
pub mod svg;
pub mod trace;
pub mod write;
