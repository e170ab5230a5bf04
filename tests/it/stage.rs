//! The stage of a run: its keys, its sentence, its address, its place on a phone, and two methods in step.

use std::collections::BTreeSet;

use crate::browser::Browser;
use crate::site::{awaited, version_folder};

/// Opens the page of BRSKI, at a fragment or from the top.
fn open_brski(browser: &Browser, fragment: &str) {
    let complaints = browser.complaints_of(&version_folder().join(format!("methods/brski.html{fragment}")));
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// What a script returns, which must be a text.
fn told(browser: &Browser, script: &str) -> String {
    browser.evaluate(script).as_str().unwrap_or_else(|| panic!("`{script}` returns no text")).to_owned()
}

const COUNT: &str = "return document.querySelector('.stage .count').textContent";
const SAID: &str = "return document.querySelector('.stage .said').textContent";

#[test]
fn keys_step_on_the_stepper_alone_and_each_step_is_said_and_has_an_address() {
    const END: &str = "\u{e010}";
    const ESCAPE: &str = "\u{e00c}";
    const LEFT: &str = "\u{e012}";
    const RIGHT: &str = "\u{e014}";
    let browser = Browser::start();
    open_brski(&browser, "");
    let all = told(&browser, COUNT);
    let n_steps = all.split(' ').next().unwrap().to_owned();
    // Elsewhere the keys belong to the reader and to the screen reader.
    browser.type_into("body", RIGHT);
    browser.type_into(".overview a", &format!("{RIGHT}{END}"));
    browser.type_into(".steps summary", RIGHT);
    assert_eq!((told(&browser, COUNT), told(&browser, SAID)), (all.clone(), String::new()));
    browser.type_into(".stage .picture", &format!("{RIGHT}{RIGHT}{RIGHT}{LEFT}"));
    assert_eq!(told(&browser, COUNT), format!("Step 2 of {n_steps}"));
    browser.type_into("[data-do=back]", END);
    assert_eq!(told(&browser, COUNT), format!("Step {n_steps} of {n_steps}"));
    browser.type_into(".stage .picture", ESCAPE);
    assert_eq!(told(&browser, COUNT), all);
    // Space plays on the picture, and pauses again.
    browser.type_into(".stage .picture", " ");
    assert_eq!(awaited(&browser, "[data-do=play]"), ["Pause"]);
    browser.type_into(".stage .picture", " ");
    assert_eq!(awaited(&browser, "[data-do=play]"), ["Play"]);
    // One sentence says where the step is, who acts, what, and how it was protected.
    let number = told(
        &browser,
        "const say = 'Pledge to Registrar, voucher-request, peer not yet verified';
         const link = document.querySelector(`[data-say=\"${say}\"]`);
         link.click();
         return link.querySelector('.number').textContent",
    );
    let place = format!("Step {number} of {n_steps}");
    assert_eq!(told(&browser, SAID), format!("{place}, Pledge to Registrar, voucher-request, peer not yet verified"));
    let regions =
        browser.evaluate("return document.querySelectorAll('.stage [role=status], .stage [aria-live]').length");
    assert_eq!(regions, 1);
    // The address leads to the step, in the stage and in the list.
    let fragment = told(&browser, "return location.hash");
    assert!(fragment.starts_with("#run-step-"), "{fragment}");
    open_brski(&browser, "");
    assert_eq!(told(&browser, COUNT), all);
    open_brski(&browser, &fragment);
    assert_eq!(told(&browser, COUNT), place);
    open_brski(&browser, "");
    open_brski(&browser, &fragment.replace("#run-step-", "#step-"));
    assert_eq!(told(&browser, COUNT), place);
}

#[test]
fn the_speed_and_the_chosen_link_and_device_are_kept() {
    let browser = Browser::start();
    open_brski(&browser, "");
    browser.evaluate(
        "for (const [selector, value] of [['.speed', '2'], ['select.link', '7'], ['select.device', '0']]) {
             const select = document.querySelector(selector);
             select.value = value;
             select.dispatchEvent(new Event('change'));
         }",
    );
    open_brski(&browser, "");
    assert_eq!(told(&browser, "return document.querySelector('.speed').value"), "2");
    let (link, device, time) = (
        told(&browser, "return document.querySelector('.durations thead tr').children[8].textContent"),
        told(&browser, "return document.querySelector('.durations tbody tr').children[0].textContent"),
        told(&browser, "return document.querySelector('.durations tbody tr').children[8].firstChild.textContent"),
    );
    let chosen = told(&browser, "return document.querySelector('.chosen').textContent");
    assert!(chosen.starts_with(time.trim()), "{chosen}");
    assert!(chosen.contains(&format!("{device} over {link}")), "{chosen}");
    // What does not work is said with its reason.
    assert!(chosen.contains(&format!("Over {link} it cannot work: the handshake")), "{chosen}");
}

