// What the page of a run does with script: stepping through it, and another run beside it.
// In this order: one run, two runs in step, the stepper that drives either, the frames in which two stand.
(function () {
  "use strict";
  var all = window.trustlane.all, recall = window.trustlane.recall, keep = window.trustlane.keep;
  var element = window.trustlane.element;
  var PACE = 1800, ADDRESS = "#run-step-";
  var isBeside = document.documentElement.classList.contains("is-beside");

  function calm() { return window.matchMedia("(prefers-reduced-motion: reduce)").matches; }
  function behavior() { return calm() ? "auto" : "smooth"; }

  // The steps as the list beside the picture names them.
  function stepsOf(stage) {
    var steps = [], phase = "";
    all(".overview ol > li", stage).forEach(function (item) {
      var link = item.querySelector("[data-go]");
      if (!link) { phase = item.textContent; return; }
      var anchor = link.getAttribute("href");
      steps.push({
        id: link.dataset.go, say: link.dataset.say, phase: phase, anchor: anchor, link: link,
        article: document.getElementById(anchor.slice(1)),
        group: document.getElementById(stage.dataset.figure + "--" + link.dataset.go)
      });
    });
    return steps;
  }

  // What was learned at each step, by its anchor: [who, what, how], as the table of who knows what has it.
  function learned() {
    var since = null;
    all(".knower").forEach(function (knower) {
      since = since || {};
      var who = knower.querySelector("summary b").textContent;
      all("tbody tr", knower).forEach(function (row) {
        var anchor = row.querySelector("a").hash;
        (since[anchor] = since[anchor] || []).push([who, row.children[1].textContent, row.children[2].textContent]);
      });
    });
    return since;
  }

  // Who knows more since the step at an index, and how much each knows by then.
  function knowledge(steps, index, since) {
    var news = since[steps[index].anchor] || [], sums = {}, box = element("div", "knows"), list = element("dl", "props");
    steps.slice(0, index + 1).forEach(function (step) {
      (since[step.anchor] || []).forEach(function (known) { sums[known[0]] = (sums[known[0]] || 0) + 1; });
    });
    box.append(element("h4", "label", "Who knows more since this step"));
    if (news.length === 0) { box.append(element("p", "aside", "Nobody.")); }
    var times = 1;
    news.forEach(function (known, at) {
      var next = news[at + 1] || [], row = element("div"), what = element("dd");
      // What comes several times is told once.
      if (next.join("\n") === known.join("\n")) { times += 1; return; }
      what.append(element("code", "", known[1]), times > 1 ? " ×" + times + " " : " ", element("span", "aside", known[2]));
      row.append(element("dt", "", known[0]), what);
      list.append(row);
      times = 1;
    });
    var sum = Object.keys(sums).map(function (who) { return who + " " + sums[who]; }).join(" · ");
    box.append(list, element("p", "aside", sum ? "Values known by now: " + sum : ""));
    return box;
  }

  // One run: its panel and its picture.
  function runOf(stage, steps) {
    var frame = stage.querySelector(".picture");
    var overview = stage.querySelector(".overview"), current = stage.querySelector(".current");
    var passing = all(".tl-passing", frame), since = learned();
    stage.classList.add("is-live");
    lanes(stage, frame);

    function panel(at) {
      overview.hidden = at > 0;
      current.hidden = at === 0;
      current.textContent = "";
      if (at === 0) { return; }
      var step = steps[at - 1];
      var copy = step.article ? step.article.cloneNode(true) : element("article", "step", step.say);
      all("[id]", copy).concat(copy).forEach(function (part) { part.removeAttribute("id"); });
      var badge = copy.querySelector("header .badge"), first = copy.querySelector("details");
      if (badge) { badge.after(element("span", "meaning aside", badge.title), element("span", "break")); }
      if (first) { first.before(since ? knowledge(steps, at - 1, since) : ""); first.open = !narrow(); }
      else if (since) { copy.append(knowledge(steps, at - 1, since)); }
      var place = element("p", "aside place"), link = element("a", "", "In the list of all steps");
      link.href = step.anchor;
      place.append(link);
      copy.append(place);
      if (isBeside) { all("a[href]", copy).forEach(function (link) { link.target = "_top"; }); }
      current.append(copy);
      current.scrollTop = 0;
    }

    function moment(group) { return parseFloat(group.style.getPropertyValue("--tl-at")) || 0; }

    // What comes after the current step is faint. Sessions have no step of their own, but a moment at which they appear.
    function picture(at) {
      steps.forEach(function (step, index) {
        if (!step.group) { return; }
        step.group.classList.toggle("tl-current", index === at - 1);
        step.group.classList.toggle("is-future", at > 0 && index >= at);
      });
      var group = at > 0 && steps[at - 1].group, now = group ? moment(group) : Infinity;
      passing.forEach(function (other) { other.classList.toggle("is-future", moment(other) > now); });
      if (group) { follow(frame, group); } else { frame.scrollTop = 0; }
    }

    return {
      steps: steps,
      length: steps.length,
      phases: steps.map(function (step) { return step.phase; }),
      draw: function (at) { panel(at); picture(at); },
      say: function (at) { return steps[at - 1].say; },
      count: function (at) { return count(steps, at); }
    };
  }

  function narrow() { return window.matchMedia("(max-width: 699px)").matches; }

  function count(steps, at) { return at === 0 ? steps.length + " steps" : "Step " + at + " of " + steps.length; }

  // The frame of the picture scrolls until the step is in view; the page stays where it is.
  function follow(frame, group) {
    var view = frame.getBoundingClientRect(), head = frame.querySelector(".lanes");
    var whole = group.getBoundingClientRect(), left = Infinity, right = -Infinity;
    function reach(part) {
      var box = part.getBoundingClientRect();
      left = Math.min(left, box.left);
      right = Math.max(right, box.right);
    }
    // The group itself is as wide as the picture; what is drawn in it is what counts, or its name where that is too wide.
    all("path, rect:not(.tl-focus)", group).forEach(reach);
    var name = group.querySelector("text.tl-bold:not(.tl-f-paper)");
    if (right - left > view.width - 24 && name) { left = Infinity; right = -Infinity; reach(name); }
    var top = view.top + (head ? head.firstChild.getBoundingClientRect().height : 0), by = { left: 0, top: 0, behavior: behavior() };
    if (left < view.left + 12 || right > view.right - 12) { by.left = (left + right - view.left - view.right) / 2; }
    if (whole.top < top || whole.bottom > view.bottom - 20) { by.top = (whole.top + whole.bottom - top - view.bottom) / 2; }
    // A long way is not travelled, but jumped.
    if (Math.abs(by.top) > view.height || Math.abs(by.left) > view.width) { by.behavior = "instant"; }
    frame.scrollBy(by);
  }

  // The names of the lanes stay in view above a picture that is taller than a page; its first sheet says how tall they are.
  function lanes(stage, frame) {
    var sheet = stage.querySelector(".tl-page:nth-child(2) > svg"), ground = frame.querySelector(".tl-ground");
    if (!sheet || !ground) { return; }
    var strip = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    strip.setAttribute("viewBox", sheet.getAttribute("viewBox"));
    strip.setAttribute("class", "tl-figure");
    strip.append(ground.cloneNode(true));
    var box = element("div", "lanes");
    box.setAttribute("aria-hidden", "true");
    box.append(strip);
    frame.prepend(box);
  }

  // Two runs in step: phases that both have begin together, and inside of one the shorter waits for the other.
  // The answer has a pair a moment: how many steps of each are done. Phases are given as [name, number of steps].
  function moments(one, other) {
    var pairs = [[0, 0]], x = 0, y = 0, before = 0, from = 0;
    function total(phases) { return phases.reduce(function (sum, phase) { return sum + phase[1]; }, 0); }
    function both(n, m) {
      for (var k = 1; k <= Math.max(n, m); k++) { pairs.push([x + Math.min(k, n), y + Math.min(k, m)]); }
      x += n;
      y += m;
    }
    one.forEach(function (phase) {
      var to = other.findIndex(function (candidate, index) { return index >= from && candidate[0] === phase[0]; });
      if (to < 0) { before += phase[1]; return; }
      both(before, total(other.slice(from, to)));
      both(phase[1], other[to][1]);
      before = 0;
      from = to + 1;
    });
    if (from > 0) {
      both(before, total(other.slice(from)));
      return pairs;
    }
    // Without a phase in common, each goes by its share.
    var n = total(one), m = total(other), most = Math.max(n, m);
    for (var k = 1; k <= most; k++) { pairs.push([Math.ceil(k * n / most), Math.ceil(k * m / most)]); }
    return pairs;
  }

  function phasesOf(run) {
    var phases = [];
    run.phases.forEach(function (name) {
      var last = phases[phases.length - 1];
      if (last && last[0] === name) { last[1] += 1; } else { phases.push([name, 1]); }
    });
    return phases;
  }

  // The name of the phase in which a step lies.
  function phaseAt(phases, step) {
    for (var at = 0, sum = 0; at < phases.length; at++) {
      sum += phases[at][1];
      if (step <= sum) { return phases[at][0]; }
    }
    return "";
  }

  // Buttons, keys, speed, progress, the address and what is read aloud, for a run or for two in step.
  function stepperOf(stage, run) {
    var line = run, at = 0, timer = null, buttons = {};
    var controls = stage.querySelector(".controls"), said = stage.querySelector(".said"), counter = stage.querySelector(".count");
    var speed = stage.querySelector(".speed"), progress = stage.querySelector(".progress");
    all("[data-do]", stage).forEach(function (button) { buttons[button.dataset.do] = button; });
    controls.querySelector(".stepper").hidden = progress.hidden = false;
    if (["0.5", "1", "2"].indexOf(recall("trustlane-speed")) >= 0) { speed.value = recall("trustlane-speed"); }
    speed.addEventListener("change", function () { keep("trustlane-speed", speed.value); });

    function segments() {
      progress.textContent = "";
      phasesOf(line).forEach(function (phase) {
        var segment = element("span"), fill = element("i");
        segment.style.flexGrow = phase[1];
        segment.append(fill);
        progress.append(segment);
      });
    }

    function fill() {
      var done = at;
      phasesOf(line).forEach(function (phase, index) {
        progress.children[index].firstChild.style.width = Math.max(0, Math.min(1, done / phase[1])) * 100 + "%";
        done -= phase[1];
      });
    }

    function show(step) {
      at = Math.max(0, Math.min(line.length, step));
      counter.textContent = line.count(at);
      buttons.first.disabled = buttons.back.disabled = at === 0;
      buttons.last.disabled = buttons.next.disabled = at === line.length;
      stage.style.setProperty("--controls", controls.offsetHeight + "px");
      line.draw(at);
      fill();
    }

    // The address names the step, so that it can be sent to others and outlives a reload.
    function address() {
      var step = run.steps[line.own ? line.own(at) - 1 : at - 1];
      var hash = step ? ADDRESS + step.id : location.hash.indexOf(ADDRESS) === 0 ? "" : location.hash;
      try { history.replaceState(null, "", location.href.split("#")[0] + hash); } catch (e) { /* it stays as it was */ }
    }

    // What the reader asked for is also read aloud and kept.
    function go(step) {
      show(step);
      said.textContent = at === 0 ? "All " + line.count(0) : line.count(at) + ", " + line.say(at);
      address();
      // On a phone a step begins at its beginning, unless the reader looks at the picture below.
      var panel = stage.querySelector(".panel"), place = panel.getBoundingClientRect();
      if (!narrow()) { stage.scrollIntoView({ block: "nearest", behavior: behavior() }); }
      else if (place.top < 0 && place.bottom > window.innerHeight / 2) { panel.scrollIntoView({ behavior: behavior() }); }
    }

    function stop() {
      clearTimeout(timer);
      timer = null;
      buttons.play.textContent = "Play";
    }

    function later() {
      timer = setTimeout(function () {
        if (at < line.length) { go(at + 1); }
        if (at < line.length) { later(); } else { stop(); }
      }, PACE / speed.value);
    }

    function play() {
      if (timer) { stop(); return; }
      buttons.play.textContent = "Pause";
      go(at === line.length ? 1 : at + 1);
      later();
    }

    // Whether the key meant something here.
    function key(name) {
      var moves = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 1, End: line.length, Escape: 0 };
      if (name === " ") { play(); return true; }
      if (!moves.hasOwnProperty(name)) { return false; }
      stop();
      go(moves[name]);
      return true;
    }

    buttons.play.addEventListener("click", play);
    var targets = {
      first: function () { return 1; }, back: function () { return at - 1; },
      next: function () { return at + 1; }, last: function () { return line.length; }
    };
    Object.keys(targets).forEach(function (name) {
      buttons[name].addEventListener("click", function () { stop(); go(targets[name]()); });
    });
    segments();

    return {
      show: show, key: key,
      go: function (step) { stop(); go(step); },
      step: function () { return line.own ? line.own(at) : at; },
      focus: function () { buttons.next.focus(); },
      use: function (other, step) { stop(); line = other; segments(); show(step); }
    };
  }

  // Keys act only where the focus is on the stepper or on its picture: elsewhere they belong to the reader's tools.
  function keys(stage, act) {
    stage.addEventListener("keydown", function (event) {
      var on = event.target, isOwn = on.closest(".stepper, .picture, .progress");
      if (!isOwn || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || on.tagName === "SELECT") { return; }
      // A button that has the focus is pressed by the space bar, as everywhere.
      if (event.key === " " && on.tagName === "BUTTON") { return; }
      if (act(event.key)) { event.preventDefault(); }
    });
  }

  // A step can be pointed at in the list and in the picture.
  function pointing(run, act) {
    run.steps.forEach(function (step, index) {
      step.link.addEventListener("click", function (event) {
        if (event.metaKey || event.ctrlKey || event.shiftKey) { return; }
        event.preventDefault();
        act(index + 1);
      });
      if (!step.group) { return; }
      step.group.style.cursor = "pointer";
      step.group.addEventListener("click", function () { act(index + 1); });
    });
  }

  // The address leads to a step in the stage, or to one in the list; the stage then shows it too.
  function addressed(stage, run, stepper) {
    function arrive() {
      var hash = decodeURIComponent(location.hash);
      var index = run.steps.findIndex(function (step) { return hash === ADDRESS + step.id || hash === step.anchor; });
      if (index < 0) { return; }
      if (hash.indexOf(ADDRESS) === 0) { stage.scrollIntoView(); }
      stepper.show(index + 1);
    }
    window.addEventListener("hashchange", arrive);
    stepper.show(0);
    arrive();
  }

  var KEYS = ["ArrowRight", "ArrowLeft", "Home", "End", "Escape", " "];
  // A page from a disk has no origin that could be named; the window itself is the address then.
  var ORIGIN = location.protocol === "file:" ? "*" : location.origin;

  function isNumber(value) { return typeof value === "number" && isFinite(value) && value >= 0 && value === Math.floor(value); }
  function isPhase(value) { return Array.isArray(value) && typeof value[0] === "string" && value[0].length < 200 && isNumber(value[1]) && value[1] > 0; }

  // As a frame: what the page around asks for is shown, and what the reader does here is told to it.
  function obey(stage, run) {
    function tell(message) { window.parent.postMessage(message, ORIGIN); }
    window.addEventListener("message", function (event) {
      var asked = event.data;
      if (event.source !== window.parent || !asked || asked.trustlane !== "show" || !isNumber(asked.step)) { return; }
      run.draw(Math.min(asked.step, run.length));
    });
    keys(stage, function (key) {
      if (KEYS.indexOf(key) >= 0) { tell({ trustlane: "key", key: key }); }
      return KEYS.indexOf(key) >= 0;
    });
    pointing(run, function (step) { tell({ trustlane: "step", step: step }); });
    run.draw(0);
    tell({ trustlane: "phases", phases: phasesOf(run) });
  }

  // One of two frames, with a line above it that says where it is.
  function sideOf(href, title) {
    var side = { box: element("div", "twin"), where: element("span", "where", "opens"), frame: element("iframe"), phases: null, at: 0 };
    var line = element("p", "twin-title"), link = element("a", "", title);
    link.href = href + "#run-stage";
    side.title = title;
    side.frame.title = title + ", in step";
    side.frame.src = href + "#beside";
    line.append(link, " ", side.where);
    side.box.append(line, side.frame);
    side.show = function (step) {
      var total = side.phases.reduce(function (sum, phase) { return sum + phase[1]; }, 0);
      side.at = step;
      side.where.textContent = step === 0 ? total + " steps" : "Step " + step + " of " + total + " · " + phaseAt(side.phases, step);
      side.frame.contentWindow.postMessage({ trustlane: "show", step: step }, ORIGIN);
    };
    return side;
  }

  // Two runs as one line of moments.
  function pairOf(run, sides) {
    var pairs = moments(sides[0].phases, sides[1].phases);
    return {
      length: pairs.length - 1,
      phases: pairs.slice(1).map(function (pair) { return phaseAt(sides[0].phases, Math.max(1, pair[0])); }),
      own: function (at) { return pairs[at][0]; },
      find: function (side, step) { return Math.max(0, pairs.findIndex(function (pair) { return pair[side] >= step; })); },
      draw: function (at) { sides.forEach(function (side, index) { side.show(pairs[at][index]); }); },
      count: function (at) { return at === 0 ? pairs.length - 1 + " moments" : "Moment " + at + " of " + (pairs.length - 1); },
      say: function (at) {
        var own = pairs[at][0];
        return (own > 0 ? run.count(own) + ", " + run.say(own) + "; " : "") + sides[1].title + ": " + sides[1].where.textContent;
      }
    };
  }

  // Another run beside this one, each in a frame of its own, and one stepper for both.
  function beside(stage, run, stepper) {
    var menu = stage.querySelector(".beside"), list = menu.querySelector("ul"), apart = stage.querySelector("button.apart");
    var sides = null, pair = null, box = null;
    all(".scenarios:not(.beside) a:not([aria-current])", stage).forEach(function (link, index) {
      if (index === 0) { list.append(element("li", "label", "This method")); }
      var item = element("li"), copy = link.cloneNode(true);
      copy.setAttribute("href", link.getAttribute("href").split("#")[0]);
      item.append(copy);
      list.append(item);
    });

    function close() {
      if (!box) { return; }
      var step = stepper.step();
      box.remove();
      box = sides = pair = null;
      stage.classList.remove("has-twins");
      menu.hidden = false;
      apart.hidden = true;
      stepper.use(run, step);
    }

    function open(link) {
      var title = document.querySelector("h1").textContent;
      var step = stepper.step();
      sides = [sideOf(location.href.split("#")[0], title), sideOf(link.getAttribute("href"), link.firstChild.textContent.trim())];
      sides[0].at = step;
      box = element("div", "twins");
      box.append(sides[0].box, sides[1].box);
      stage.querySelector(".picture").before(box);
      stage.classList.add("has-twins");
      menu.open = false;
      menu.hidden = true;
      apart.hidden = false;
      stage.scrollIntoView({ behavior: behavior() });
      stepper.focus();
    }

    // Only what our own frames say is heard, and only in the words that they have.
    window.addEventListener("message", function (event) {
      var side = (sides || []).findIndex(function (side) { return side.frame.contentWindow === event.source; }), told = event.data;
      if (side < 0 || !told) { return; }
      if (told.trustlane === "phases" && Array.isArray(told.phases) && told.phases.length > 0 && told.phases.every(isPhase)) {
        sides[side].phases = told.phases;
        if (!sides[0].phases || !sides[1].phases) { return; }
        pair = pairOf(run, sides);
        stepper.use(pair, pair.find(0, sides[0].at));
      }
      if (!pair) { return; }
      if (told.trustlane === "key" && KEYS.indexOf(told.key) >= 0) { stepper.key(told.key); }
      if (told.trustlane === "step" && isNumber(told.step)) { stepper.go(pair.find(side, told.step)); }
    });
    menu.hidden = list.children.length === 0;
    apart.addEventListener("click", function () { close(); menu.querySelector("summary").focus(); });
    list.addEventListener("click", function (event) {
      var link = event.target.closest("a");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) { return; }
      event.preventDefault();
      open(link);
    });
  }

  function stages() {
    var stage = document.getElementById("run-stage");
    var steps = stage ? stepsOf(stage) : [];
    if (steps.length === 0) { return; }
    var run = runOf(stage, steps);
    if (isBeside) { obey(stage, run); return; }
    var stepper = stepperOf(stage, run);
    keys(stage, stepper.key);
    pointing(run, stepper.go);
    beside(stage, run, stepper);
    addressed(stage, run, stepper);
  }

  document.addEventListener("DOMContentLoaded", stages);
})();
