// The list of trials: filtered, sorted, and laid out a hundred at a time.

const CHUNK = 100;
const COLUMNS = [
  ["trial", "Trial", "c-trial", (row) => row.place],
  ["task", "Task", "c-task", (row) => row.task],
  ["who", "Agent and model", "c-who", (row) => row.who],
  ["attempt", "#", "c-attempt r", (row) => row.attempt],
  ["verdict", "Verdict", "c-verdict", (row) => index.outcomes.indexOf(row.outcome) + row.reason],
  ["turns", "Turns", "c-turns r", (row) => row.turns],
  ["tokens", "Tokens", "c-tokens r", (row) => row.tokens.in + row.tokens.out],
  ["time", "Time", "c-time r", (row) => row.seconds.model + row.seconds.tool + row.seconds.harness],
  ["cost", "Cost", "c-cost r", (row) => row.cost_usd ?? -1],
];
const list = { shown: [], laid: 0, chosen: -1, sort: "trial", down: false };

function whom(row) {
  return [row.model === "none" ? row.agent : `${row.agent} × ${row.model}`, row.variant].filter(Boolean).join(" ");
}

function prepare() {
  index.trials.forEach((row, place) => {
    row.place = place;
    row.who = whom(row);
    row.text = [row.trial, row.task, row.who, row.outcome, row.reason, row.stop, ...row.flags, ...row.evidence].join("\n").toLowerCase();
  });
  for (const [id, name] of [["f-model", "model"], ["f-agent", "agent"], ["f-task", "task"], ["f-outcome", "outcome"]]) {
    const select = document.getElementById(id);
    const values = name === "outcome" ? index.outcomes : [...new Set(index.trials.map((row) => row[name]))];
    select.append(make("option", { value: "" }, "all"), ...values.map((value) => make("option", { value }, shortened(plain(value), 80))));
    select.addEventListener("change", refresh);
  }
  const field = document.getElementById("f-text");
  field.addEventListener("input", refresh);
  field.addEventListener("keydown", (event) => {
    if (!["Enter", "ArrowDown"].includes(event.key) || event.isComposing) return;
    event.preventDefault();
    choose(-list.chosen);
  });
  document.querySelector(".filter").addEventListener("submit", (event) => event.preventDefault());
}

function refresh() {
  const value = (id) => document.getElementById(id).value;
  const words = value("f-text").toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = [["model", value("f-model")], ["agent", value("f-agent")], ["task", value("f-task")], ["outcome", value("f-outcome")]].filter(([, one]) => one);
  list.shown = index.trials.filter((row) => wanted.every(([name, one]) => row[name] === one) && words.every((word) => row.text.includes(word)));
  const by = COLUMNS.find(([name]) => name === list.sort)[3];
  const order = (a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : a.place - b.place);
  list.shown.sort((a, b) => (list.down ? order(b, a) : order(a, b)));
  list.laid = 0;
  list.chosen = -1;
  const all = index.trials.length;
  document.getElementById("f-count").textContent = list.shown.length === all ? `${num(all)} ${all === 1 ? "trial" : "trials"}` : `${num(list.shown.length)} of ${num(all)} trials`;
  document.getElementById("list").replaceChildren(headRow());
  layMore();
}

function headRow() {
  const cells = COLUMNS.map(([name, words, kind]) => {
    const here = list.sort === name;
    const button = make("button", { type: "button", "data-down": here && list.down, "data-up": here && !list.down, class: kind.includes("r") && kind.endsWith(" r") ? "r" : "" }, words);
    button.addEventListener("click", () => {
      list.down = here ? !list.down : false;
      list.sort = name;
      refresh();
      document.querySelectorAll(".headrow button")[COLUMNS.findIndex(([one]) => one === name)].focus();
    });
    return make("span", { class: kind, role: "columnheader", "aria-sort": here ? (list.down ? "descending" : "ascending") : null }, button);
  });
  return make("div", { role: "rowgroup" }, make("div", { class: "row headrow", role: "row" }, ...cells));
}

function layMore(everything) {
  const place = document.getElementById("list");
  do {
    const rows = list.shown.slice(list.laid, list.laid + CHUNK);
    if (!rows.length) break;
    const group = make("div", { class: "rowgroup" + (list.shown.length > CHUNK ? " long" : ""), role: "rowgroup" }, ...rows.map(rowBox));
    list.laid += rows.length;
    place.append(group);
    if (list.laid < list.shown.length) watcher.observe(group);
  } while (everything);
}

const watcher = new IntersectionObserver((seen) => {
  for (const each of seen) {
    if (!each.isIntersecting) continue;
    watcher.unobserve(each.target);
    if (each.target === document.getElementById("list").lastElementChild) layMore();
  }
}, { rootMargin: "1200px" });

function rowBox(row) {
  const told = row.outcome === "pending" ? "pending" : row.reason === "solved" ? "passed" : `${row.outcome === "failed" ? "" : row.outcome + ", "}${row.reason.replaceAll("_", " ")}`;
  const cells = {
    trial: make("a", { class: "rowlink", href: "#" + row.trial }, row.trial),
    task: safe(shortened(row.task, 200)), who: safe(shortened(row.who, 200)), attempt: String(row.attempt),
    verdict: make("span", { class: "verdict" }, shape(row.outcome, true), told),
    turns: num(row.turns), tokens: brief(row.tokens.in + row.tokens.out), time: clock(COLUMNS[7][3](row)), cost: usd(row.cost_usd),
  };
  const node = make("div", { class: "row", role: "row" }, ...COLUMNS.map(([name, , kind]) => make("span", { class: kind, role: "cell" }, cells[name])));
  node.addEventListener("click", (event) => {
    if (!event.target.closest("a") && !String(getSelection())) location.hash = row.trial;
  });
  return node;
}

function choose(step) {
  if (!list.shown.length) return;
  const at = Math.max(0, Math.min(list.shown.length - 1, list.chosen + step));
  while (list.laid <= at) layMore();
  const rows = document.querySelectorAll("#list .row:not(.headrow)");
  if (rows[list.chosen]) rows[list.chosen].classList.remove("chosen");
  list.chosen = at;
  rows[at].classList.add("chosen");
  rows[at].querySelector("a").focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: "nearest" });
}
