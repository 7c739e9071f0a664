// What is typed into a form, photos too, is kept on this device until the server has it: for this person alone, and for
// a week. A form stays on the page when the connection breaks, and is sent again; its key makes sure that it counts once.
"use strict";

const person = document.querySelector("meta[name=person]").content;
const WEEK = 7 * 24 * 3600e3, MOST = 50e6; // bytes
const AGAIN = 20e3; // ms between two attempts

// --- The store: an entry for each form, under [person, form]
const opened = new Promise((resolve, reject) => {
  const opening = indexedDB.open("portal", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("forms");
  opening.onsuccess = () => resolve(opening.result);
  opening.onerror = () => reject(opening.error);
});
opened.catch(() => { /* a private window: nothing is kept */ });
const mine = IDBKeyRange.bound([person], [person, []]);

async function inStore(work) {
  const transaction = (await opened).transaction("forms", "readwrite");
  const request = work(transaction.objectStore("forms"));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

const ignore = () => undefined;
const entryOf = (form) => inStore((forms) => forms.get([person, nameOf(form)])).catch(ignore);
const forget = (form) => inStore((forms) => forms.delete([person, nameOf(form)])).catch(ignore);
const entries = () => inStore((forms) => forms.getAll(mine)).then((all) => all ?? [], () => []);

const isText = ([, value]) => !(value instanceof File);
const sizeOf = ({ fields }) => fields.reduce((sum, [, value]) => sum + (value.size ?? value.length), 0);

async function tidyUp() {
  const keys = await inStore((forms) => forms.getAllKeys());
  const own = keys.filter(([of]) => of === person);
  const theirs = keys.filter(([of]) => of !== person); // whose entries are not even read
  const all = await entries();
  const newest = own.map((key, n) => [key, all[n]]).sort(([, a], [, b]) => b.at - a.at);
  let size = 0;
  const late = newest.filter(([, entry]) => Date.now() - entry.at > WEEK || (size += sizeOf(entry)) > MOST);
  await inStore((forms) => { for (const key of [...theirs, ...late.map(([key]) => key)]) forms.delete(key); });
}

// --- A form, and what it holds
const isAdmin = Boolean(document.getElementById("content-start")); // its pages need their own scripts: they are loaded, never swapped
const typed = (form) => [...form.elements].filter((field) => field.name && !["hidden", "submit", "button"].includes(field.type));
const nameOf = (form) => [new URL(form.action).pathname, ...new Set(typed(form).map(({ name }) => name))].join(" ");

// in the admin: neither what chooses rows of a list, nor a file to import
const isFilledIn = (form) => !isAdmin || !(form.id === "changelist-form" || form.enctype === "multipart/form-data");

function isKept(form) {
  if (!form.matches?.("main form[method=post]") || form.matches("[data-tick], [data-once], #upload") || !isFilledIn(form)) return false;
  return typed(form).length > 0 && !typed(form).some(({ type }) => type === "password");
}

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.type === "file") return field.files.length > 0;
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
}

function contentOf(form) {
  const isTold = ([name, value]) => name !== "csrfmiddlewaretoken" && !(value instanceof File && !value.name);
  return [...new FormData(form)].filter(isTold);
}

// what the chosen options are called: a search offers none before one types
const labelsOf = (form) => typed(form).flatMap((field) => [...field.selectedOptions ?? []].map(({ value, text }) => [field.name, value, text]));

const whereabouts = () => ({
  page: location.pathname + location.search, title: document.title.replace(/ (·|\|) .*$/, ""), at: Date.now(),
});

// state: "typed"; "sending", when nobody knows yet whether the server has it; "unsent", when it was not reached
async function keep(form, state, isWanted = () => true) { // resolves to how much of it is on this device
  if (state === "typed" && !typed(form).some(isChanged)) return forget(form);
  const entry = { ...whereabouts(), fields: contentOf(form).filter(isWanted), labels: labelsOf(form), state };
  if (sizeOf(entry) <= MOST && await store(form, entry)) return "all";
  return await store(form, { ...entry, fields: entry.fields.filter(isText), lacksFiles: true }) ? "text" : "nothing";
}

const store = (form, entry) => inStore((forms) => forms.put(entry, [person, nameOf(form)])).then(() => true, () => false);

function fill(form, entry) {
  const of = (name) => entry.fields.filter(([each]) => each === name).map(([, value]) => value);
  const isKnown = entry.state !== "typed"; // then it has to be sent as it was, with its key and version
  for (const field of form.elements) {
    if (!field.name || field.name === "csrfmiddlewaretoken") continue;
    if (field.type === "hidden") { if (isKnown && of(field.name).length) [field.value] = of(field.name); continue; }
    if (field.type === "submit" || field.type === "button") continue;
    if (isChanged(field)) continue; // typed since the page came
    if (field.type === "file") fillFiles(field, of(field.name));
    else if (field.type === "checkbox" || field.type === "radio") field.checked = of(field.name).includes(field.value);
    else if (field.options) choose(field, of(field.name), entry.labels ?? []);
    else if (of(field.name).length) [field.value] = of(field.name);
  }
}

