// Charts, drawn once the page stands: their script is read, checked by the page's policy, and run only then.

const drawn = new Set();
const drawers = new IntersectionObserver((seen) => {
  for (const each of seen) if (each.isIntersecting) draw(each.target);
}, { rootMargin: "600px" });

function program() {
  if (!program.promise) {
    program.promise = block("vega").then((text) => {
      const script = document.createElement("script");
      script.textContent = text;
      document.head.append(script);
      if (!window.vegaEmbed) throw new Error("The charts could not be drawn.");
    });
  }
  return program.promise;
}

async function draw(place) {
  const name = place.dataset.chart;
  drawers.unobserve(place);
  if (drawn.has(name)) return;
  drawn.add(name);
  try {
    await program();
    const spec = JSON.parse(document.getElementById("drawings").textContent)[name];
    // ast: expressions are walked, not compiled, because the policy forbids compiling.
    await window.vegaEmbed(place, spec, { ast: true, renderer: "svg", actions: false, defaultStyle: false, logLevel: 1, mode: "vega-lite", tooltip: { theme: "page", disableDefaultStyle: true } });
  } catch (fault) {
    notice(fault.message);
    place.textContent = "This chart could not be drawn.";
  }
}

function drawAll() {
  return Promise.all([...document.querySelectorAll("[data-chart]")].map(draw));
}
