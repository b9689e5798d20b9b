// Runs in the report: one button that folds or unfolds all code.
const button = document.querySelector("#all-code");
button?.addEventListener("click", () => {
  const open = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(open));
  for (const cell of document.querySelectorAll("details.code")) cell.open = open;
});
