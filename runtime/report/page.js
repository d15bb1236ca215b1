"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];

  // One crosshair over every chart, and what the day under it was.
  const told = document.getElementById("days");
  const days = told ? JSON.parse(told.textContent) : [];
  const readout = document.querySelector(".readout");
  const said = readout ? readout.innerHTML : "";
  for (const field of all(".field")) {
    field.addEventListener("pointermove", (event) => {
      const box = field.getBoundingClientRect();
      const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 0.99999);
      root.style.setProperty("--cross", `${share * 100}%`);
      const day = days[Math.floor(share * days.length)];
      if (!readout || !day) return;
      readout.replaceChildren(...day.flatMap((part, place) => {
        const word = document.createElement(place % 2 ? "b" : "span");
        word.textContent = `${place && place % 2 === 0 ? " · " : ""}${part} `;
        return word;
      }));
    });
    field.addEventListener("pointerleave", () => {
      root.style.removeProperty("--cross");
      if (readout) readout.innerHTML = said;
    });
  }

  // One symbol's prices at a time; a trade is the same thing on the chart and in the table.
  const pick = document.querySelector(".pick select");
  const choose = (symbol) => {
    if (pick) pick.value = symbol;
    for (const panel of all("[data-panel]")) panel.hidden = panel.dataset.panel !== symbol;
  };
  const select = (trade) => {
    for (const one of all(".chosen")) one.classList.remove("chosen");
    for (const one of all(`[data-trade="${trade}"]`)) one.classList.add("chosen");
  };
  if (pick) {
    pick.addEventListener("change", () => choose(pick.value));
    choose(pick.value);
  }
  for (const mark of all(".mark")) {
    mark.addEventListener("click", (event) => {
      event.preventDefault();
      select(mark.dataset.trade);
      const row = document.querySelector(`tr[data-trade="${mark.dataset.trade}"]`);
      if (row) row.scrollIntoView({ block: "nearest" });
    });
  }
  for (const row of all("tr[data-trade]")) {
    row.addEventListener("click", () => {
      choose(row.dataset.symbol);
      select(row.dataset.trade);
    });
  }
})();
