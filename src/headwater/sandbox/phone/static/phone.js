// A phone that is looked at stays current, says when the line is gone, and never loses a draft.
{
  const EVERY_MS = 2000;
  const PATIENCE_MS = 250;
  const find = (id) => document.getElementById(id);
  const main = find("main");

  const toEnd = () => {
    const talk = document.querySelector("[data-end]");
    if (talk) main.scrollTop = main.scrollHeight;
  };

  const tell = (away, trouble) => {
    find("offline").hidden = !away;
    find("trouble").hidden = away || !trouble;
    document.querySelectorAll("[data-needs-line]").forEach((one) => (one.disabled = away));
  };

  // Parts marked data-live are drawn again by the server; what is typed or open stays untouched.
  const renew = async () => {
    const parts = document.querySelectorAll("[data-live]");
    if (document.hidden || parts.length === 0) return;
    let answer;
    try {
      answer = await fetch(location.href, { headers: { "X-Looking": "again" } });
    } catch {
      tell(true, false);
      return;
    }
    tell(false, answer.status >= 500);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const wasAtEnd = main.scrollHeight - main.scrollTop - main.clientHeight < 40;
    let isNew = false;
    parts.forEach((part) => {
      const next = fresh.getElementById(part.id);
      const isInUse = part.contains(document.activeElement) || part.querySelector("[open]");
      if (!next || isInUse || next.innerHTML === part.innerHTML) return;
      part.replaceChildren(...next.childNodes);
      isNew = true;
    });
    if (isNew && wasAtEnd) toEnd();
  };

  // A page that is slow to come shows what its list will look like.
  const wait = () => {
    const timer = setTimeout(() => {
      find("waiting").hidden = false;
      main.setAttribute("aria-busy", "true");
    }, PATIENCE_MS);
    addEventListener("pageshow", () => clearTimeout(timer), { once: true });
  };
  addEventListener("pageshow", () => {
    find("waiting").hidden = true;
    main.removeAttribute("aria-busy");
  });
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
    setTimeout(() => delete event.target.dataset.sent, 1500);
    wait();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (link && isPlain && !link.target && !link.getAttribute("href").startsWith("#")) wait();
  });

  // The keys of the pay sheet write into the one field that also takes a keyboard.
  const keys = find("keys");
  if (keys) {
    const field = document.querySelector("input[name=password]");
    keys.hidden = false;
    keys.addEventListener("click", (event) => {
      const key = event.target.closest("button");
      if (!key) return;
      const typed = key.value === "back" ? field.value.slice(0, -1) : field.value + key.value;
      field.value = typed.slice(0, 6);
    });
  }

  addEventListener("online", () => renew());
  addEventListener("offline", () => tell(true, false));
  if (!navigator.onLine) tell(true, false);
  toEnd();
  setInterval(renew, EVERY_MS);
}
