// Light or dark. The server reads the cookie and writes the attribute, so a page never shows the wrong theme first.
const YEAR = 31536000;

export function currentTheme() {
  return document.documentElement.dataset.bsTheme;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-switch]")) return;
  const theme = currentTheme() === "dark" ? "light" : "dark";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
  document.documentElement.dataset.bsTheme = theme;
  // Maps and charts paint with the tokens, so they have to paint again.
  document.dispatchEvent(new CustomEvent("nafeer:theme", { detail: { theme } }));
});
