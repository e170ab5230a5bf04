// Tools of the chapters that compare and choose: sorting and choosing columns, weights, questions. Their tables and lists
// are complete without it.
(function () {
  "use strict";

  function all(selector, from) { return Array.prototype.slice.call((from || document).querySelectorAll(selector)); }

  function make(tag, className, text) {
    var element = document.createElement(tag);
    if (className) { element.className = className; }
    if (text !== undefined) { element.textContent = text; }
    return element;
  }

  function comparison() {
    all(".comparison").forEach(function (frame) {
      var body = frame.querySelector("tbody"), heads = all("thead th", frame);
      heads.forEach(function (head, column) {
        var button = make("button");
        button.type = "button";
        button.append.apply(button, Array.prototype.slice.call(head.childNodes));
        head.append(button);
        button.addEventListener("click", function () {
          var down = head.getAttribute("aria-sort") === "ascending";
          heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
          head.setAttribute("aria-sort", down ? "descending" : "ascending");
          var rows = all("tr", body);
          rows.sort(function (a, b) {
            var x = a.children[column].dataset.sort, y = b.children[column].dataset.sort;
            return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
          });
          body.append.apply(body, rows);
        });
      });
      var filter = frame.querySelector(".filter"), select = filter.querySelector("select");
      filter.hidden = false;
      select.addEventListener("change", function () {
        all("tr", body).forEach(function (row) { row.hidden = select.value !== "" && row.dataset.family !== select.value; });
      });
      filter.after(columns(frame, heads));
    });
  }

  // A box for each column but the first, which names the rows.
  function columns(frame, heads) {
    var choice = make("details", "column-choice"), boxes = make("div");
    choice.append(make("summary", "", "Columns"), boxes);
    heads.slice(1).forEach(function (head, index) {
      var label = make("label"), box = make("input");
      box.type = "checkbox";
      box.checked = true;
      box.addEventListener("change", function () {
        all("tr", frame).forEach(function (row) { row.children[index + 1].hidden = !box.checked; });
      });
      label.append(box, " " + head.textContent);
      boxes.append(label);
    });
    return choice;
  }

  // The mean by weight; the same sum as in the table that was built, where all weigh alike.
  function weights() {
    all(".scores").forEach(function (frame) {
      var form = frame.querySelector(".weights"), sliders = all("input", form), body = frame.querySelector(".scored tbody");
      var rows = all("tr", body), first = form.querySelector(".first");
      form.hidden = false;

      function mean(row) {
        var sum = 0, whole = 0;
        all("[data-tenths]", row).forEach(function (cell, index) {
          var weight = Number(sliders[index].value), tenths = Number(cell.dataset.tenths);
          sum += weight * (sliders[index].dataset.better === "high" ? tenths : 100 - tenths);
          whole += weight;
        });
        return whole === 0 ? null : Math.floor((2 * sum + whole) / (2 * whole));
      }

      function weigh() {
        var means = new Map();
        sliders.forEach(function (slider) { slider.closest(".weight").querySelector(".value").textContent = slider.value; });
        rows.forEach(function (row) {
          var tenths = mean(row);
          means.set(row, tenths);
          row.querySelector(".mean").textContent = tenths === null ? "–" : (tenths / 10).toFixed(1);
        });
        var order = rows.slice().sort(function (a, b) { return means.get(b) - means.get(a) || rows.indexOf(a) - rows.indexOf(b); });
        body.append.apply(body, order);
        var best = order.slice(0, 3).map(function (row) { return row.querySelector("th").textContent; });
        first.textContent = means.get(order[0]) === null ? "Nothing weighs anything." : "First: " + best.join(", ") + ".";
      }

      form.addEventListener("input", weigh);
      form.addEventListener("submit", function (event) { event.preventDefault(); });
      form.querySelector("[data-do=even]").addEventListener("click", function () {
        sliders.forEach(function (slider) { slider.value = 1; });
        weigh();
      });
      weigh();
    });
  }

  // One question at a time, from the list that holds them all.
  function guide() {
    all(".decisions").forEach(function (list) {
      var frame = make("div", "guide"), way = [];
      frame.setAttribute("role", "group");
      frame.setAttribute("aria-label", "Questions that lead to methods");
      list.before(frame);

      function question(answer) {
        return answer ? answer.querySelector(":scope > .question") : list.querySelector(".question");
      }
      function label(answer) { return answer.querySelector(":scope > .says").textContent; }
      function words(asked) { return asked.querySelector("b").textContent; }

      function answered() {
        var past = make("ol", "way");
        way.forEach(function (answer, index) {
          var item = make("li"), back = make("button", "pill", "Change");
          var asked = words(question(way[index - 1]));
          back.type = "button";
          back.setAttribute("aria-label", "Change the answer to: " + asked);
          back.addEventListener("click", function () { way.length = index; show(true); });
          item.append(make("span", "", asked), " ", make("b", "", label(answer)), " ", back);
          past.append(item);
        });
        return past;
      }

      function choices(asked) {
        var group = make("div", "choices");
        all(":scope > li", asked.nextElementSibling).forEach(function (answer) {
          var button = make("button", "", label(answer));
          button.type = "button";
          button.addEventListener("click", function () { way.push(answer); show(true); });
          group.append(button);
        });
        return group;
      }

      function fitting(answer) {
        var fit = make("ul", "fit");
        all(":scope > a", answer).forEach(function (link) {
          var item = make("li");
          item.append(link.cloneNode(true));
          fit.append(item);
        });
        return fit;
      }

      function show(isMoving) {
        var last = way[way.length - 1], asked = question(last);
        var head = make("p", "ask", asked ? words(asked) : "What fits");
        head.tabIndex = -1;
        frame.textContent = "";
        if (last) { frame.append(answered(), make("p", "why", last.querySelector(":scope > .why").textContent)); }
        frame.append(head);
        frame.append(asked ? choices(asked) : fitting(last));
        if (isMoving) { head.focus(); }
      }
      show(false);
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    comparison();
    weights();
    guide();
  });
})();
