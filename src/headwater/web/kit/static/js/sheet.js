// A sheet is a dialog: opened by any link or button that names it, closed by its cross, its ground
// or Escape.
on("click", "[data-opens]", (opener, event) => {
  const sheet = document.getElementById(opener.dataset.opens);
  if (!sheet?.showModal) return;
  event.preventDefault();
  if (!sheet.open) sheet.showModal();
});
on("click", "[data-closes]", (closer, event) => {
  const sheet = closer.closest("dialog");
  if (!sheet?.open) return;
  event.preventDefault();
  sheet.close();
});
on("click", "dialog.sheet", (sheet, event) => {
  if (event.target === sheet) sheet.close();
});
on("click", "a, button", (_, event) => {
  document.querySelectorAll("details.menu-button[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});
