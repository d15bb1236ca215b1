// Before the first paint, so that a chosen theme does not flash. A file of its own: the page allows no inline script.
try {
  for (const name of ["theme", "scheme"]) {
    const kept = localStorage.getItem(`ptj.${name}`);
    if (kept && kept !== "system") document.documentElement.dataset[name] = kept;
  }
  document.documentElement.lang = localStorage.getItem("ptj.language") === "en" ? "en" : "ko";
} catch {
  // storage may be closed to us: the system's theme then
}
