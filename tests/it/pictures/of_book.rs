//! Pictures of the whole book: methods side by side, and the questions that lead to them.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use trustlane::decision::{Answer, Decisions, Next, Question};
use trustlane::diagram::comparison::Measured;
use trustlane::diagram::{self, Subject};
use trustlane::flow::Family;
use trustlane::scene::Scene;

use super::{check_geometry, check_timeline, label, texts};

fn compare(methods: &[Measured]) -> Option<Scene> {
    let subject = Subject::Methods { methods, link: "Wi-Fi", device: "a device" };
    diagram::find("comparison").unwrap().draw(&subject)
}

fn ask(decisions: &Decisions, titles: &[(String, String)]) -> Option<Scene> {
    diagram::find("decisions").unwrap().draw(&Subject::Decisions { decisions, titles })
}

prop_compose! {
    fn measured()(
        title in label(),
        family in 0..6_usize,
        counts in prop::array::uniform6(prop_oneof![Just(0), 1..20_usize, 20..9_000_000_usize]),
        machines in 0..90_000_000_000_u64,
    ) -> Measured {
        let [messages, device_bytes, signs, verifies, user_actions, attacks] = counts;
        let (id, family) = (String::new(), Family::ALL[family]);
        let accepted = attacks / 3;
        Measured { id, title, family, messages, device_bytes, signs, verifies, machines, user_actions, attacks, accepted }
    }
}

/// A question, the number of the one on which it hangs, and its answers with what follows from each.
type Seed = (String, usize, Vec<(String, String)>);

/// A tree of `seeds`: each question after the first hangs on one before it; the rest of the answers name methods.
fn tree(seeds: &[Seed]) -> Decisions {
    let answer = |(label, why): &(String, String)| Answer {
        label: label.clone(),
        why: why.clone(),
        next: Next::Methods(vec!["method".into()]),
    };
    let mut questions: Vec<Question> = Vec::new();
    for (index, (text, parent, answers)) in seeds.iter().enumerate() {
        if index > 0 {
            let parent = parent % index;
            let (label, why) = (text.clone(), String::new());
            questions[parent].answers.push(Answer { label, why, next: Next::Question(index) });
        }
        let answers = answers.iter().map(answer).collect();
        questions.push(Question { id: format!("q{index}"), text: text.clone(), why: String::new(), answers });
    }
    Decisions { questions }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(2026), cases: 64, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_comparison_is_clean(mut methods in prop::collection::vec(measured(), 1..=30)) {
        for (index, method) in methods.iter_mut().enumerate() {
            method.id = format!("m{index}");
        }
        let scene = compare(&methods).unwrap();
        check_geometry(&scene).map_err(TestCaseError::fail)?;
        check_timeline(&scene).map_err(TestCaseError::fail)?;
        prop_assert_eq!(scene.step_ids().count(), methods.len());
    }

    #[test]
    fn any_tree_is_clean(
        seeds in prop::collection::vec((label(), 0..12_usize, prop::collection::vec((label(), label()), 0..4)), 1..=12),
        title in label(),
    ) {
        let decisions = tree(&seeds);
        let scene = ask(&decisions, &[("method".to_owned(), title)]).unwrap();
        check_geometry(&scene).map_err(TestCaseError::fail)?;
        check_timeline(&scene).map_err(TestCaseError::fail)?;
        prop_assert_eq!(scene.step_ids().count(), decisions.questions.len());
    }
}

#[test]
fn a_method_that_the_book_does_not_have_is_not_named() {
    let seeds = [("Which?".to_owned(), 0, vec![("this".to_owned(), "because".to_owned())])];
    let scene = ask(&tree(&seeds), &[]).unwrap();
    assert!(texts(&scene).iter().any(|run| run.text == "no method of this book"));
    assert_eq!(scene.steps, ["Which? this: no method of this book"]);
}

#[test]
fn a_book_without_methods_or_questions_has_no_such_picture() {
    assert_eq!(compare(&[]), None);
    assert_eq!(ask(&Decisions::default(), &[]), None);
}

#[test]
fn the_shipped_questions_lead_to_every_shipped_method() {
    let (sources, mut sink) = (trustlane::load::shipped(), trustlane::diag::Sink::default());
    let decisions = trustlane::decision::parse(&sources, &mut sink);
    let found = sink.into_sorted();
    assert!(found.is_empty(), "{found:?}");
    let answers = decisions.questions.iter().flat_map(|question| &question.answers);
    let named: Vec<&String> = answers
        .filter_map(|answer| if let Next::Methods(ids) = &answer.next { Some(ids) } else { None })
        .flatten()
        .collect();
    for (path, _) in sources.below("flows", ".toml") {
        let id = path.trim_start_matches("flows/").trim_end_matches(".toml");
        assert_eq!(named.iter().filter(|name| **name == id).count(), 1, "{id}");
    }
}