function choose(field, values, labels) {
  for (const [name, value, text] of labels) {
    if (name === field.name && ![...field.options].some((option) => option.value === value)) field.add(new Option(text, value));
  }
  if (!values.length && !field.multiple) return;
  for (const option of field.options) option.selected = values.includes(option.value);
  if (isAdmin) field.dispatchEvent(new Event("change", { bubbles: true })); // what shows the choice
}

function fillFiles(field, files) {
  if (!files.length) return;
  const all = new DataTransfer();
  for (const file of files) all.items.add(file);
  field.files = all.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

// --- What the person reads of it
function note(form, text, label, press, kind = "") {
  form.querySelector("[data-kept]")?.remove();
  const line = document.createElement("p"), button = document.createElement("button");
  line.className = `note kept ${kind}`;
  line.dataset.kept = "";
  line.setAttribute("role", "status");
  button.type = "button";
  button.className = "btn btn-plain";
  button.textContent = label;
  button.addEventListener("click", press);
  line.append(text, " ", button);
  form.prepend(line);
}

const timeOf = (at) => new Date(at).toLocaleString("en-US", { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });

async function discard(form) {
  await forget(form);
  location.reload();
}

async function restore(form) {
  const entry = await entryOf(form);
  if (!entry) return;
  filling = true; // nobody types this
  fill(form, entry);
  filling = false;
  if (entry.state === "typed" && !typed(form).some(isChanged)) return; // the page says it already
  const at = timeOf(entry.at), files = "Its files were too large to be kept: choose them again.";
  const again = (text) => note(form, text, "Discard", () => discard(form));
  if (entry.state === "typed") again(`What you typed here on ${at} is back. ${entry.lacksFiles ? files : ""}`.trim());
  else if (entry.lacksFiles) again(`What you sent here on ${at} may not have arrived: look before you send it again. ${files}`);
  else notSent(form, `What you sent here on ${at} may not have arrived. Send it again: it counts once.`);
}

function notSent(form, text) {
  form.dataset.unsent = "";
  note(form, text, "Send again", () => send(form), "error");
}

const pressed = new WeakMap(); // the button of a form's last attempt

function send(form) {
  if ("sent" in form.dataset) return;
  const button = pressed.get(form);
  form.requestSubmit(button?.form === form ? button : form.querySelector("button:not([type=button]), [type=submit]"));
}

async function nameTheUnsent() {
  const here = new Set([...document.forms].filter(isKept).map(nameOf));
  const keys = await inStore((forms) => forms.getAllKeys(mine)), all = await entries();
  const isHere = (name) => here.has(name) || name === `ticks ${document.getElementById("line-items")?.dataset.keep}`;
  const elsewhere = all.filter(({ state }, n) => state !== "typed" && !isHere(keys[n][1]));
  if (!elsewhere.length) return;
  const line = document.createElement("p");
  line.className = "note error";
  line.append("Not sent yet: ");
  elsewhere.forEach(({ page, title }, n) => {
    const link = document.createElement("a");
    link.href = page;
    link.textContent = title;
    line.append(n ? ", " : "", link);
  });
  document.getElementById("messages").append(line);
}

// --- Forms are sent by htmx, so that the page stays where the server is not reached
function prepare() {
  for (const form of document.querySelectorAll("main form[method=post]:not([hx-post])")) {
    if (form.hasAttribute("hx-boost") || isAdmin && !isKept(form)) continue;
    form.setAttribute("action", form.getAttribute("action") || location.pathname + location.search);
    for (const [name, value] of Object.entries({ boost: "true", "push-url": "false", target: "#main", select: "#main", swap: "outerHTML show:#main:top" })) {
      form.setAttribute(`hx-${name}`, value);
    }
  }
}

const saving = new Map(); // forms being kept, and whether one has changed since
let filling = false;
const arrived = new WeakSet(); // forms that the server has, until the next page is there
let isRestored; // or what is kept already would be lost, and what is typed meanwhile taken for it
const restored = new Promise((resolve) => { isRestored = resolve; });

async function keepTyped({ target: { form } }) {
  if (!form || filling || !isKept(form)) return;
  if (saving.has(form)) return saving.set(form, true);
  do {
    saving.set(form, false);
    await restored;
    if (!("sent" in form.dataset || arrived.has(form))) await keep(form, "typed"); // else it is kept as on its way
  } while (saving.get(form));
  saving.delete(form);
}

document.addEventListener("input", keepTyped);
document.addEventListener("change", keepTyped);
document.addEventListener("htmx:afterSwap", prepare);
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.elt.hasAttribute("hx-boost")) return; // the view answers with its whole page, as without a script
  delete detail.headers["HX-Request"];
  detail.headers["X-Whole-Page"] = "true";
});
document.addEventListener("htmx:confirm", (event) => {
  const { elt, issueRequest } = event.detail;
  pressed.set(elt, event.detail.triggeringEvent?.submitter);
  if (!isKept(elt)) return;
  event.preventDefault();
  keep(elt, "sending").then(() => issueRequest(true));
});
document.addEventListener("htmx:validation:halted", ({ target }) => { if (isKept(target)) keep(target, "typed"); });
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt, xhr } = event.detail, to = xhr.getResponseHeader("HX-Redirect");
  if (xhr.status === 403 && elt.matches("form") && !("renewed" in elt.dataset)) {
    event.preventDefault();
    elt.dataset.renewed = "";
    return renew(elt);
  }
  delete elt.dataset.renewed;
  if (!isKept(elt)) return;
  if (to) {
    event.preventDefault();
    if (xhr.status < 400) arrived.add(elt);
    (xhr.status < 400 ? forget(elt) : keep(elt, "typed")).then(() => location.assign(to));
  } else if (isAdmin && (xhr.status === 200 || xhr.status === 409 || xhr.status === 422)) {
    event.preventDefault();
    keep(elt, "typed", isText).then(() => sendAsUsual(elt));
  } else if (xhr.status === 200 && !xhr.responseText.includes("data-open")) forget(elt);
  else if (xhr.status === 409 || xhr.status === 422) keep(elt, "typed", isText); // the server has the files by now
  else keep(elt, xhr.status < 500 || xhr.status === 503 ? "typed" : "unsent");
});
const KEPT = {
  all: "It is kept on this device, and sent again when the portal is back.",
  text: "Its files are too large to be kept on this device: stay on this page until the portal is back.",
  nothing: "This browser keeps nothing on this device: stay on this page until the portal is back.",
};
document.addEventListener("htmx:sendError", async ({ detail: { elt } }) => {
  if (!isKept(elt)) return;
  const isPressed = !byItself.delete(elt);
  notSent(elt, `This may not have arrived: the portal could not be reached. ${KEPT[await keep(elt, "unsent")]}`);
  if (isPressed) elt.querySelector("[data-kept]").scrollIntoView({ block: "nearest" }); // on a phone it is far above Send
});

