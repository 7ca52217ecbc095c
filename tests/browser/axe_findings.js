// What axe-core finds on the page: all its rules, or only the given ones. Run as an expression by the tests.
async (rules) => {
  const { violations } = await axe.run(document, rules ? { runOnly: rules } : {});
  const where = (node) => `${node.target.join(" ")} ${node.any[0]?.message || ""}`;
  return violations.map((found) => `${found.id}: ${found.help} (${found.nodes.slice(0, 4).map(where).join("; ")})`);
}