#[test]
fn on_a_phone_the_step_comes_first_and_the_picture_follows_in_its_frame() {
    let browser = Browser::start();
    browser.become_phone(390);
    open_brski(&browser, "");
    let script = "const stage = document.getElementById('run-stage'), frame = stage.querySelector('.picture');
        stage.scrollIntoView({ behavior: 'instant' });
        const before = window.scrollY;
        stage.querySelector('[data-do=next]').click();
        const moved = window.scrollY - before;
        stage.querySelector('[data-do=last]').click();
        const current = stage.querySelector('.tl-current').getBoundingClientRect(), view = frame.getBoundingClientRect();
        const targets = Array.from(stage.querySelectorAll('.stepper button, .stepper select, .scenarios summary'));
        const sizes = targets.map(target => target.getBoundingClientRect());
        const top = selector => stage.querySelector(selector).getBoundingClientRect().top;
        return {
            moved,
            first: top('.current') < top('.picture'),
            shown: current.top >= view.top && current.bottom <= view.bottom,
            low: sizes.filter(size => size.height < 44 || size.width < 44).length,
            targets: sizes.length,
        }";
    let found = browser.evaluate(script);
    assert_eq!(found["moved"], 0, "the page moves under the thumb: {found}");
    assert_eq!(found["first"], true, "{found}");
    assert_eq!(found["shown"], true, "{found}");
    assert_eq!(found["targets"], 8, "{found}");
    assert_eq!(found["low"], 0, "a target is too small: {found}");
}

#[test]
fn two_methods_go_side_by_side_in_step() {
    const END: &str = "\u{e010}";
    let browser = Browser::start();
    open_brski(&browser, "");
    browser.evaluate("document.querySelector(\".beside a[href$='enrolment-token.html']\").click()");
    for _ in 0..200 {
        if told(&browser, COUNT).ends_with(" moments") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    // Every moment, as the two lines above the frames say it: "Step 3 of 111 · setup".
    let moments = browser.evaluate(
        "const next = document.querySelector('[data-do=next]'), lines = [];
         while (!next.disabled) {
             next.click();
             lines.push(Array.from(document.querySelectorAll('.twin .where'), line => line.textContent));
         }
         return lines",
    );
    let moments: Vec<[String; 2]> = serde_json::from_value(moments).unwrap();
    let phase = |line: &str| line.split(" · ").nth(1).unwrap().to_owned();
    let begins = |side: usize, name: &str| moments.iter().position(|lines| phase(&lines[side]) == name);
    let names: BTreeSet<String> = moments.iter().map(|lines| phase(&lines[0])).collect();
    let shared: Vec<&String> = names.iter().filter(|name| begins(1, name).is_some()).collect();
    assert!(shared.len() > 1, "{names:?}");
    for name in shared {
        assert_eq!(begins(0, name), begins(1, name), "`{name}` does not begin in both at once");
    }
    // Both arrive, and one stepper has the keys.
    browser.type_into("[data-do=back]", END);
    for line in browser.texts(".twin .where") {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words[1], words[3], "{line}");
    }
    let log = browser.complaints_of(&version_folder().join("index.html"));
    assert!(log.is_empty(), "{log:#?}");
}