function tell(text) {
  if (window.say) return say(text);
  const line = Object.assign(document.createElement("p"), { className: "note error", textContent: text });
  line.setAttribute("role", "alert");
  document.getElementById("messages").replaceChildren(line);
}

// Nothing was saved: the same answer comes again, as a page with its scripts
function sendAsUsual(form) {
  const button = pressed.get(form);
  if (button?.name) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: button.name, value: button.value });
    form.append(field);
  }
  HTMLFormElement.prototype.submit.call(form);
}

// --- Logged in again in another tab: the token of this page is an old one
async function renewToken() { // resolves to what keeps this page from a new one, if anything does
  const { settings } = document.querySelector("meta[name=person]").dataset; // a page that marks nothing as read
  const page = await fetch(settings).then((answer) => answer.text(), () => "");
  const now = new DOMParser().parseFromString(page, "text/html");
  const [who, token] = ["person", "csrf-token"].map((name) => now.querySelector(`meta[name=${name}]`)?.content);
  if (!token) return "The portal could not be reached.";
  if (who !== person) return who ? "Someone else is logged in here by now, so nothing was sent. Log in as yourself." : "You are logged out. Log in again.";
  document.querySelector("meta[name=csrf-token]").content = token;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  return "";
}

async function renew(form) {
  const refusal = await renewToken();
  if (!refusal) return send(form);
  if (!isKept(form)) return tell(refusal);
  await keep(form, "typed");
  tell(`${refusal} What you typed is kept.`);
}

// --- Logging out takes it off this device
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-logout], #logout-form")) return;
  event.preventDefault();
  const names = [...new Set((await entries()).map(({ title }) => title))];
  if (names.length && !confirm(`Not sent yet: ${names.join(", ")}. Log out, and delete it from this device?`)) return window.release?.(form);
  await inStore((forms) => forms.delete(mine)).catch(ignore);
  await renewToken(); // or a page from before another login could not log out
  form.submit();
});

prepare();
document.addEventListener("DOMContentLoaded", async () => {
  await tidyUp().catch(ignore);
  await nameTheUnsent().catch(ignore);
  await Promise.allSettled([...document.forms].filter(isKept).map(restore));
  isRestored();
});

const byItself = new WeakSet(); // forms that nobody has pressed Send in

function sendTheUnsent() {
  if (!navigator.onLine) return;
  for (const form of document.querySelectorAll("form[data-unsent]")) {
    byItself.add(form);
    send(form);
  }
}

addEventListener("online", sendTheUnsent);
setInterval(sendTheUnsent, AGAIN);
