// A unified diff as files of marked lines; within a pair of changed lines the part that differs is marked, too.

const LINES = 300; // lines of a file shown at once

function diffBox(change, title, open) {
  const words = change.words;
  const box = make("details", { class: "change", open: open });
  const files = filesOf(words.text);
  box.append(make("summary", {}, title + " ", ...stat(change.files, change.added, change.removed, change.cut)));
  const body = make("div");
  box.append(body);
  fill(body, files, change, words.text);
  return box;
}

function stat(files, added, removed, partly) {
  const counted = files === null ? "" : make("span", {}, `${partly ? "at least " : ""}${num(files)} ${files === 1 ? "file" : "files"} `);
  return [counted, make("span", { class: "stat-add" }, "+" + num(added)), " ", make("span", { class: "stat-del" }, "−" + num(removed))];
}

function fill(body, files, change, text) {
  body.replaceChildren(...files.map((file) => fileBox(file, files.length)));
  if (change.words.block && text.length < change.words.size) {
    const button = make("button", { type: "button", class: "more" }, `Show the whole diff (${num(change.words.size)} characters)`);
    button.addEventListener("click", async () => {
      try {
        const whole = await block(change.words.block);
        fill(body, filesOf(whole), change, whole);
      } catch (fault) {
        notice(fault.message);
      }
    });
    body.append(button);
  } else if (change.cut) body.append(make("p", { class: "hint" }, `The diff has ${num(change.total)} bytes; the page holds its beginning. longhaul show --diff has all of it.`));
}

function filesOf(text) {
  const files = [];
  let file = null;
  let inside = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("diff --git ")) {
      file = { name: nameOf(line), lines: [], added: 0, removed: 0, notes: [] };
      files.push(file);
      inside = false;
    } else if (file) {
      if (line.startsWith("@@")) inside = true;
      if (!inside) {
        if (line && !/^(index|---|\+\+\+) /.test(line)) file.notes.push(line);
      } else {
        if (line.startsWith("+")) file.added++;
        if (line.startsWith("-")) file.removed++;
        file.lines.push(line);
      }
    }
  }
  for (const each of files) if (each.lines.at(-1) === "") each.lines.pop();
  return files;
}

function nameOf(line) {
  const half = line.slice(11);
  const quoted = half.match(/ "b\/(.*)"$/);
  if (quoted) return quoted[1];
  const middle = half.indexOf(" b/");
  return middle < 0 ? half : half.slice(half.lastIndexOf(" b/") + 3);
}

function fileBox(file, count) {
  const box = make("details", { class: "file", open: count <= 6 && file.lines.length <= LINES });
  box.append(make("summary", {}, safe(file.name), " ", ...stat(null, file.added, file.removed), file.notes.length ? make("span", { class: "dim" }, "  " + shortened(plain(file.notes.join(", ")), 200)) : ""));
  const lines = make("div", { class: "lines" });
  box.append(lines);
  const show = () => {
    if (!lines.childNodes.length) linesBox(lines, file.lines, 0, LINES);
  };
  if (box.open) show();
  box.addEventListener("toggle", show);
  return box;
}

function linesBox(box, lines, from, count) {
  const piece = make("div", { class: "piece" });
  const end = Math.min(lines.length, from + count);
  for (let at = from; at < end; ) {
    const pairs = paired(lines, at, end);
    if (pairs) {
      for (const node of pairs) piece.append(node);
      at += pairs.length;
    } else piece.append(lineBox(lines[at++]));
  }
  box.append(piece);
  if (end < lines.length) {
    const button = make("button", { type: "button", class: "more" }, `Show the other ${num(lines.length - end)} lines`);
    button.addEventListener("click", () => {
      button.remove();
      linesBox(box, lines, end, 5000);
    });
    box.append(button);
  }
}

// As many removed as added lines one after the other are told as changed ones.
function paired(lines, at, end) {
  let removed = 0;
  let added = 0;
  while (at + removed < end && lines[at + removed].startsWith("-")) removed++;
  while (removed && at + removed + added < end && lines[at + removed + added].startsWith("+")) added++;
  if (!removed || removed !== added || removed > 60) return null;
  const nodes = [];
  for (const [start, other] of [[at, removed], [at + removed, -removed]]) {
    for (let k = 0; k < removed; k++) nodes.push(lineBox(lines[start + k], lines[start + k + other]));
  }
  return nodes;
}

function lineBox(line, other) {
  const kind = { "+": "add", "-": "del", "@": "hunk" }[line[0]] || "";
  const node = make("span", { class: "line " + kind });
  if (other === undefined || line.length > 2000) {
    if (line.length > CLIP) node.append(textBox({ text: line }));
    else node.append(safe(line));
    return node;
  }
  let head = 1;
  const most = Math.min(line.length, other.length);
  while (head < most && line[head] === other[head]) head++;
  let tail = 0;
  while (tail < most - head && line[line.length - 1 - tail] === other[other.length - 1 - tail]) tail++;
  const middle = line.slice(head, line.length - tail);
  const whole = head + tail < line.length * 0.3;
  if (!middle || whole) node.append(safe(line));
  else node.append(safe(line.slice(0, head)), make("em", {}, safe(middle)), safe(line.slice(line.length - tail)));
  return node;
}
