// A form is sent once: the button keeps its width and turns, and a second press does nothing.
{
  const sent = new WeakSet();
  addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog") return;
    if (form.matches("[hx-post], [hx-get], [hx-put], [hx-patch], [hx-delete]")) return;
    if (sent.has(form)) return event.preventDefault();
    sent.add(form);
    event.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form").forEach((form) => sent.delete(form));
    const busy = document.querySelectorAll("[aria-busy=true]");
    busy.forEach((button) => button.removeAttribute("aria-busy"));
  });
  on("change", "[data-submits]", (field) => field.form?.requestSubmit());
  const firstBad = () => document.querySelector("[aria-invalid=true]")?.focus();
  firstBad();
  document.addEventListener("htmx:after:swap", firstBad);
}
