// One trial: its verdict, its time, and every turn of every try.

const TURNS_AT_ONCE = 25;
const state = { trial: null, detail: null, tryAt: 0, turns: [], current: -1, wire: null };

async function showTrial(name, turn) {
  const row = index.trials.find((each) => each.trial === name);
  const place = document.getElementById("trial");
  if (state.trial === name && state.detail) return goTurn(turn);
  Object.assign(state, { trial: name, detail: null, current: -1, wire: null });
  place.replaceChildren(...headBox(row), make("p", { class: "busy", role: "status" }, "Reading the details …"));
  window.scrollTo(0, 0);
  try {
    const detail = await block(name);
    if (state.trial !== name) return;
    state.detail = detail;
    place.querySelector(".busy").remove();
    place.append(...bodyBox(row, detail));
    showTry(row, detail.tries.length - 1, turn);
  } catch (fault) {
    if (state.trial === name) place.querySelector(".busy")?.replaceChildren(fault.message);
  }
}

function headBox(row) {
  const among = list.shown.includes(row) ? list.shown : index.trials;
  const link = (step, words) => {
    const other = among[among.indexOf(row) + step];
    return other ? make("a", { href: "#" + other.trial, "data-step": step }, words) : "";
  };
  const fold = make("button", { type: "button", id: "fold" }, "Open all outputs");
  fold.addEventListener("click", foldAll);
  const told = [row.outcome, row.outcome === "pending" ? "" : row.reason.replaceAll("_", " ")].filter(Boolean).join(", ");
  return [
    make("nav", { class: "crumbs", "aria-label": "Trials" }, make("a", { href: "#trials", id: "back" }, "← All trials"), link(-1, "Previous"), link(1, "Next"), index.redacted ? "" : make("span", { class: "acts" }, fold)),
    make("div", { class: "title" }, shape(row.outcome), make("h1", {}, make("code", {}, row.trial), " ", safe(shortened(row.task, 300)))),
    make("p", { class: "meta" }, ...[told, row.who, `attempt ${row.attempt}`, row.thinking && `thinking ${row.thinking}`, row.stop && `ended: ${row.stop.replaceAll("_", " ")}`, ...row.flags, row.origin].filter(Boolean).map((words) => make("span", {}, safe(shortened(String(words), 300))))),
    figuresBox(row),
  ];
}

function figuresBox(row) {
  const ran = row.calls.ok + row.calls.failed;
  const window_ = row.window.granted || row.window.asked;
  const pairs = [
    ["turns", num(row.turns)], ["tool calls", num(ran)], ["tokens in", brief(row.tokens.in)], ["tokens out", brief(row.tokens.out)],
    ["of the window", window_ && row.peak_prompt ? Math.round((100 * row.peak_prompt) / window_) + " %" : null],
    ["model", clock(row.seconds.model)], ["tools", clock(row.seconds.tool)], ["grading", clock(row.seconds.grading)],
    ["cost", row.cost_usd === null ? null : usd(row.cost_usd)], ["views edited", row.edits || null],
    ["FAIL_TO_PASS", row.f2p && row.f2p.join(" / ")], ["PASS_TO_PASS", row.p2p && row.p2p.join(" / ")],
    ["score", row.score === null ? null : row.score.toFixed(2)],
  ];
  return make("dl", { class: "figures" }, ...pairs.filter(([, value]) => value !== null && value !== undefined).map(([words, value]) => make("div", {}, make("dt", {}, words), make("dd", {}, value))));
}

function bodyBox(row, detail) {
  const parts = [];
  if (!index.redacted && row.outcome !== "pending") parts.push(verdictBox(row, detail));
  if (detail.tries.length > 1) {
    const buttons = detail.tries.map((told, at) => {
      const button = make("button", { type: "button", "aria-pressed": "false" }, `Try ${told.number}`);
      button.addEventListener("click", () => showTry(row, at));
      return button;
    });
    parts.push(make("div", { class: "tries", role: "group", "aria-label": "Tries" }, `${detail.tries.length} tries; the last one counts`, ...buttons));
  }
  if (index.context.includes(row.trial)) parts.push(contextBox(row.trial));
  parts.push(make("div", { id: "try" }));
  if (!detail.tries.length) parts.push(make("p", { class: "hint" }, "This trial has not begun."));
  return parts;
}

