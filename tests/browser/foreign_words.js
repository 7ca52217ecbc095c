// The Latin words a reader sees or hears on a page, besides the given names. Run as an expression by the tests.
(names) => {
  const seen = new Set();
  const read = (words) => {
    const left = names.reduce((rest, name) => rest.replaceAll(name, ""), words).replace(/https?:\S+|\/\S+/g, "");
    for (const word of left.match(/[A-Za-z]{3,}/g) || []) seen.add(word);
  };
  const shown = (element) => element.checkVisibility() && !element.closest("[lang=en], script, style");
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (shown(walk.currentNode.parentElement)) read(walk.currentNode.data);
  for (const attribute of ["aria-label", "title", "placeholder", "alt"]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) if (shown(element)) read(element.getAttribute(attribute));
  }
  return [...seen];
}
