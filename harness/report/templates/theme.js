// Light, dark, or as the system says; kept from page to page where a browser keeps anything for files.

function theme(next) {
  const root = document.documentElement;
  if (next === "auto") root.removeAttribute("data-theme");
  else root.setAttribute("data-theme", next);
  document.getElementById("theme").textContent = "Theme: " + next;
  theme.now = next;
  try { localStorage.setItem("longhaul-theme", next); } catch { /* a browser may keep nothing for files */ }
}

function remembered() {
  try { return localStorage.getItem("longhaul-theme"); } catch { return null; }
}

// Always to what is not shown now; to what the system says by following the system.
function nextTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const shown = theme.now === "auto" ? system : theme.now;
  const next = shown === "dark" ? "light" : "dark";
  theme(next === system ? "auto" : next);
}

document.getElementById("theme").addEventListener("click", nextTheme);
theme(["light", "dark"].includes(remembered()) ? remembered() : "auto");
