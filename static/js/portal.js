// What plain HTML cannot do. Loaded before the page is painted, so everything listens at the document.
"use strict";

const root = document.documentElement;
root.classList.add("js");

// --- Theme: the system's, or the one chosen in the menu
const dark = matchMedia("(prefers-color-scheme: dark)");

function chosenTheme() {
  try { return localStorage.getItem("theme") || "system"; } catch { return "system"; }
}

function showTheme() {
  const theme = chosenTheme();
  root.dataset.bsTheme = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
  for (const input of document.querySelectorAll("input[name=theme]")) input.checked = input.value === theme;
}

showTheme();
dark.addEventListener("change", showTheme);
addEventListener("storage", showTheme);
addEventListener("DOMContentLoaded", showTheme);
document.addEventListener("change", ({ target }) => {
  if (target.name !== "theme") return;
  try { localStorage.setItem("theme", target.value); } catch { /* private window: for this page only */ }
  showTheme();
});

// --- Keyboard: "/" goes to the search
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable], dialog");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const find = document.querySelector("[data-find]");
  if (!find) return;
  event.preventDefault();
  find.focus();
  find.select();
});

// --- A link that looks like a button is pressed with the space bar too
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches("a[role=button]")) return;
  event.preventDefault();
  event.target.click();
});

// --- Menus: a click elsewhere or Esc closes them
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(except)) menu.open = false;
}

document.addEventListener("click", ({ target }) => closeMenus(target));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// --- Dialogs: one that the server sends opens at once; closing it is No, and leaves nothing of it in the form
function openDialogs() {
  for (const dialog of document.querySelectorAll("dialog[data-open]")) {
    dialog.removeAttribute("data-open");
    dialog.removeAttribute("open");
    dialog.showModal();
    dialog.addEventListener("close", () => {
      dialog.remove();
      document.querySelector(dialog.dataset.return)?.focus();
    });
  }
}

addEventListener("DOMContentLoaded", openDialogs);
document.addEventListener("htmx:afterSettle", openDialogs);
document.addEventListener("click", (event) => {
  const dialog = event.target.closest("dialog [data-close]")?.closest("dialog");
  if (!dialog) return;
  event.preventDefault();
  dialog.close();
});

// --- The focus goes to the first wrong field, else to the sentence that says what is wrong
function showResult() {
  if (document.querySelector("dialog[open]")) return;
  const chosen = document.querySelector("main [data-focus]");
  if (chosen) return chosen.focus();
  const refusal = document.querySelector("main .notice.late[role=alert], main .field-error");
  const isElsewhere = ![null, document.body, document.getElementById("main")].includes(document.activeElement);
  if (!refusal || isElsewhere) return;
  refusal.tabIndex = -1;
  refusal.focus();
}

addEventListener("load", showResult); // behind autofocus
document.addEventListener("htmx:afterSettle", showResult);

// --- A form is sent once; its buttons stay focusable, and the pressed one keeps its name and value
function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get" && !form.hasAttribute("hx-post")) return;
  if ("sent" in form.dataset) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sent = "";
  for (const button of form.elements) if (button.type === "submit") button.setAttribute("aria-disabled", "true");
}, true);
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.elt.closest("form");
  if (form) release(form);
});

// --- htmx: the CSRF token, what stays open, and what to say when the server does not answer
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
});

const before = { open: [], focus: "" };
document.addEventListener("htmx:beforeSwap", () => {
  before.open = [...document.querySelectorAll("details[id][open]")].map((details) => details.id);
  before.focus = document.activeElement.id;
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of before.open) document.getElementById(id)?.setAttribute("open", "");
  if (before.focus && document.activeElement === document.body) {
    document.getElementById(before.focus)?.focus({ preventScroll: true });
  }
});

function say(text) {
  const note = document.createElement("p");
  note.className = "note error";
  note.setAttribute("role", "alert");
  note.textContent = text;
  document.getElementById("messages").replaceChildren(note);
  note.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 503) say(detail.xhr.responseText);
  else say(`That did not work (${detail.xhr.status}). What you typed is still here: try again, or reload the page.`);
});
document.addEventListener("htmx:sendError", ({ detail }) => {
  if (window.isKept?.(detail.elt)) return; // kept_forms.js says so at the form
  say("The portal could not be reached. What you typed is still here: check the connection and try again.");
  document.querySelector("#messages .note").dataset.unreachable = "";
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) document.querySelector("[data-unreachable]")?.remove();
});

// --- A time is written in the site's time; the viewer's own is in the title when it differs
const OWN = { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short" };

function showOwnTimes() {
  for (const time of document.querySelectorAll("time[datetime*=T]:not([title])")) {
    const at = new Date(time.dateTime);
    const here = at.toLocaleString("sv-SE").slice(0, 16).replace(" ", "T"); // the Swedish way is ISO's
    if (!time.dateTime.startsWith(here)) time.title = `Your time: ${at.toLocaleString("en-US", OWN)}`;
  }
}

addEventListener("DOMContentLoaded", showOwnTimes);
document.addEventListener("htmx:afterSettle", showOwnTimes);

// --- The days beside Appointment Date: one pressed is filled in and keeps the hour; the arrows move between them
function markDay() {
  const days = [...document.querySelectorAll("[data-day]")];
  const typed = document.getElementById("appointment_at")?.value.slice(0, 10);
  const chosen = days.find((link) => link.dataset.day === typed);
  for (const link of days) {
    if (link === chosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    link.tabIndex = link === (chosen ?? days[0]) ? 0 : -1;
  }
}

addEventListener("pageshow", markDay);
document.addEventListener("htmx:afterSettle", markDay);
document.addEventListener("input", ({ target }) => {
  if (target.id === "appointment_at") markDay();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-day]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const field = document.getElementById("appointment_at");
  const hour = field.value.slice(11) || field.dataset.hour || "09:00";
  const { day, earliest = "" } = link.dataset; // of today the server says the next full hour
  field.value = `${day}T${hour < earliest ? earliest : hour}`;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  markDay();
});
document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || !event.target.matches("[data-day]")) return;
  event.preventDefault();
  const days = [...document.querySelectorAll("[data-day]")];
  const next = days[days.indexOf(event.target) + step];
  if (!next) return;
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

// --- Who is chosen brings name and contact details, and takes them along when someone else is
document.addEventListener("change", ({ target }) => { // before htmx sends the fields
  if (target.id !== "technician") return;
  const fields = ["technician_name", "contact_phone", "contact_email"].map((id) => document.getElementById(id));
  const { name = "", phone = "", email = "" } = target.selectedOptions[0].dataset;
  const names = [...target.options].map((option) => option.dataset.name);
  if (name || names.includes(fields[0].value)) [name, phone, email].forEach((value, n) => { fields[n].value = value; });
}, true);

// --- A name that is typed is not the technician who was chosen, and has other contact details
document.addEventListener("input", ({ target }) => {
  const chosen = target.id === "technician_name" && document.getElementById("technician");
  if (!chosen?.value) return;
  for (const id of ["technician", "contact_phone", "contact_email"]) document.getElementById(id).value = "";
});

// --- Paper
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-print]")) print();
});
