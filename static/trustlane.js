// What a page does with script: themes, versions, searching, ticking, choosing, copying; stage.js steps through runs, and
// tools.js compares and chooses methods. Every page is complete without it.
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
  // Beside another run, a page is a frame that shows its stage alone.
  if (window.parent !== window && location.hash === "#beside") { root.classList.add("is-beside"); }

  function all(selector, from) { return Array.prototype.slice.call((from || document).querySelectorAll(selector)); }
  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) { made.className = className; }
    if (text) { made.textContent = text; }
    return made;
  }
  window.trustlane = { all: all, recall: recall, keep: keep, element: element };

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
    // Chosen on another page, or on the page around this one.
    window.addEventListener("storage", function (event) {
      if (event.key !== "trustlane-theme" || THEMES.indexOf(event.newValue) < 0) { return; }
      theme = event.newValue;
      applyTheme();
      label();
    });
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

  // What a time is made of, as a cell has it: class|share|label|time, and again.
  function partsOf(cell) {
    return (cell.dataset.parts || "").split(";").filter(Boolean).map(function (part) { return part.split("|"); });
  }

  // The pair of link and device that the reader chose, kept by their names: pages have the same, in the same words.
  function timelines() {
    all(".timeline").forEach(function (frame) {
      var link = frame.querySelector("select.link"), device = frame.querySelector("select.device");
      var chosen = frame.querySelector(".chosen"), rows = all(".durations tbody tr", frame);
      if (!link || !device) { return; }
      var kept = (recall("trustlane-timeline") || "").split("\n");
      [link, device].forEach(function (select, at) {
        all("option", select).forEach(function (option) { if (option.textContent === kept[at]) { select.value = option.value; } });
        select.addEventListener("change", function () {
          keep("trustlane-timeline", named(link) + "\n" + named(device));
          tell();
        });
      });

      function named(select) { return select.options[select.selectedIndex].textContent; }

      function tell() {
        var cell = rows[device.value].querySelectorAll("td")[link.value], parts = partsOf(cell);
        var isImpossible = cell.classList.contains("impossible");
        all(".durations .chosen-pair", frame).forEach(function (old) { old.classList.remove("chosen-pair"); });
        cell.classList.add("chosen-pair");
        chosen.textContent = "";
        var title = element("p", "chosen-title");
        title.append(element("b", "", cell.firstChild.textContent.trim()), " " + named(device) + " over " + named(link));
        chosen.append(title);
        if (isImpossible) {
          var reason = frame.querySelector("p[data-link='" + link.value + "']");
          var words = reason ? reason.textContent : "With this device it cannot work over this link: the handshake takes longer than a server waits.";
          chosen.append(element("p", "cannot", words));
        }
        if (parts.length === 0) { return; }
        var bar = element("div", "bar"), list = element("ul", "parts");
        bar.setAttribute("aria-hidden", "true");
        parts.forEach(function (part) {
          var span = element("span", "part-" + part[0]), item = element("li");
          span.style.width = part[1] + "%";
          bar.append(span);
          item.append(element("span", "swatch part-" + part[0]), part[2] + " ", element("b", "", part[3]));
          list.append(item);
        });
        chosen.append(bar, list);
      }
      frame.querySelector(".choose").hidden = chosen.hidden = false;
      tell();
    });
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

    // The index has the way from each entry to the next; one that is negative is followed by a weight, which is else 1.
    function weighed(steps) {
      var pairs = [], entry = -1;
      for (var at = 0; at < steps.length; at += 1) {
        entry += Math.abs(steps[at]);
        pairs.push([entry, steps[at] < 0 ? steps[at += 1] : 1]);
      }
      return pairs;
    }

    // What an entry is worth for a word: rare words count more, and whole ones more than beginnings.
    function hits(word) {
      var known = index[part(word)] || {}, worth = new Map();
      Object.keys(known).forEach(function (candidate) {
        if (!candidate.startsWith(word)) { return; }
        var pairs = weighed(known[candidate]), rare = Math.log(1 + entries.length / pairs.length);
        pairs.forEach(function (pair) {
          var value = pair[1] * rare * (candidate === word ? 3 : 1);
          worth.set(pair[0], Math.max(worth.get(pair[0]) || 0, value));
        });
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
    timelines();
    unfold();
    window.addEventListener("hashchange", unfold);
  });
})();