function verdictBox(row, detail) {
  const bad = detail.tests.filter((test) => test[2] !== "passed");
  const box = make("section", { "aria-label": "Verdict" }, make("h2", {}, "Verdict"));
  const sentence = row.outcome === "passed" && detail.tests.length ? `All ${num(detail.tests.length)} deciding tests passed.` : detail.tests.length ? `${num(bad.length)} of ${num(detail.tests.length)} deciding tests did not pass.` : "";
  if (sentence) box.append(make("p", { class: "hint" }, sentence));
  const named = new Set(detail.tests.map((test) => `${test[1]}: ${test[2]}`));
  const told = detail.evidence.filter((words) => !named.has(words));
  if (told.length) box.append(make("ul", { class: "verdict-list" }, ...told.slice(0, 50).map((words) => make("li", {}, textBox({ text: words })))));
  if (bad.length) box.append(testsBox(bad, "Tests that did not pass", true, 8));
  const good = detail.tests.filter((test) => test[2] === "passed");
  if (good.length) box.append(testsBox(good, "Tests that passed", false, 100));
  return box;
}

function testsBox(tests, title, open, first) {
  const box = make("details", { open }, make("summary", {}, `${title} (${num(tests.length)})`));
  const show = () => {
    if (!box.open || box.dataset.laid) return;
    box.dataset.laid = "1";
    const rows = (from, count) => tests.slice(from, from + count).map(([kind, name, status, seconds]) => make("tr", {}, make("td", {}, kind), make("td", { class: "id" }, safe(shortened(name, 1000))), make("td", {}, safe(status)), make("td", { class: "r" }, seconds === null ? "" : clock(seconds))));
    const body = make("tbody", {}, ...rows(0, first));
    const head = make("tr", {}, ...["Kind", "Test", "Reported", "Time"].map((words, at) => make("th", { scope: "col", class: at === 3 ? "r" : "" }, words)));
    box.append(make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": title }, make("table", { class: "tests" }, make("thead", {}, head), body)));
    if (tests.length > first) {
      const button = make("button", { type: "button", class: "more" }, `Show the other ${num(tests.length - first)}`);
      button.addEventListener("click", () => { body.append(...rows(first, tests.length)); button.remove(); });
      box.append(button);
    }
  };
  show();
  box.addEventListener("toggle", show);
  return box;
}

function showTry(row, at, turn) {
  const told = state.detail.tries[at];
  if (!told) return;
  state.tryAt = at;
  state.turns = told.turns || [];
  document.querySelectorAll(".tries button").forEach((button, each) => button.setAttribute("aria-pressed", String(each === at)));
  const place = document.getElementById("try");
  const section = make("section", { "aria-label": "Timeline" }, make("h2", {}, "Timeline"), make("p", { class: "hint" }, ...tryWords(row, told)), timelineBox(told, (number) => { location.hash = address(row.trial, number); }));
  place.replaceChildren(section);
  if (told.change) place.append(make("section", { "aria-label": "Whole difference" }, make("h2", {}, "What the workspace came to"), diffBox(told.change, "From the first look to the last:", false)));
  const turns = make("div", { class: "turns" });
  place.append(turns);
  layTurns(row, told, turns, 0, turn);
  if (turn !== undefined) goTurn(turn);
}

function tryWords(row, told) {
  const words = [];
  const parent = told.parent;
  if (parent) {
    const here = parent.run === index.run && index.trials.some((each) => each.trial === parent.trial);
    const name = [parent.run, parent.trial].filter(Boolean).join(" ");
    const own = here && parent.trial === row.trial;
    const link = own ? make("button", { type: "button", onclick: () => showTry(row, state.detail.tries.findIndex((each) => each.number === parent.number), parent.turn) }, "this trial") : here ? make("a", { href: "#" + address(parent.trial, parent.turn) }, safe(name)) : make("b", {}, safe(name || "another trial"));
    words.push("Goes on from ", link, `, try ${parent.number}, turn ${parent.turn}${parent.view ? `, under the view ${plain(parent.view)}` : ""}. `);
  }
  if (told.host) words.push("On ", safe(told.host), ". ");
  if (told.seed !== undefined && told.seed !== null) words.push(`Seed ${told.seed}. `);
  words.push("A click leads to the turn.");
  return words;
}

const address = (trial, number) => (number === undefined ? trial : `${trial}/turn-${number < 0 ? "end" : number}`);

function layTurns(row, told, place, from, wanted) {
  if (!place.isConnected) return;
  const turns = told.turns || [];
  const stop = wanted === undefined ? -1 : turns.findIndex((turn) => turn.number === wanted);
  const end = Math.min(turns.length, Math.max(from + TURNS_AT_ONCE, stop + 5));
  for (const turn of turns.slice(from, end)) place.append(turnBox(row, told, turn));
  if (end < turns.length) setTimeout(() => layTurns(row, told, place, end), 0);
}

function turnBox(row, told, turn) {
  const title = turn.number === 0 ? "Before the first turn" : turn.number < 0 ? "After the last turn" : "Turn " + turn.number;
  const link = make("a", { href: "#" + address(row.trial, turn.number), title: "Link to this turn" }, title);
  const facts = [];
  const seconds = turn.seconds || [];
  LANES.forEach((name, kind) => { if (seconds[kind] >= 0.005) facts.push(make("span", {}, `${LANE_WORDS[name]} ${clock(seconds[kind])}`)); });
  if (turn.tokens_in !== undefined && turn.tokens_in !== null) {
    const words = `${num(turn.tokens_in)} in${turn.tokens_cached ? ` (${num(turn.tokens_cached)} cached)` : ""}, ${num(turn.tokens_out)} out`;
    facts.push(make("span", {}, words));
    if (turn.window) {
      const share = Math.min(1, turn.tokens_in / turn.window);
      facts.push(make("span", {}, make("span", { class: "gauge", "aria-hidden": "true" }, make("i", { style: `width:${(100 * share).toFixed(1)}%` })), `${(100 * share).toFixed(0)} % of the window`));
    }
  }
  if (turn.stop && !["tool", "end"].includes(turn.stop)) facts.push(make("span", {}, `reply ended: ${turn.stop.replaceAll("_", " ")}`));
  const box = make("section", { class: "turn", id: "turn-" + (turn.number < 0 ? "end" : turn.number), tabindex: "-1", "aria-label": title }, make("header", {}, make("h3", {}, link), ...facts));
  for (const item of turn.items || []) box.append(itemBox(item));
  if (turn.change) box.append(diffBox(turn.change, "Changed in this turn:", true));
  if (turn.bodies) box.append(wireBox(row, told, turn));
  return box;
}

function wireBox(row, told, turn) {
  const box = make("details", { class: "wire" }, make("summary", {}, "Request and reply as sent"));
  box.addEventListener("toggle", async () => {
    if (!box.open || box.dataset.laid) return;
    box.dataset.laid = "1";
    try {
      state.wire = state.wire || wireOf(await block(row.trial + ".wire"));
      for (const each of state.wire.filter((one) => one.number === told.number && one.turn === turn.number)) {
        box.append(make("h4", {}, each.kind === "request" ? "Request" : "Reply"), make("div", { class: "box item" }, textBox({ text: pretty(each.whole) })));
      }
    } catch (fault) {
      delete box.dataset.laid;
      box.append(make("p", { class: "hint" }, fault.message));
    }
  });
  return box;
}

// Each body is told by what differs from the one before it of its kind.
function wireOf(bodies) {
  const before = { request: "", reply: "" };
  return bodies.map((body) => {
    const old = before[body.kind];
    before[body.kind] = old.slice(0, body.head) + body.text + old.slice(old.length - body.tail);
    return { number: body.number, turn: body.turn, kind: body.kind, whole: before[body.kind] };
  });
}

function pretty(text) {
  if (text.length > 2000000) return text;
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

function goTurn(number) {
  if (number === undefined) return;
  const place = document.getElementById("turn-" + (number < 0 ? "end" : number));
  if (!place) return notice("There is no such turn in this try.");
  document.querySelectorAll(".turn.current").forEach((turn) => turn.classList.remove("current"));
  place.classList.add("current");
  state.current = state.turns.findIndex((turn) => turn.number === number);
  place.focus({ preventScroll: true });
  held(place, 12);
}

// What lies above is laid out only once it is near, and then moves what was aimed at: aim until it stays.
function held(place, left) {
  place.scrollIntoView({ block: "start" });
  const before = place.getBoundingClientRect().top;
  if (left) requestAnimationFrame(() => { if (place.isConnected && Math.abs(place.getBoundingClientRect().top - before) > 1) held(place, left - 1); else if (left > 8) requestAnimationFrame(() => place.isConnected && held(place, Math.min(8, left - 1))); });
}

function stepTurn(step) {
  const at = Math.max(0, Math.min(state.turns.length - 1, state.current + step));
  if (state.turns[at]) history.replaceState(null, "", "#" + address(state.trial, state.turns[at].number)), goTurn(state.turns[at].number);
}

function foldAll() {
  const outputs = [...document.querySelectorAll("#trial .turn .item details, #trial .turn details.item")];
  const open = outputs.some((each) => !each.open);
  outputs.forEach((each) => (each.open = open));
  document.getElementById("fold").textContent = open ? "Close all outputs" : "Open all outputs";
}
