// What axe-core finds, a line each; its source is the first argument.
const [rules, done] = arguments;
axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] }).then(
  found => done(found.violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id} (${rule.help}): ${node.html.slice(0, 200)} ${(node.failureSummary || "").replace(/\s+/g, " ").slice(0, 240)}`))),
  error => done(["axe itself: " + error]));
