// A trial's context as lanes over turns: drawn by longhaul, put in here; its marks are links to turns.

function contextBox(name) {
  const place = make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Lanes of the trial's context" }, make("p", { class: "busy", role: "status" }, "Reading the lanes …"));
  const box = make("section", { "aria-label": "Context", class: "lanes" }, make("h2", {}, "Context"), make("p", { class: "hint" }, "How full the window was, what was found, and what could be seen of each item. Every mark says what it is and leads to its turn."), place);
  block(name + ".context").then((told) => {
    const drawn = new DOMParser().parseFromString(told.svg, "text/html").body.firstElementChild;
    place.replaceChildren(drawn ? document.adoptNode(drawn) : make("p", { class: "hint" }, "This trial has no turn."));
    box.append(make("p", { class: "legend" }, ...told.legend.map(([kind, words]) => make("span", {}, make("i", { class: "key " + kind, "aria-hidden": "true" }), words))), make("p", { class: "hint" }, safe(told.foot)));
  }).catch((fault) => place.replaceChildren(make("p", { class: "hint" }, fault.message)));
  return box;
}
