// Copying, the colour of the page, and the key that jumps to the search box.
on("click", "[data-copy]", async (button) => {
  const words = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    const field = document.createElement("textarea");
    field.value = words;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  toast(button.dataset.done);
});
on("click", "[data-theme-choice]", (button, event) => {
  event.preventDefault();
  const choice = button.dataset.themeChoice;
  remember("theme", choice);
  root.dataset.theme = choice;
  document.querySelectorAll("[data-theme-choice]").forEach((other) =>
    other.setAttribute("aria-pressed", String(other.dataset.themeChoice === choice)));
});
on("click", "[data-prints]", () => print());
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select")) return;
  const box = document.querySelector("[data-search] input");
  if (box) { event.preventDefault(); box.focus(); }
});
// A table that becomes cards on a phone would lose its roles; they are said outright.
document.querySelectorAll("table.table:not([role])").forEach((table) => {
  const roles = {
    table: "table",
    "thead, tbody, tfoot": "rowgroup",
    tr: "row",
    th: "columnheader",
    td: "cell",
  };
  table.setAttribute("role", "table");
  Object.entries(roles).slice(1).forEach(([part, role]) =>
    table.querySelectorAll(part).forEach((cell) => {
      if (!cell.hasAttribute("role")) cell.setAttribute("role", role);
    }));
});
