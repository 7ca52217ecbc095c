// − 14 + : a real number input between two buttons; arrows, typing and forms work without this file.
function step(button) {
  const input = button.closest("[data-stepper]").querySelector("input");
  const before = input.value;
  if (button.dataset.step === "down") input.stepDown();
  else input.stepUp();
  if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-stepper] [data-step]");
  if (button) step(button);
});

// What repeats the number elsewhere ("Ask 14 more"): data-follows="#id of the input".
document.addEventListener("change", (event) => {
  if (!event.target.id) return;
  for (const echo of document.querySelectorAll(`[data-follows="#${CSS.escape(event.target.id)}"]`)) {
    echo.textContent = event.target.value;
  }
});
