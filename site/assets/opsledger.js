/* Narrow and sort lists, and find a record by its id or title. Every page says all it has to say without this. */
"use strict";

(function lists() {
  const sieve = document.querySelector("[data-sieve]");
  const table = document.querySelector("table.sortable");
  if (!sieve || !table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const input = sieve.querySelector("input");
  const count = document.querySelector("[data-count]");
  const pressed = new Set();
  input.hidden = count.hidden = false;

  function narrow() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      row.text ??= row.textContent.toLowerCase();
      const fits = (!pressed.size || pressed.has(row.dataset.state)) && words.every((word) => row.text.includes(word));
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = shown === rows.length ? `${rows.length} here` : `${shown} of ${rows.length} here`;
  }

  for (const button of sieve.querySelectorAll("button[data-state]")) {
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      if (on) pressed.add(button.dataset.state); else pressed.delete(button.dataset.state);
      narrow();
    });
  }
  input.addEventListener("input", narrow);
  narrow();

  const order = new Intl.Collator("en", { numeric: true });
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    const key = (row) => row.cells[at].dataset.sort ?? row.cells[at].textContent.trim();
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const keyed = rows.map((row) => [key(row), row]);
      keyed.sort((a, b) => (!a[0] - !b[0]) || (rising ? 1 : -1) * order.compare(a[0], b[0]));
      body.append(...keyed.map((pair) => pair[1]));
    });
  });
})();

(function strip() {
  /* On a narrow screen the lifecycle is wider than its frame: show the place where the record stands. */
  const now = document.querySelector("svg.strip .now circle");
  const frame = now?.closest(".scroll");
  if (!frame) return;
  const place = now.getBoundingClientRect();
  frame.scrollLeft += place.left - frame.getBoundingClientRect().left - frame.clientWidth / 2;
})();

(function find() {
  const bar = document.querySelector(".md-header__inner");
  const own = [...document.scripts].find((script) => script.src.endsWith("/assets/opsledger.js"));
  if (!bar || !own) return;
  const root = new URL("../", own.src).href;
  const index = [];
  let asked = false;

  const box = document.createElement("div");
  box.className = "find";
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = "Find a record";
  input.setAttribute("aria-label", "Find a record by its id or title");
  const list = document.createElement("ol");
  list.hidden = true;
  box.append(input, list);
  bar.append(box);

  /* Scripts and not JSON: a page that was opened from a disk may load the one, but not the other. */
  function load(name) {
    const script = document.createElement("script");
    script.src = `${root}assets/${name}.js`;
    document.head.append(script);
  }
  window.opsledgerIndex = (number, rows) => {
    if (number < 0) {
      for (let piece = 0; piece < rows; piece += 1) load(`index-${piece}`);
      return;
    }
    for (const [id, title, state, sort, address] of rows) {
      const [page, anchor] = (address || `records/${sort}/${id}`).split("#");
      index.push({ id, title, state, sort, href: `${root}${page}.html${anchor ? `#${anchor}` : ""}`, text: `${id} ${title}`.toLowerCase() });
    }
    show();
  };

  function rank(one, words) {
    const id = one.id.toLowerCase();
    return id === words[0] ? 0 : id.startsWith(words[0]) ? 1 : id.includes(words[0]) ? 2 : 3;
  }

  function show() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.hidden = !words.length;
    if (!words.length) return;
    const found = index.filter((one) => words.every((word) => one.text.includes(word)));
    found.sort((a, b) => rank(a, words) - rank(b, words));
    list.replaceChildren(...found.slice(0, 30).map((one) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = one.href;
      const id = document.createElement("b");
      id.textContent = one.id;
      const sort = document.createElement("i");
      sort.textContent = one.state ? `${one.sort}, ${one.state}` : one.sort;
      link.append(id, ` ${one.title}`, sort);
      item.append(link);
      return item;
    }));
    if (!found.length) {
      const item = document.createElement("li");
      item.className = "none";
      item.textContent = index.length ? "Nothing is called so." : "The index is loading …";
      list.append(item);
    }
  }

  input.addEventListener("focus", () => {
    if (!asked) load("index");
    asked = true;
    show();
  });
  input.addEventListener("input", show);
  document.addEventListener("click", (event) => { if (!box.contains(event.target)) list.hidden = true; });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
    if (event.key === "/" && !typing) { event.preventDefault(); input.focus(); }
    if (event.key === "Escape") { list.hidden = true; input.blur(); }
    if (document.activeElement !== input) return;
    const links = [...list.querySelectorAll("a")];
    const at = links.findIndex((link) => link.classList.contains("on"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      links[at]?.classList.remove("on");
      const next = links[(at + (event.key === "ArrowDown" ? 1 : -1) + links.length) % (links.length || 1)];
      next?.classList.add("on");
      next?.scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter") (links[at] ?? links[0])?.click();
  });
})();
