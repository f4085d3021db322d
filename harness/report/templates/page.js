// Where one is: the overview, or a trial by its name behind the #. Keys, print.

let scrolled = 0;

function route() {
  const found = location.hash.match(/^#(t\d+)(?:\/turn-(\d+|end))?$/);
  const row = found && index.trials.find((each) => each.trial === found[1]);
  if (found && !row) notice(`There is no trial ${found[1]} in this run.`);
  const overview = document.getElementById("overview");
  const trial = document.getElementById("trial");
  if (row) {
    if (!overview.hidden) scrolled = window.scrollY;
    overview.hidden = true;
    trial.hidden = false;
    document.title = `${row.trial} ${shortened(plain(row.task), 80)} · longhaul`;
    return showTrial(found[1], found[2] === undefined ? undefined : found[2] === "end" ? -1 : Number(found[2]));
  }
  const back = overview.hidden;
  overview.hidden = false;
  trial.hidden = true;
  trial.replaceChildren();
  document.title = route.title;
  const place = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (back && location.hash === "#trials" && state.trial) {
    window.scrollTo(0, scrolled);
    const last = list.shown.findIndex((row) => row.trial === state.trial);
    if (last >= 0) { list.chosen = -1; document.querySelectorAll(".row.chosen").forEach((row) => row.classList.remove("chosen")); choose(last + 1); }
  } else if (place && back) place.scrollIntoView();
  state.trial = null;
}

function help() {
  document.getElementById("help").showModal();
}

function escape() {
  const field = document.activeElement;
  if (field && /^(INPUT|SELECT)$/.test(field.tagName)) {
    if (field.id === "f-text" && field.value) { field.value = ""; refresh(); } else field.blur();
  } else if (!document.getElementById("trial").hidden) location.hash = "#trials";
}

function step(amount) {
  if (document.getElementById("trial").hidden) choose(amount);
  else stepTurn(amount);
}

function other(amount) {
  const link = document.querySelector(`#trial [data-step="${amount}"]`);
  if (link) location.hash = link.hash;
}

const KEYS = {
  j: () => step(1), k: () => step(-1), n: () => other(1), p: () => other(-1), t: nextTheme, "?": help,
  o: () => { if (document.getElementById("fold")) foldAll(); },
  "/": (event) => {
    event.preventDefault();
    if (!document.getElementById("trial").hidden) { state.trial = null; location.hash = "#trials"; route(); }
    document.getElementById("f-text").focus();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById("help").open) return;
  if (event.key === "Escape") return escape();
  if (event.target.closest && event.target.closest("input, select, textarea")) return;
  if (KEYS[event.key]) KEYS[event.key](event);
});
document.getElementById("keys").addEventListener("click", help);
window.addEventListener("hashchange", route);
window.addEventListener("beforeprint", () => {
  if (document.getElementById("trial").hidden) { layMore(true); drawAll(); }
});
route.title = document.title;
prepare();
refresh();
document.querySelectorAll("[data-chart]").forEach((place) => drawers.observe(place));
route();
