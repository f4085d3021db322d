// A try over time, one lane for each that spends it, and under it how full the window was at each turn.

const LANES = ["model", "tool", "harness", "waiting", "grading"];
const LANE_WORDS = { model: "model", tool: "tools", harness: "harness", waiting: "waiting", grading: "grading" };

function svgNode(tag, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}

function timelineBox(told, go) {
  const box = make("div", { class: "timelines" });
  const draw = () => {
    const width = box.clientWidth || 900;
    box.replaceChildren(lanesBox(told, width, go), ...fillBox(told, width, go));
  };
  new ResizeObserver(() => {
    if (box.clientWidth && box.clientWidth !== box.drawn) {
      box.drawn = box.clientWidth;
      draw();
    }
  }).observe(box);
  return box;
}

function lanesBox(told, width, go) {
  const spent = LANES.map((_, kind) => told.lanes.reduce((all, lane) => all + (lane[0] === kind ? lane[2] : 0), 0));
  const used = LANES.map((_, kind) => kind).filter((kind) => spent[kind] > 0);
  const start = told.lanes.length ? told.lanes[0][1] : 0;
  const end = Math.max(start + 1e-6, ...told.lanes.map((lane) => lane[1] + lane[2]));
  const left = 128;
  const scale = (width - left - 4) / (end - start);
  const height = used.length * 18 + 22;
  const words = used.map((kind) => `${LANE_WORDS[LANES[kind]]} ${clock(spent[kind])}`).join(", ");
  const svg = svgNode("svg", { class: "timeline", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Seconds by who spent them: ${words}` });
  ticks(end - start, Math.max(2, Math.floor((width - left) / 90))).forEach((at) => {
    const x = left + at * scale;
    svg.append(svgNode("path", { class: "tick", d: `M${x} 0V${height - 18}` }), svgNode("text", { x, y: height - 5, "text-anchor": at ? "middle" : "start" }, clock(at)));
  });
  used.forEach((kind, row) => {
    svg.append(svgNode("text", { x: 0, y: row * 18 + 12 }, `${LANE_WORDS[LANES[kind]]} ${clock(spent[kind])}`));
    svg.append(svgNode("path", { class: "lane", d: `M${left} ${row * 18 + 8}H${width}` }));
  });
  for (const [kind, from, seconds, turn] of told.lanes) {
    const rect = svgNode("rect", { class: "seg f-" + LANES[kind], x: left + (from - start) * scale, y: used.indexOf(kind) * 18 + 2, width: Math.max(1, seconds * scale), height: 12, rx: 1.5 });
    rect.append(svgNode("title", {}, `${turnWords(turn)}: ${LANE_WORDS[LANES[kind]]} ${clock(seconds)}`));
    rect.addEventListener("click", () => go(turn));
    svg.append(rect);
  }
  return svg;
}

function ticks(span, most) {
  const raw = span / most;
  const sizes = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
  const step = sizes.find((size) => size >= raw) || raw;
  const found = [];
  for (let at = 0; at <= span * 0.985; at += step) found.push(at);
  return found;
}

function turnWords(turn) {
  return turn === 0 ? "before the first turn" : turn < 0 ? "after the last turn" : "turn " + turn;
}

function fillBox(told, width, go) {
  const turns = told.turns.filter((turn) => turn.number > 0 && turn.tokens_in !== undefined && turn.tokens_in !== null);
  if (!turns.length) return [];
  const full = Math.max(...turns.map((turn) => turn.window || 0));
  const peak = Math.max(...turns.map((turn) => turn.tokens_in + (turn.tokens_out || 0)));
  const top = full || peak;
  const left = 128;
  const height = 92;
  const ground = height - 20;
  const scale = (ground - 8) / Math.max(top, peak, 1);
  const step = (width - left - 4) / turns.length;
  const share = full ? `, at most ${Math.round((100 * peak) / full)} % of ${num(full)}` : "";
  const svg = svgNode("svg", { class: "timeline", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Tokens of prompt and reply by turn${share}` });
  svg.append(svgNode("path", { class: "tick", d: `M${left} ${ground - top * scale}H${width}M${left} ${ground}H${width}` }));
  svg.append(svgNode("text", { x: 0, y: ground - top * scale + 8 }, full ? `window ${brief(full)}` : `most ${brief(peak)}`));
  svg.append(svgNode("text", { x: 0, y: ground - 2 }, full ? `fullest ${Math.round((100 * peak) / full)} %` : "tokens"));
  const every = Math.max(1, Math.ceil(34 / step));
  turns.forEach((turn, at) => {
    const x = left + at * step;
    const wide = Math.max(1, Math.min(26, step - 2));
    const words = `turn ${turn.number}: ${num(turn.tokens_in)} in, ${num(turn.tokens_out)} out`;
    for (const [kind, from, size] of [["fill", 0, turn.tokens_in], ["fill out", turn.tokens_in, turn.tokens_out || 0]]) {
      const rect = svgNode("rect", { class: kind, x, width: wide, y: ground - (from + size) * scale, height: Math.max(size ? 0.5 : 0, size * scale) });
      rect.append(svgNode("title", {}, words));
      rect.addEventListener("click", () => go(turn.number));
      svg.append(rect);
    }
    if (at % every === 0) svg.append(svgNode("text", { x: x + wide / 2, y: height - 6, "text-anchor": "middle" }, String(turn.number)));
  });
  return [svg];
}
