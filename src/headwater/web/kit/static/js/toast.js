// A toast leaves by itself; the server may also have written one into the page.
{
  const leave = (line) => {
    setTimeout(() => line.classList.add("leaving"), 4200);
    setTimeout(() => line.remove(), 4600);
  };
  const place = document.getElementById("toasts");
  if (place) {
    place.querySelectorAll(".toast").forEach(leave);
    new MutationObserver((changes) =>
      changes.forEach((change) =>
        change.addedNodes.forEach((node) => node.classList && leave(node)),
      ),
    ).observe(place, { childList: true });
  }
}
