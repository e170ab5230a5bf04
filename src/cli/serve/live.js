// What a page does while `trustlane serve` shows it: it says what is wrong with its sources, and loads itself anew when
// it is no longer what they make. What a build publishes has no such script.
(function () {
  "use strict";
  // Of which build this page is; the server has written it here.
  var own = document.currentScript.dataset;
  var KEY = "trustlane-live";
  var source = null, box = null, shown = "";

  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }

  // The address keeps its fragment by itself, and with it the step of a run.
  function keep() {
    var folds = {};
    all("details[id]").forEach(function (details) { folds[details.id] = details.open; });
    var focused = document.activeElement && document.activeElement.id;
    var place = { page: own.page, left: window.scrollX, top: window.scrollY, folds: folds, focused: focused };
    try { sessionStorage.setItem(KEY, JSON.stringify(place)); } catch (e) { /* forgotten */ }
  }

  function recall() {
    try {
      var place = JSON.parse(sessionStorage.getItem(KEY));
      sessionStorage.removeItem(KEY);
      return place && place.page === own.page ? place : null;
    } catch (e) { return null; }
  }

  function scroll(place) { window.scrollTo({ left: place.left, top: place.top, behavior: "instant" }); }

  function restore(place) {
    Object.keys(place.folds).forEach(function (id) {
      var details = document.getElementById(id);
      if (details && details.tagName === "DETAILS") { details.open = place.folds[id]; }
    });
    var focused = place.focused && document.getElementById(place.focused);
    if (focused) { focused.focus({ preventScroll: true }); }
    scroll(place);
    // Fonts that come late move what is below them.
    window.addEventListener("load", function () { scroll(place); });
  }

  // In a tree of its own, so that the styles of the book and these leave each other alone.
  var STYLE = ":host{all:initial;position:fixed;inset:auto 0 0 0;z-index:2147483647;color-scheme:light dark}" +
    "details{background:Canvas;color:CanvasText;border-top:4px solid #c62828;box-shadow:0 -4px 24px #0004;font:15px/1.5 system-ui,sans-serif}" +
    "details.is-warning{border-top-color:#b26a00}" +
    "summary{padding:.75rem 1rem;font-weight:600;cursor:pointer}" +
    "pre{margin:0;padding:0 1rem 1rem;max-height:45vh;overflow:auto;font:13px/1.45 ui-monospace,monospace}" +
    "@media print{:host{display:none}}";

  function element(name, text, inside) {
    var made = document.createElement(name);
    made.textContent = text;
    inside.append(made);
    return made;
  }

  // The same news twice leaves the box as the reader has folded it.
  function tell(isWrong, text) {
    if (text === shown) { return; }
    shown = text;
    if (box) { box.remove(); box = null; }
    if (!text) { return; }
    box = document.createElement("div");
    box.id = "trustlane-live";
    box.setAttribute("role", isWrong ? "alert" : "status");
    var tree = box.attachShadow({ mode: "open" });
    element("style", STYLE, tree);
    var details = element("details", "", tree);
    details.open = isWrong;
    details.className = isWrong ? "is-error" : "is-warning";
    element("summary", isWrong ? "The sources have mistakes: this page was built before them" : "The sources have warnings", details);
    element("pre", text, details).tabIndex = 0;
    document.body.append(box);
  }

  function hear(event) {
    var news = JSON.parse(event.data);
    var isOther = own.page in news.changed && (news.changed[own.page] || "") !== own.digest;
    if (isOther || news.shared !== own.shared) {
      stop();
      keep();
      location.reload();
      return;
    }
    tell(news.is_wrong, news.text);
  }

  function stop() {
    if (source) { source.close(); }
    source = null;
  }

  // Browsers open few connections to one server, so only what is looked at listens; it hears first what is now.
  function listen() {
    stop();
    if (document.visibilityState !== "visible") { return; }
    source = new EventSource("/.trustlane/events?page=" + encodeURIComponent(own.page));
    source.onmessage = hear;
  }

  document.addEventListener("DOMContentLoaded", function () {
    var place = recall();
    if (place) { restore(place); }
    listen();
    document.addEventListener("visibilitychange", listen);
    window.addEventListener("pagehide", stop);
    window.addEventListener("pageshow", function (event) { if (event.persisted) { listen(); } });
  });
})();
