// Plus and minus beside a number that a form carries; without script the number is typed.
on("click", "[data-step]", (button) => {
  const input = button.parentElement.querySelector("input");
  const before = input.value;
  if (button.dataset.step > 0) input.stepUp();
  else input.stepDown();
  if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
});
