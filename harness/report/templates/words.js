// Words and figures. Whatever a model or a tool wrote becomes text nodes, never markup; what can't be seen is written out.

const UNSEEN = /(?:(?![\t\n])[\p{Noncharacter_Code_Point}\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}])+/gu;
const CLIP = 6000; // characters shown at once of a text
const PIECE = 20000; // characters laid out as one box, so that a browser lays out what is in sight only
const MANY = 500; // unseen places in a piece from which on they are written without a mark each

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

function written(run) {
  return Array.from(run, (sign) => {
    const code = sign.codePointAt(0);
    const hex = code.toString(16);
    return code < 0x100 ? "\\x" + hex.padStart(2, "0") : code < 0x10000 ? "\\u" + hex.padStart(4, "0") : "\\U" + hex.padStart(8, "0");
  }).join("");
}

function plain(text) {
  return String(text).replace(UNSEEN, written);
}

function safe(text) {
  const found = text.match(UNSEEN);
  if (!found) return document.createTextNode(text);
  if (found.length > MANY) return document.createTextNode(plain(text));
  const out = document.createDocumentFragment();
  let at = 0;
  for (const match of text.matchAll(UNSEEN)) {
    out.append(text.slice(at, match.index), make("span", { class: "u" }, written(match[0])));
    at = match.index + match[0].length;
  }
  out.append(text.slice(at));
  return out;
}

function cut(text, at) {
  if (at >= text.length) return text.length;
  const line = text.lastIndexOf("\n", at);
  if (line > at - 2000 && line > 0) return line + 1;
  const code = text.charCodeAt(at - 1);
  return code >= 0xd800 && code < 0xdc00 ? at - 1 : at;
}

function laid(box, text) {
  for (let at = 0; at < text.length; ) {
    const end = at + Math.max(1, cut(text.slice(at), PIECE));
    // A line's end between two boxes is the boxes' own.
    const piece = text.slice(at, end);
    box.append(make("div", { class: text.length > PIECE ? "piece" : "" }, safe(end < text.length && piece.endsWith("\n") ? piece.slice(0, -1) : piece)));
    at = end;
  }
}

// A text with a button for what is not shown; `words` is {text, size, block} as the page's maker told it.
function textBox(words, attributes, clip = CLIP) {
  const box = make("div", { class: "words", ...attributes });
  const first = cut(words.text, clip);
  laid(box, words.text.slice(0, first));
  const size = words.block ? words.size : words.text.length;
  if (first < size) more(box, words, first, size, 200000);
  return box;
}

function more(box, words, at, size, step) {
  const button = make("button", { type: "button", class: "more" }, `Show ${size - at > step ? `more of ` : ""}the rest (${num(size - at)} characters)`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const whole = words.block ? await block(words.block) : words.text;
      const end = at + cut(whole.slice(at, at + step + 1), step);
      button.remove();
      laid(box, whole.slice(at, end));
      if (end < whole.length) more(box, { text: whole }, end, whole.length, step * 4);
    } catch (fault) {
      button.disabled = false;
      notice(fault.message);
    }
  });
  box.append(button);
}

// At most so many characters; what is cut ends in an ellipsis, between words where one ends near.
function shortened(text, most) {
  if (text.length <= most) return text;
  const space = text.lastIndexOf(" ", most);
  const code = text.charCodeAt(most - 1);
  const end = space > most * 0.75 ? space : code >= 0xd800 && code < 0xdc00 ? most - 1 : most;
  return text.slice(0, end) + " …";
}

const num = (figure) => (figure === null || figure === undefined ? "–" : Math.round(figure).toLocaleString("en-US"));

function brief(figure) {
  if (figure === null || figure === undefined) return "–";
  for (const [bound, size, word] of [[1e9, 1e9, "G"], [1e6, 1e6, "M"], [1e4, 1e3, "k"]]) {
    if (Math.abs(figure) >= bound) return (figure / size < 100 ? (figure / size).toFixed(1).replace(/\.0$/, "") : num(figure / size)) + word;
  }
  return num(figure);
}

function clock(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds > 0 && seconds < 0.01) return seconds >= 0.0005 ? (1000 * seconds).toFixed(0) + " ms" : "<1 ms";
  if (seconds < 60) return seconds === 0 ? "0 s" : seconds < 1 ? seconds.toFixed(2) + " s" : seconds.toFixed(1) + " s";
  const all = Math.round(seconds);
  const minutes = Math.floor(all / 60);
  const two = (figure) => String(figure).padStart(2, "0");
  return minutes < 60 ? `${minutes} min ${two(all % 60)} s` : `${num(Math.floor(minutes / 60))} h ${two(minutes % 60)} min`;
}

const usd = (money) => (money === null || money === undefined ? "–" : "$" + (money >= 0.1 || !money ? money.toFixed(2) : money.toFixed(4)));

function shape(outcome, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "o o-" + outcome);
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", outcome);
  } else svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "#o-" + outcome);
  svg.append(use);
  return svg;
}

function notice(text) {
  const place = document.getElementById("notice");
  place.textContent = text;
  clearTimeout(notice.timer);
  notice.timer = setTimeout(() => (place.textContent = ""), 6000);
}
