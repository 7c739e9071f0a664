// Ticks and notes of line items are kept on this device until the server has them, and sent again when it is reached.
"use strict";

const ticks = { // an entry of the person's store (kept_forms.js) for each list
  get list() { return document.getElementById("line-items"); },
  get key() { return [person, `ticks ${this.list.dataset.keep}`]; },
  async read() {
    const { unsent = {}, typed = {} } = await inStore((store) => store.get(this.key)).catch(ignore) ?? {};
    return { unsent, typed };
  },
  change(change, key = this.key) {
    return inStore((store) => {
      const reading = store.get(key);
      reading.onsuccess = () => {
        const { unsent = {}, typed = {} } = reading.result ?? {};
        change(unsent, typed);
        const [isUnsent, isTyped] = [unsent, typed].map((each) => Object.keys(each).length > 0);
        const entry = { ...whereabouts(), fields: [], state: isUnsent ? "unsent" : "typed", unsent, typed };
        if (isUnsent || isTyped) store.put(entry, key);
        else store.delete(key);
      };
    }).catch(ignore); // a private window: for this page only
  },
};

// --- What was typed
function keepTick({ target }) {
  if (!target.closest?.("form[data-tick]")) return;
  const { id, value, defaultValue } = target;
  ticks.change((_, typed) => {
    if (value === defaultValue) delete typed[id];
    else typed[id] = value;
  });
}

const forgetTyped = (typed, number) => { for (const name of ["note", "serial"]) delete typed[`${name}-${number}`]; };

// --- What is not sent yet: the last form of each item, by its number
async function showUnsent() {
  if (!ticks.list || ticking) return; // the answer tells
  const { unsent, typed } = await ticks.read();
  if (!ticks.list || ticking) return;
  for (const item of ticks.list.querySelectorAll("[data-item]")) {
    item.querySelector("[data-unsent]").hidden = !(item.dataset.item in unsent);
  }
  const notice = document.getElementById("unsent");
  if (notice) notice.hidden = !Object.keys(unsent).length;
  for (const [id, value] of Object.entries(typed)) {
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

const reasonIn = (page) => new DOMParser().parseFromString(page, "text/html").querySelector("#wrong, [role=alert]")?.textContent.trim();

function post(url, fields) {
  const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content, "HX-Request": "true" };
  return fetch(url, { method: "POST", headers, body: new URLSearchParams(fields) });
}

let sending = false;

async function sendAgain() {
  if (sending || !ticks.list) return;
  sending = true;
  let sent = false;
  const refused = [];
  try {
    for (const [number, { url, body, made }] of Object.entries((await ticks.read()).unsent)) {
      const ago = made ? { made_ago: Math.round((Date.now() - made) / 1000) } : {};
      let answer = await post(url, { ...body, ...ago });
      if (answer.status === 403 && !await renewToken()) answer = await post(url, { ...body, ...ago });
      if (!answer.ok && answer.status !== 409 && answer.status !== 422) break; // not logged in, or out of order
      await ticks.change((unsent, typed) => {
        delete unsent[number];
        if (answer.ok) forgetTyped(typed, number);
      });
      if (!answer.ok) refused.push(`Line item ${number} was not taken: ${reasonIn(await answer.text()) ?? "something has changed."}`);
      sent = true;
    }
  } catch { /* still away */ }
  sending = false;
  if (refused.length) say([...refused, "What you typed is still here: look at the list, and tick it again."].join(" "));
  if (sent) reload();
  else showUnsent();
}

document.addEventListener("htmx:confirm", (event) => {
  const { elt, issueRequest } = event.detail;
  if (!elt.matches("form[data-tick]")) return;
  event.preventDefault();
  const body = Object.fromEntries(new FormData(elt)), { item } = elt.closest("[data-item]").dataset;
  delete body.csrfmiddlewaretoken;
  const tick = { url: elt.getAttribute("action"), body, made: Date.now() };
  const send = () => elt.isConnected ? issueRequest(true) : sendAgain(); // a new list has come meanwhile, without this form
  ticks.change((unsent) => { unsent[item] = tick; }).then(send);
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches("form[data-tick]")) ticking += 1;
});
document.addEventListener("htmx:afterRequest", async ({ detail }) => {
  const form = detail.requestConfig.elt; // which the answer has replaced by now
  if (!form.matches("form[data-tick]")) return;
  const { status } = detail.xhr, { item } = form.closest("[data-item]").dataset;
  if (status === 200 || status === 409 || status === 422) {
    await ticks.change((unsent, typed) => {
      delete unsent[item];
      if (status === 200) forgetTyped(typed, item);
    });
  }
  ticking -= 1;
  if (outdated) reload();
  showUnsent(); // the answer is on the page already
});
document.addEventListener("input", keepTick);
document.addEventListener("htmx:afterSettle", showUnsent);
addEventListener("online", sendAgain);
addEventListener("load", async () => {
  await moveIn();
  showUnsent();
  sendAgain();
});

// --- Before 0.4.0 ticks were in the local storage
async function moveIn() {
  for (const name of Object.keys(localStorage).filter((each) => each.startsWith("ticks:"))) {
    const [, list, isTyped] = name.split(":"), kept = JSON.parse(localStorage.getItem(name));
    if (list.startsWith(`${person}-`)) {
      await ticks.change((unsent, typed) => Object.assign(isTyped ? typed : unsent, kept), [person, `ticks ${list}`]);
    }
    localStorage.removeItem(name);
  }
}
