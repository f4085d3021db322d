// Details, read when somebody asks for them: from the page itself, or by a script element from the folder beside it.

const index = JSON.parse(document.getElementById("index").textContent);
const waiting = new Map();

window.longhaul_take = (name, text) => {
  if (waiting.has(name)) waiting.get(name).resolve(text);
};

function parsed() {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
}

async function block(name) {
  let inside = document.getElementById("b-" + name);
  if (!inside) {
    await parsed();
    inside = document.getElementById("b-" + name);
  }
  return opened(inside ? inside.textContent : await beside(name));
}

function beside(name) {
  if (!index.folder || !/^t\d+[.\w]*$/.test(name)) return Promise.reject(new Error("These details are not on this page."));
  if (!waiting.has(name)) {
    const entry = {};
    entry.promise = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
    waiting.set(name, entry);
    const place = index.folder.split("/").map(encodeURIComponent).join("/");
    const script = make("script", { src: `${place}/${name}.js` });
    script.addEventListener("error", () => {
      waiting.delete(name);
      entry.reject(new Error(`Details not found: the folder ${index.folder.split("/")[0]} has to lie beside this page.`));
    });
    document.head.append(script);
  }
  const found = waiting.get(name).promise;
  return found.finally(() => waiting.delete(name));
}

async function opened(text) {
  if (!window.DecompressionStream) throw new Error("This browser is too old to open the details.");
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}
