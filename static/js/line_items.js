// Ticks and notes of line items are kept on this device until the server has them, and sent again when it is reached.
"use strict";

const ticks = {
  get list() { return document.getElementById("line-items"); },
  get key() { return `ticks:${this.list.dataset.keep}`; },
  read(key) { try { return JSON.parse(localStorage.getItem(key)) ?? {}; } catch { return {}; } },
  write(key, unsent) {
    try {
      if (Object.keys(unsent).length) localStorage.setItem(key, JSON.stringify(unsent));
      else localStorage.removeItem(key);
    } catch { /* private window: for this page only */ }
  },
  change(key, change) {
    const unsent = this.read(key);
    change(unsent);
    this.write(key, unsent);
  },
};

// --- What was typed
function keepTyped({ target }) {
  if (!target.closest?.("form[data-tick]")) return;
  ticks.change(`${ticks.key}:typed`, (typed) => {
    if (target.value === target.defaultValue) delete typed[target.id];
    else typed[target.id] = target.value;
  });
}

function forgetTyped(number) {
  ticks.change(`${ticks.key}:typed`, (typed) => { for (const name of ["note", "serial"]) delete typed[`${name}-${number}`]; });
}

// --- What is not sent yet: the last form of each item, by its number
function showUnsent() {
  if (!ticks.list) return;
  const unsent = ticks.read(ticks.key);
  for (const item of ticks.list.querySelectorAll("[data-item]")) {
    item.querySelector("[data-unsent]").hidden = !(item.dataset.item in unsent);
  }
  const notice = document.getElementById("unsent");
  if (notice) notice.hidden = !Object.keys(unsent).length;
  for (const [id, value] of Object.entries(ticks.read(`${ticks.key}:typed`))) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
}

// --- The list as it is now. Not under a tick that is on its way: its answer would look for the list that it left
let ticking = 0, outdated = false;

function reload() {
  const { list } = ticks;
  outdated = ticking > 0;
  if (outdated) return;
  list.addEventListener("htmx:beforeSwap", ({ detail }) => { // a tick made since brings a newer one
    if (detail.requestConfig.elt === list && (ticking || !list.isConnected)) detail.shouldSwap = false;
  });
  htmx.ajax("GET", list.dataset.reload, { source: list, target: list, swap: "outerHTML" });
}

let sending = false;

async function sendAgain() {
  if (sending || !ticks.list) return;
  sending = true;
  let sent = false;
  try {
    for (const [number, { url, body, made }] of Object.entries(ticks.read(ticks.key))) {
      const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content, "HX-Request": "true" };
      const ago = made ? { made_ago: Math.round((Date.now() - made) / 1000) } : {};
      const answer = await fetch(url, { method: "POST", headers, body: new URLSearchParams({ ...body, ...ago }) });
      if (!answer.ok && answer.status !== 409 && answer.status !== 422) break; // not logged in, or out of order
      ticks.change(ticks.key, (unsent) => { delete unsent[number]; });
      if (answer.ok) forgetTyped(number);
      else say(`Line item ${number} was not taken. What you typed is still here: look at the list, and tick it again.`);
      sent = true;
    }
  } catch { /* still away */ }
  sending = false;
  if (sent) reload();
  else showUnsent();
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (!detail.elt.matches("form[data-tick]")) return;
  ticking += 1;
  const body = Object.fromEntries(new FormData(detail.elt));
  delete body.csrfmiddlewaretoken;
  ticks.change(ticks.key, (unsent) => {
    const { item } = detail.elt.closest("[data-item]").dataset;
    unsent[item] = { url: detail.elt.getAttribute("action"), body, made: Date.now() };
  });
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.requestConfig.elt; // which the answer has replaced by now
  if (!form.matches("form[data-tick]")) return;
  ticking -= 1;
  if (outdated) reload();
  const { status } = detail.xhr, { item } = form.closest("[data-item]").dataset;
  if (status !== 200 && status !== 409 && status !== 422) return showUnsent();
  ticks.change(ticks.key, (unsent) => { delete unsent[item]; });
  if (status === 200) forgetTyped(item);
  showUnsent(); // the answer is on the page already
});
document.addEventListener("input", keepTyped);
document.addEventListener("htmx:afterSettle", showUnsent);
addEventListener("online", sendAgain);
addEventListener("load", () => { showUnsent(); sendAgain(); });
