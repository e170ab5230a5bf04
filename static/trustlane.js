// What a page does with script: themes, versions, searching, ticking, the stepper, copying. Every page is complete without it.
(function () {
  "use strict";
  var root = document.documentElement;
  var THEMES = ["auto", "light", "dark"];

  // Storage is refused in some private windows and on some disks; the page then forgets.
  function recall(key) { try { return localStorage.getItem(key); } catch (e) { return null; } }
  function keep(key, value) { try { localStorage.setItem(key, value); } catch (e) { /* forgotten */ } }

  // Before the first paint, so that a page never flashes in the other theme.
  var theme = THEMES.indexOf(recall("trustlane-theme")) > 0 ? recall("trustlane-theme") : "auto";
  function applyTheme() {
    if (theme === "auto") { root.removeAttribute("data-theme"); } else { root.setAttribute("data-theme", theme); }
  }
  applyTheme();

  function all(selector, from) { return Array.prototype.slice.call((from || document).querySelectorAll(selector)); }

  function themes() {
    var button = document.getElementById("site-theme");
    if (!button) { return; }
    var glyphs = { auto: "◐", light: "○", dark: "●" };
    function label() {
      button.textContent = glyphs[theme] + " " + theme;
      button.setAttribute("aria-label", "Theme: " + theme);
    }
    button.hidden = false;
    label();
    button.addEventListener("click", function () {
      theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
      keep("trustlane-theme", theme);
      applyTheme();
      label();
    });
  }

  function load(path) {
    return new Promise(function (done, failed) {
      var script = document.createElement("script");
      script.src = path;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
  }

  // The list of versions stands beside them, as a script: from a disk a page may load scripts and read no file.
  function versions() {
    var link = document.getElementById("site-version"), here = document.body.dataset;
    if (!link) { return; }
    var base = here.root + "../";

    // The same page in another version, where it has it.
    function page(version) {
      return new Promise(function (done) {
        window.trustlanePages = function (paths) { done(base + version.path + (paths.indexOf(here.path) < 0 ? "index.html" : here.path)); };
        load(base + version.path + "pages.js").catch(function () { done(base + version.path + "index.html"); });
      });
    }

    function choice(list) {
      var select = document.createElement("select");
      select.className = "pill";
      select.setAttribute("aria-label", "Version");
      list.forEach(function (version, index) {
        var option = new Option("version " + version.version + (index === 0 ? " (latest)" : ""), index);
        option.selected = version.version === here.version;
        select.add(option);
      });
      select.addEventListener("change", function () {
        page(list[select.value]).then(function (path) { location.href = path; });
      });
      link.replaceWith(select);
    }

    function mark(latest) {
      page(latest).then(function (path) {
        var note = document.createElement("p"), lead = document.createElement("a");
        note.className = "old";
        note.setAttribute("role", "note");
        lead.href = path;
        lead.textContent = "Read it in version " + latest.version;
        note.append("This is version " + here.version + " of the book, and there is a later one. ", lead);
        document.querySelector("main").prepend(note);
      });
    }

    window.trustlaneVersions = function (list) {
      if (list.length === 0) { return; }
      choice(list);
      if (list[0].version !== here.version) { mark(list[0]); }
    };
    load(base + "versions.js").catch(function () { /* the link stays */ });
  }

  // The bytes of a step stand on a page of their own, and once more in a script, with which they come when a reader opens
  // what has them. The panel of the stepper copies steps, so every place that waits for them is filled.
  function bytes() {
    var root = document.body.dataset.root, asked = {};
    window.trustlaneBytes = function (value) {
      asked[value[0]] = value[1];
      fill(value[0]);
    };

    function fill(name) {
      all("[data-bytes='" + name + "']").forEach(function (place) {
        var frame = document.createElement("template");
        frame.innerHTML = asked[name][place.dataset.layer];
        place.replaceWith(frame.content);
      });
    }

    document.addEventListener("toggle", function (event) {
      var place = event.target.open && event.target.querySelector("[data-bytes]"), name = place && place.dataset.bytes;
      if (!name) { return; }
      if (Array.isArray(asked[name])) { fill(name); }
      if (asked[name]) { return; }
      asked[name] = true;
      load(root + name + ".js").catch(function () { asked[name] = null; });
    }, true);
  }

  function drawer() {
    var narrow = window.matchMedia("(max-width: 860px)");
    all("nav.book .drawer").forEach(function (details) { if (narrow.matches) { details.open = false; } });
  }

  // A value that is linked to is folded away; open it.
  function unfold() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var at = target; at; at = at.parentElement) { if (at.tagName === "DETAILS") { at.open = true; } }
    if (target && target.tagName === "DETAILS") { target.scrollIntoView(); }
  }

  function copies() {
    if (!navigator.clipboard) { return; }
    all("pre.command, pre.code").forEach(function (pre) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      var frame = document.createElement("div");
      frame.className = "copyable";
      pre.replaceWith(frame);
      frame.append(pre, button);
    });
    document.addEventListener("click", function (event) {
      var button = event.target.closest && event.target.closest(".copy");
      if (!button) { return; }
      navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent).then(function () {
        button.textContent = "Copied";
        setTimeout(function () { button.textContent = "Copy"; }, 1600);
      }, function () { button.textContent = "Not allowed"; });
    });
  }

  // A field of bytes and its row in the table belong together.
  function fields() {
    document.addEventListener("mouseover", function (event) {
      all(".lit").forEach(function (lit) { lit.classList.remove("lit"); });
      var span = event.target.closest && event.target.closest(".hex span");
      var row = event.target.closest && event.target.closest(".fields tbody tr.leaf");
      var layer = (span || row) && (span || row).closest(".layer");
      if (!layer) { return; }
      var spans = all(".hex span", layer), rows = all(".fields tbody tr.leaf", layer);
      if (spans.length !== rows.length) { return; }
      var index = span ? spans.indexOf(span) : rows.indexOf(row);
      spans[index].classList.add("lit");
      rows[index].classList.add("lit");
    });
  }

  function stage() {
    var stage = document.getElementById("run-stage");
    var articles = all(".steps .step[data-step]");
    if (!stage || !articles.length) { return; }
    var figure = stage.dataset.figure;
    var groups = articles.map(function (article) { return document.getElementById(figure + "--" + article.dataset.step); });
    var overview = stage.querySelector(".overview"), current = stage.querySelector(".current");
    var count = stage.querySelector(".count"), buttons = {};
    var at = 0, timer = null;
    all("[data-do]", stage).forEach(function (button) { buttons[button.dataset.do] = button; });
    stage.querySelector(".stepper").hidden = false;

    function panel() {
      overview.hidden = at > 0;
      current.hidden = at === 0;
      current.textContent = "";
      if (at === 0) { return; }
      var copy = articles[at - 1].cloneNode(true);
      copy.removeAttribute("id");
      all("[id]", copy).forEach(function (element) { element.removeAttribute("id"); });
      var line = document.createElement("span");
      line.className = "break";
      var badge = copy.querySelector("header .badge");
      badge.after(line);
      var first = copy.querySelector("details");
      if (first) { first.open = true; }
      current.append(copy);
      current.scrollTop = 0;
    }

    // What comes after the current step is faint, and the step itself is in view.
    function picture() {
      groups.forEach(function (group, index) {
        if (!group) { return; }
        group.classList.toggle("tl-current", index === at - 1);
        group.classList.toggle("is-future", at > 0 && index >= at);
      });
      // Sessions have no step of their own, but the moment at which they appear.
      var now = at > 0 && groups[at - 1] ? moment(groups[at - 1]) : Infinity;
      all(".tl-passing", stage).forEach(function (group) { group.classList.toggle("is-future", moment(group) > now); });
      var group = at > 0 && groups[at - 1];
      if (!group) { return; }
      var box = group.getBoundingClientRect();
      if (box.top < 120 || box.bottom > window.innerHeight - 40) {
        window.scrollBy({ top: box.top - window.innerHeight / 2, behavior: calm() ? "auto" : "smooth" });
      }
    }

    function moment(group) { return parseFloat(group.style.getPropertyValue("--tl-at")) || 0; }

    function calm() { return window.matchMedia("(prefers-reduced-motion: reduce)").matches; }

    function show(step) {
      at = Math.max(0, Math.min(articles.length, step));
      count.textContent = at === 0 ? articles.length + " steps" : "Step " + at + " of " + articles.length;
      buttons.back.disabled = at === 0;
      buttons.next.disabled = at === articles.length;
      panel();
      picture();
    }

    function stop() {
      clearInterval(timer);
      timer = null;
      buttons.play.textContent = "Play";
    }

    function play() {
      if (timer) { stop(); return; }
      buttons.play.textContent = "Pause";
      show(at === articles.length ? 1 : at + 1);
      timer = setInterval(function () {
        if (at === articles.length) { stop(); } else { show(at + 1); }
      }, 1800);
    }

    buttons.play.addEventListener("click", play);
    buttons.back.addEventListener("click", function () { stop(); show(at - 1); });
    buttons.next.addEventListener("click", function () { stop(); show(at + 1); });
    all("[data-go]", overview).forEach(function (link) {
      link.addEventListener("click", function (event) {
        if (event.metaKey || event.ctrlKey || event.shiftKey) { return; }
        event.preventDefault();
        stop();
        show(articles.findIndex(function (article) { return article.dataset.step === link.dataset.go; }) + 1);
      });
    });
    groups.forEach(function (group, index) {
      if (!group) { return; }
      group.style.cursor = "pointer";
      group.addEventListener("click", function () { stop(); show(index + 1); });
    });
    // Only while the stage has the focus: arrow keys elsewhere belong to the reader's tools.
    stage.addEventListener("keydown", function (event) {
      if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest(".current, .scenarios, .hex")) { return; }
      var moves = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 1, End: articles.length, Escape: 0 };
      if (!(event.key in moves)) { return; }
      event.preventDefault();
      stop();
      show(moves[event.key]);
    });
    show(0);
  }

  // What was ticked is kept by its words, so that a point more leaves the others as they were.
  function ticks() {
    var boxes = all(".task input"), prose = document.querySelector(".kind-checklist .prose");
    if (boxes.length === 0 || !prose) { return; }
    var key = "trustlane-ticks " + document.body.dataset.path;
    function words(box) {
      var text = box.parentNode.querySelector("strong") || box.parentNode;
      return text.textContent.trim();
    }
    var kept = [];
    try { kept = JSON.parse(recall(key)) || []; } catch (e) { /* nothing that can be read */ }
    var line = document.createElement("p"), count = document.createElement("span"), clear = document.createElement("button");
    line.className = "ticked";
    count.setAttribute("role", "status");
    clear.type = "button";
    clear.className = "pill";
    clear.textContent = "Untick all";
    line.append(count, clear);
    prose.prepend(line);

    function tell() {
      var ticked = boxes.filter(function (box) { return box.checked; });
      count.textContent = ticked.length + " of " + boxes.length + " ticked";
      clear.hidden = ticked.length === 0;
      keep(key, JSON.stringify(ticked.map(words)));
    }
    boxes.forEach(function (box) {
      box.checked = box.checked || kept.indexOf(words(box)) >= 0;
      box.addEventListener("change", tell);
    });
    clear.addEventListener("click", function () {
      boxes.forEach(function (box) { box.checked = false; });
      tell();
      boxes[0].focus();
    });
    tell();
  }

  // The index comes in parts, each a script: from a disk a page may load scripts and read no file.
  function search() {
    var box = document.getElementById("site-search");
    if (!box) { return; }
    var input = box.querySelector("input"), found = box.querySelector(".found");
    var status = found.querySelector("p"), list = found.querySelector("ol");
    var base = document.body.dataset.root + "search/", scripts = {}, entries = null, parts = "", common = [], index = {};
    window.trustlaneSearch = {
      entries: function (value) { entries = value[0]; parts = value[1]; common = value[2]; },
      words: function (value) { index[value[0]] = value[1]; }
    };

    function load(name) {
      scripts[name] = scripts[name] || new Promise(function (done) {
        var script = document.createElement("script");
        script.src = base + name + ".js";
        script.onload = script.onerror = done;
        document.head.append(script);
      });
      return scripts[name];
    }

    function words() { return input.value.toLowerCase().match(/[\p{L}\p{N}]+(-[\p{L}\p{N}]+)*/gu) || []; }
    function part(word) { return /^[a-z0-9]/.test(word) ? word[0] : "_"; }

    // What an entry is worth for a word: rare words count more, and whole ones more than beginnings.
    function hits(word) {
      var known = index[part(word)] || {}, worth = new Map();
      Object.keys(known).forEach(function (candidate) {
        if (!candidate.startsWith(word)) { return; }
        var pairs = known[candidate], rare = Math.log(1 + 2 * entries.length / pairs.length);
        for (var at = 0; at < pairs.length; at += 2) {
          var value = pairs[at + 1] * rare * (candidate === word ? 3 : 1);
          worth.set(pairs[at], Math.max(worth.get(pairs[at]) || 0, value));
        }
      });
      return worth;
    }

    function ranked(asked) {
      var worths = asked.map(hits), sums = [];
      worths[0].forEach(function (_, entry) {
        if (worths.every(function (worth) { return worth.has(entry); })) {
          sums.push([worths.reduce(function (sum, worth) { return sum + worth.get(entry); }, 0), entry]);
        }
      });
      return sums.sort(function (a, b) { return b[0] - a[0] || a[1] - b[1]; });
    }

    function show(sums) {
      list.textContent = "";
      sums.slice(0, 20).forEach(function (sum) {
        var entry = entries[sum[1]], item = document.createElement("li"), link = document.createElement("a");
        link.href = document.body.dataset.root + entry[1];
        var title = document.createElement("b"), place = document.createElement("small");
        title.textContent = entry[0];
        place.textContent = entry[2];
        link.append(title, place);
        item.append(link);
        list.append(item);
      });
      status.textContent = sums.length === 0 ? "Nothing has all of these words." : sums.length + " found";
      found.hidden = false;
    }

    function ask() {
      var asked = words(), text = input.value;
      if (asked.length === 0) { found.hidden = true; return; }
      load("entries").then(function () {
        // What stands nearly everywhere is not in the index, and must not hide what is.
        asked = asked.filter(function (word) { return common.indexOf(word) < 0; });
        var needed = asked.map(part).filter(function (name) { return parts.indexOf(name) >= 0; });
        return Promise.all(needed.map(function (name) { return load("words-" + name); }));
      }).then(function () {
        // Only what is still asked for is answered.
        if (entries && text === input.value && !quiet) { show(asked.length > 0 ? ranked(asked) : []); }
      });
    }

    // From the end of a search to the next letter, the focus alone opens nothing.
    var quiet = false;
    function close() { found.hidden = true; }
    box.hidden = false;
    input.addEventListener("input", function () { quiet = false; ask(); });
    input.addEventListener("focus", function () { load("entries"); ask(); });
    box.addEventListener("focusout", function (event) { if (!box.contains(event.relatedTarget)) { close(); } });
    box.addEventListener("keydown", function (event) {
      var links = all("a", list), at = links.indexOf(document.activeElement);
      var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") { quiet = true; input.focus(); close(); }
      if (event.key === "Enter" && at < 0 && links.length > 0 && !found.hidden) { links[0].click(); }
      if (!step || found.hidden) { return; }
      event.preventDefault();
      (links[at + step] || input).focus();
    });
    document.addEventListener("keydown", function (event) {
      if (event.key !== "/" || event.target.closest("input,select,textarea,[contenteditable]")) { return; }
      event.preventDefault();
      input.focus();
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    themes();
    search();
    ticks();
    versions();
    drawer();
    bytes();
    copies();
    fields();
    stage();
    unfold();
    window.addEventListener("hashchange", unfold);
  });
})();
