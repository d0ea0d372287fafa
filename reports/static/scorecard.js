/* Search, tables that sort, tips on chart points. Each page is whole without; names are set as text alone. */
"use strict";
const script = document.currentScript;
const root = new URL("../", script.src);
const make = (tag, given) => Object.assign(document.createElement(tag), given);
const on = (node, kind, act) => node.addEventListener(kind, act);

/* search: a combobox over an index that is loaded when the field is first used */
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
let loading;
const load = () => (loading ??= new Promise((done) => {
  const src = new URL("search-index.js", root);
  document.head.append(make("script", { src, onload: () => done(window.steelyardIndex) }));
}));

function matches(index, text) {
  const words = plain(text).split(/\s+/).filter(Boolean);
  const rank = ({ own }) => [own.startsWith(words[0]), own.includes(` ${words[0]}`), true].indexOf(true);
  return index.entries
    .map(([name, kind, href]) => ({ name, kind: index.kinds[kind], href, own: plain(name) }))
    .filter(({ own }) => words.length && words.every((word) => own.includes(word)))
    .sort((a, b) => rank(a) - rank(b));
}

function search(box) {
  const [field, list, told] = ["input", "ul", "p"].map((tag) => box.querySelector(tag));
  let at = -1;
  box.hidden = false;
  const mark = (to) => {
    at = to;
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", index === to));
    field.setAttribute("aria-activedescendant", list.children[to]?.id ?? "");
    list.children[to]?.scrollIntoView({ block: "nearest" });
  };
  const open = (is) => {
    list.hidden = !is;
    field.setAttribute("aria-expanded", is);
    mark(-1);
  };
  const go = (item) => location.assign(new URL(item.dataset.href, root));
  const option = ({ name, kind, href }, index) => {
    const item = make("li", { id: `search-${index}`, role: "option" });
    item.dataset.href = href;
    item.append(make("bdi", { textContent: name }), " ", make("span", { className: "quiet", textContent: kind }));
    return item;
  };
  const show = async () => {
    const found = matches(await load(), field.value);
    list.replaceChildren(...found.slice(0, 10).map(option));
    open(found.length > 0);
    const words = found.length ? box.dataset.found.replace("{count}", found.length) : box.dataset.none;
    told.textContent = field.value.trim() && words;
    told.classList.toggle("vh", !told.textContent || found.length > 0);
  };
  on(field, "focus", load);
  on(field, "input", show);
  on(field, "blur", () => open(false));
  on(list, "mousedown", (event) => event.preventDefault());
  on(list, "click", ({ target }) => go(target.closest("li")));
  on(field, "keydown", (event) => {
    const count = list.children.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count) {
      const to = list.hidden ? -1 : at;
      list.hidden && open(true);
      mark((Math.max(to, step < 0 ? 0 : -1) + step + count) % count);
    } else if (event.key === "Enter" && !list.hidden) {
      go(list.children[Math.max(at, 0)]);
    } else if (event.key === "Escape") {
      if (list.hidden) field.value = told.textContent = "";
      open(false);
    } else return;
    event.preventDefault();
  });
}

/* tables: a heading sorts its column; again the other way round, then as it was */
const WORST = "off_track at_risk unverified stale no_data no_target suppressed on_track".split(" ");
const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
const words = (cell) => cell.textContent.trim() || null;

