// Labels as they are given: kept by the browser where it keeps anything for files, and saved as a file of answers.

const root = document.documentElement;
const samples = [...document.querySelectorAll(".sample")];
const KEPT = "longhaul-audit-" + root.dataset.audit;

function answers() {
  const found = {}, notes = {};
  for (const sample of samples) {
    const chosen = sample.querySelector("input[type=radio]:checked");
    found[sample.dataset.id] = chosen ? chosen.value : null;
    const note = sample.querySelector("[data-note]").value.trim();
    if (note) notes[sample.dataset.id] = note;
  }
  return { schema: root.dataset.schema, audit: root.dataset.audit, who: document.getElementById("who").value.trim(), answers: found, notes };
}

function shown() {
  const told = answers();
  const given = Object.values(told.answers).filter((label) => label !== null).length;
  document.getElementById("progress").textContent = given + " of " + samples.length + " answered";
  for (const sample of samples) sample.classList.toggle("done", told.answers[sample.dataset.id] !== null);
  return told;
}

function keep() {
  const told = shown();
  try { localStorage.setItem(KEPT, JSON.stringify(told)); } catch { /* a browser may keep nothing for files */ }
}

function restore() {
  let told = null;
  try { told = JSON.parse(localStorage.getItem(KEPT)); } catch { return; }
  if (!told || typeof told.answers !== "object") return;
  document.getElementById("who").value = told.who || "";
  for (const sample of samples) {
    const label = told.answers[sample.dataset.id];
    const choice = [...sample.querySelectorAll("input[type=radio]")].find((each) => each.value === label);
    if (choice) choice.checked = true;
    sample.querySelector("[data-note]").value = (told.notes || {})[sample.dataset.id] || "";
  }
}

function save() {
  const told = answers();
  const open = samples.filter((sample) => told.answers[sample.dataset.id] === null).length;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(told, null, 2) + "\n"], { type: "application/json" }));
  link.download = "answers-" + (told.who.replace(/[^\w-]+/g, "") || "unnamed") + ".json";
  link.click();
  document.getElementById("saved").textContent = "Saved as " + link.download + (open ? "; " + open + " are still open" : "") + (told.who ? "" : "; initials are missing");
}

function next(event) {
  const open = samples.find((sample) => !sample.querySelector("input[type=radio]:checked"));
  if (!open) return;
  event.preventDefault();
  open.scrollIntoView();
  open.querySelector("input[type=radio]").focus({ preventScroll: true });
}

document.getElementById("main").addEventListener("input", keep);
document.getElementById("who").addEventListener("input", keep);
document.getElementById("save").addEventListener("click", save);
document.getElementById("save2").addEventListener("click", save);
document.getElementById("next").addEventListener("click", next);
restore();
shown();
