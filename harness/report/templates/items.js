// What a turn is made of. Long words are folded away behind their first line.

const HEADS = { system: "System text", request: "Request", harness: "From the harness", thinking: "Thinking", own: "From a file of the agent's own" };
const SHORT = 1200; // characters of a request that are shown unasked

function itemBox(item) {
  const kind = item.kind;
  if (kind === "call") return callBox(item);
  if (kind === "output") return outputBox(item);
  const words = item.words;
  const head = item.head || HEADS[kind] || "";
  if (!words) return make("div", { class: "item " + kind }, safe(head), item.note ? ` · ${item.note}` : "");
  if (kind === "text") return make("div", { class: "item text" }, textBox(words));
  const box = make("details", { class: "item " + kind, open: kind === "request" && words.text.length <= SHORT });
  box.append(make("summary", {}, make("span", {}, safe(head), item.note ? ` · ${item.note}` : ""), " ", peek(words.text)));
  return lazily(box, () => make("div", { class: "box" }, textBox(words)));
}

function peek(text) {
  const line = text.trimStart().split("\n", 1)[0];
  return make("span", { class: "peek" }, safe(shortened(line, 110)));
}

function lazily(box, content) {
  const show = () => {
    if (box.open && !box.dataset.laid) {
      box.dataset.laid = "1";
      box.append(content());
    }
  };
  show();
  box.addEventListener("toggle", show);
  return box;
}

function callBox(item) {
  const box = make("div", { class: "item call" }, make("b", {}, safe(item.head)));
  const told = item.words.block ? null : object(item.words.text);
  if (!told) {
    if (item.words.text && item.words.text !== "{}") box.append(make("div", {}, textBox(item.words)));
    return box;
  }
  const pairs = Object.entries(told);
  if (pairs.length) box.append(make("dl", {}, ...pairs.flatMap(([name, value]) => [make("dt", {}, safe(name)), make("dd", {}, valueBox(value))])));
  return box;
}

// What is empty is written as JSON writes it, for nothing can't be seen.
function valueBox(value) {
  if (value === "" || (value && typeof value === "object" && !Object.keys(value).length)) return make("span", { class: "dim" }, value === "" ? "empty" : Array.isArray(value) ? "none: []" : "none: {}");
  return textBox({ text: typeof value === "string" ? value : JSON.stringify(value) }, {}, 2500);
}

function object(text) {
  try {
    const told = JSON.parse(text);
    // Numbers beyond what a script can hold, and names that stand twice, would be shown as something else than was written.
    const same = told && typeof told === "object" && !Array.isArray(told) && Object.keys(told).length <= 12;
    return same && JSON.stringify(told).replace(/\s/g, "").length >= text.replace(/\s/g, "").length * 0.5 ? told : null;
  } catch {
    return null;
  }
}

function outputBox(item) {
  const bad = item.ok === false;
  const text = item.words ? item.words.text : item.whole ? item.whole.text : "";
  const box = make("details", { class: "item output" + (bad ? " bad" : "") });
  box.append(make("summary", {}, make("b", {}, safe(item.head || "result")), bad ? " failed · " : " ", item.note || "", " ", peek(text)));
  return lazily(box, () => {
    const inside = make("div", {});
    if (item.words) inside.append(make("div", { class: "box" }, textBox(item.words)));
    if (item.whole) {
      const all = make("details", { class: "item" }, make("summary", {}, `All that the tool wrote${item.words ? ", not only what the model was shown" : ""}`));
      inside.append(lazily(all, () => make("div", { class: "box" }, textBox(item.whole))));
    }
    return inside;
  });
}
