//! Matrices of knowledge: their geometry for any secrets, and what each mark says.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use trustlane::diagram::{self, Executed, Subject};
use trustlane::flow::ATTACKER;
use trustlane::scene::Scene;
use trustlane::trace::{ArtifactKind, Learned, Protection, Provenance};

use super::story::{self, Story, artifact};
use super::{any_story, check_geometry, check_timeline, label};

fn draw(story: &Story) -> Option<Scene> {
    let Story { flow, scenario, trace, .. } = story;
    diagram::find("knowledge").unwrap().draw(&Subject::Run(Executed { flow, scenario, trace }))
}

fn learned(actor: &str, sha256: &str, how: Provenance, sealed: bool) -> Learned {
    Learned { actor: actor.into(), name: "name".into(), sha256: sha256.into(), how, sealed }
}

/// What somebody comes to hold: event, actor, secret and how, as numbers to be fitted.
type Seed = (usize, usize, usize, u8, bool);

fn with_secrets(mut story: Story, names: &[(String, u8)], seeds: &[Seed]) -> Story {
    let kinds = [ArtifactKind::Credential, ArtifactKind::PrivateKey, ArtifactKind::Secret, ArtifactKind::Token];
    let mut ids: Vec<String> = story.scenario.actors.iter().map(|actor| actor.id.clone()).collect();
    ids.push(ATTACKER.to_owned());
    let count = story.trace.events.len();
    for (index, (name, kind)) in names.iter().enumerate() {
        let stored = artifact(&ids[0], name, &index.to_string(), kinds[usize::from(*kind) % kinds.len()]);
        story.trace.events[index % count].stored.push(stored);
    }
    for (event, actor, secret, how, sealed) in seeds {
        let how = match how % 6 {
            0 => Provenance::Made,
            1 => Provenance::Provisioned,
            2 => Provenance::Overheard,
            3 => Provenance::Leaked { from: ids[0].clone() },
            4 => Provenance::Forged,
            _ => Provenance::Received { from: ids[0].clone() },
        };
        let (actor, sha256) = (&ids[actor % ids.len()], (secret % names.len()).to_string());
        story.trace.events[event % count].learned.push(learned(actor, &sha256, how, *sealed));
    }
    story
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(2026), cases: 48, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_matrix_is_clean(
        story in any_story(),
        names in prop::collection::vec((label(), any::<u8>()), 1..=40),
        seeds in prop::collection::vec((0..60_usize, 0..13_usize, 0..40_usize, any::<u8>(), any::<bool>()), 0..=160),
    ) {
        let story = with_secrets(story, &names, &seeds);
        if let Some(scene) = draw(&story) {
            check_geometry(&scene).map_err(TestCaseError::fail)?;
            check_timeline(&scene).map_err(TestCaseError::fail)?;
            prop_assert_eq!(scene.step_ids().count(), scene.steps.len());
        }
    }
}

/// A story in which the device makes a secret and sends it to the service under `protection`.
fn sent(protection: Protection, overheard: Learned) -> Story {
    let mut story = story::accepted();
    let events = &mut story.trace.events;
    events[0].stored.push(artifact("service", "token", "one", ArtifactKind::Token));
    events[0].learned.push(learned("service", "one", Provenance::Made, false));
    events[2].protection = protection;
    events[2].learned.push(learned("device", "one", Provenance::Received { from: "service".into() }, false));
    events[2].learned.push(overheard);
    story
}

#[test]
fn a_secret_in_clear_is_told_as_a_loss() {
    let scene = draw(&sent(Protection::Clear, learned(ATTACKER, "one", Provenance::Overheard, false))).unwrap();
    assert_eq!(scene.steps[0], "1. mint a token: Service, token: made here");
    assert_eq!(
        scene.steps[1],
        "3. token in clear: Device, token: received in clear, readable on the link; Attacker, token: overheard in clear"
    );
    assert!(scene.description.ends_with("Attacker learns 1 of 1\u{a0}secret: token."), "{}", scene.description);
}

#[test]
fn bytes_that_nobody_can_open_are_no_loss() {
    let scene = draw(&sent(Protection::Protected, learned(ATTACKER, "wire", Provenance::Overheard, true))).unwrap();
    assert!(scene.steps[1].ends_with("Attacker, token: has the bytes, cannot open them"), "{}", scene.steps[1]);
    assert!(scene.description.ends_with("Attacker does not learn the one secret."), "{}", scene.description);
}

#[test]
fn a_run_without_secrets_has_no_matrix() {
    assert_eq!(draw(&story::baseline()), None);
}
