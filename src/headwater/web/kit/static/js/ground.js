// What every page may ask of the kit: a spoken line, a cookie, and one way to listen for things
// not yet on the page.
document.documentElement.classList.add("js");
const root = document.documentElement;
const on = (type, selector, act, capture = false) =>
  document.addEventListener(type, (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(found, event);
  }, capture);
const remember = (name, value) => {
  const secure = location.protocol === "https:" ? ";Secure" : "";
  document.cookie = `${name}=${value};Path=/;Max-Age=31536000;SameSite=Lax${secure}`;
};
function toast(words) {
  const place = document.getElementById("toasts");
  if (!place || !words) return;
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = words;
  place.append(line);
}
addEventListener("toast", (event) => toast(event.detail?.value ?? event.detail));
