// A countdown runs on the seconds that the server gave, so a wrong clock on the phone does no harm.
{
  const start = performance.now();
  const running = new WeakMap();
  const show = (seconds) => {
    const pad = (part) => String(part).padStart(2, "0");
    const [hours, rest] = [Math.floor(seconds / 3600), seconds % 3600];
    return `${hours ? `${hours}:` : ""}${pad(Math.floor(rest / 60))}:${pad(rest % 60)}`;
  };
  const tick = () =>
    document.querySelectorAll("[data-seconds]").forEach((clock) => {
      if (!running.has(clock)) {
        running.set(clock, performance.now() < start + 2000 ? 0 : performance.now());
      }
      const passed = (performance.now() - running.get(clock)) / 1000;
      const left = Math.max(0, Math.ceil(clock.dataset.seconds - passed));
      clock.textContent = show(left);
      if (left) return;
      clock.removeAttribute("data-seconds");
      if (clock.dataset.atEnd === "reload") location.reload();
    });
  tick();
  setInterval(tick, 1000);
}
