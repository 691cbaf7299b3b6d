// Without network the page says so, and what needs it waits.
{
  const tell = () => {
    const away = !navigator.onLine;
    document.querySelectorAll("[data-offline]").forEach((banner) => (banner.hidden = !away));
    document.querySelectorAll("[data-needs-network]").forEach((button) => (button.disabled = away));
  };
  addEventListener("online", tell);
  addEventListener("offline", tell);
  tell();
}