function number(text) {
  const [found] = text.replace(/\u2212/g, "-").match(/[+-]?\d[\d.,'\u2019\s]*/) ?? [];
  if (!found) return null;
  const [whole, part = ""] = found.split(script.dataset.decimal).map((each) => each.replace(/[^\d-]/g, ""));
  return Number(`${whole}.${part}`);
}

const given = ({ dataset: { sort } }) => (sort ? (isFinite(sort) ? Number(sort) : sort) : null);
const standing = (cell) => WORST.findIndex((key) => cell.querySelector(`.status--${key}`));

function reader(heading, cells, column) {
  if (cells.some((cell) => "sort" in cell.dataset)) return given;
  if (heading.classList.contains("num")) return (cell) => number(cell.textContent);
  if (cells.some((cell) => cell.querySelector(".status"))) return standing;
  /* words with digits are mostly dates: those sort by data-sort alone */
  const digits = cells.filter((cell) => /\d/.test(cell.textContent)).length;
  return cells.some(words) && digits <= (column ? 0 : cells.length / 2) && words;
}

function compare(a, b, turn) {
  if (a === null || b === null) return (a === null) - (b === null);
  return turn * (typeof a === "number" && typeof b === "number" ? a - b : order.compare(a, b));
}

function sortable(table) {
  const [body, other] = table.tBodies;
  const headings = [...table.tHead.rows[0].cells];
  const rows = [...body.querySelectorAll("tr:not(.total)")];
  const totals = [...body.querySelectorAll(".total")];
  if (other || rows.length < 4 || rows.some((row) => row.cells.length !== headings.length)) return;
  headings.forEach((heading, column) => {
    const read = words(heading) && !heading.querySelector("a") && reader(heading, rows.map((row) => row.cells[column]), column);
    if (!read) return;
    const button = make("button", { type: "button", className: "sort" });
    button.append(...heading.childNodes);
    heading.append(button);
    on(button, "click", () => {
      const next = { ascending: "descending", descending: "" }[heading.ariaSort] ?? "ascending";
      headings.forEach((each) => each.removeAttribute("aria-sort"));
      if (next) heading.ariaSort = next;
      const turn = next === "ascending" ? 1 : -1;
      const by = (row) => read(row.cells[column]);
      body.append(...(next ? rows.toSorted((a, b) => compare(by(a), by(b), turn)) : rows), ...totals);
    });
  });
}

/* charts: the point under the pointer, or stepped to by arrow keys, tells its number */
function tips(svg) {
  const across = ({ cx }) => cx.baseVal.valueInSpecifiedUnits;
  const points = [...svg.querySelectorAll("circle:has(title)")].sort((a, b) => across(a) - across(b));
  const texts = points.map((point) => point.removeChild(point.querySelector("title")).textContent);
  const box = svg.parentElement;
  const tip = make("div", { className: "tip", hidden: true, role: "status" });
  let at = points.length;
  if (!at) return;
  box.append(tip);
  svg.tabIndex = 0;
  const hide = () => { tip.hidden = true; };
  const middle = (point) => {
    const { x, y, width } = point.getBoundingClientRect();
    return [x + width / 2, y + width / 2];
  };
  const within = (value, most) => Math.max(0, Math.min(most, value));
  const show = (to) => {
    at = within(to, points.length - 1);
    const [x, y] = middle(points[at]);
    const around = box.getBoundingClientRect();
    tip.textContent = texts[at];
    tip.hidden = false;
    const left = x - around.x - tip.offsetWidth / 2;
    tip.style.left = `${within(left, around.width - tip.offsetWidth)}px`;
    tip.style.top = `${y - around.y - tip.offsetHeight - 10}px`;
  };
  on(svg, "pointermove", ({ clientX, clientY }) => {
    const far = points.map(middle).map(([x, y]) => Math.hypot(x - clientX, y - clientY));
    const least = Math.min(...far);
    least < 24 ? show(far.indexOf(least)) : hide();
  });
  on(svg, "pointerleave", hide);
  on(svg, "blur", hide);
  on(svg, "keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") hide();
    if (!step) return;
    event.preventDefault();
    show(at + step);
  });
}

const each = (selector, act) => document.querySelectorAll(selector).forEach((node) => act(node));
each(".search", search);
each(".chart-box > svg", tips);
/* on a phone tables are lists */
const isWide = matchMedia("(min-width: 48rem)").matches;
if (isWide) each("table.list:not(.card, .roll, .moved, .needs):has(thead)", sortable);
