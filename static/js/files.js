// Photos and files of a work order: sent one by one as soon as they are chosen, and looked at large. Loaded on that tab.
"use strict";

// --- Sending
const form = document.getElementById("upload");
const queue = []; // { file, key, row, state }, state: waiting, sending, lost, done
const SENTENCES = {
  401: "You are logged out. Log in again in another window, then retry.",
  403: "You may not add files here: reload the page.",
  413: "This file is too large.",
};

function enqueue(files) {
  for (const file of files) {
    const row = document.getElementById("queued").content.firstElementChild.cloneNode(true);
    const item = { file, key: newKey(), row, state: "waiting", said: fieldsSaid() };
    row.querySelector("b").textContent = file.name;
    row.querySelector("progress").setAttribute("aria-label", `Upload progress of ${file.name}`);
    row.querySelector("button").append(hidden(` ${file.name}`));
    row.querySelector("button").addEventListener("click", () => again(item));
    document.getElementById("queue").append(row);
    queue.push(item);
    showState(item, "waiting");
  }
  work();
}

function newKey() { // crypto.randomUUID() is there on https only
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = bytes[6] & 0x0f | 0x40;
  bytes[8] = bytes[8] & 0x3f | 0x80;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fieldsSaid() { // as they are when the file is chosen
  return [...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "uploads", "upload_key"].includes(name));
}

function hidden(text) {
  const span = document.createElement("span");
  span.className = "visually-hidden";
  span.textContent = text;
  return span;
}

function showState(item, state, sentence = state) {
  item.state = state;
  item.row.dataset.state = state;
  item.row.querySelector("span").textContent = sentence;
  item.row.querySelector("progress").hidden = !["waiting", "sending"].includes(state);
  item.row.querySelector("button").hidden = state !== "lost";
}

function announce(sentence) { // the percents are not read out
  document.getElementById("queue-status").textContent = sentence;
}

async function work() {
  if (queue.some((item) => item.state === "sending")) return;
  const item = queue.find(({ state }) => state === "waiting");
  if (!item) return;
  showState(item, "sending");
  item.body ??= await shrunk(item.file);
  sendFile(item);
}

function sendFile(item) {
  const data = new FormData();
  for (const [name, value] of item.said) data.append(name, value);
  data.append("upload_key", item.key);
  data.append("uploads", item.body, item.file.name);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("HX-Current-URL", location.href);
  request.setRequestHeader("X-CSRFToken", document.querySelector("meta[name=csrf-token]").content);
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    item.row.querySelector("progress").value = loaded / total;
    showState(item, "sending", loaded < total ? `${Math.floor(100 * loaded / total)} %` : "being stored");
  });
  request.addEventListener("load", () => answered(item, request));
  for (const name of ["error", "timeout", "abort"]) request.addEventListener(name, () => lost(item, "The connection was lost."));
  request.send(data);
}

function answered(item, request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const list = page.getElementById("file-list");
  const why = page.querySelector(".why-not")?.textContent;
  if (request.status === 200 && list) {
    document.getElementById("file-list").replaceWith(document.adoptNode(list));
    document.dispatchEvent(new Event("htmx:afterSettle")); // times in the viewer's own zone
    showState(item, "done");
    item.row.remove();
    announce(`${item.file.name} is added.`);
    if (!queue.some(({ state }) => state === "waiting")) reload(); // what Completed waits for
  } else if (why && request.status < 500) {
    showState(item, "refused", why);
    announce(`${item.file.name}: ${why}`);
  } else if (request.status === 403 && !item.isRenewed) {
    renewed(item);
    return;
  } else {
    lost(item, why ?? SENTENCES[request.status] ?? `The portal could not save it (${request.status}).`);
    return;
  }
  work();
}

async function renewed(item) { // logged in again in another tab: the token of this page may be an old one
  item.isRenewed = true;
  const refusal = await renewToken();
  if (refusal) lost(item, refusal);
  else sendFile(item);
}

function lost(item, sentence) {
  showState(item, "lost", sentence);
  announce(`${item.file.name}: ${sentence}`);
  if (navigator.onLine) work();
}

function again(item) { // with the same key: what did arrive is not stored twice
  item.isRenewed = false;
  showState(item, "waiting");
  work();
}

// --- Where files come from: the field, the camera, the box they are dropped into
if (form) {
  form.addEventListener("change", ({ target }) => {
    if (target.type !== "file") return;
    enqueue(target.files);
    target.value = "";
  });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      form.classList.toggle("over", name === "dragenter" || name === "dragover");
      if (name === "drop") enqueue(event.dataTransfer.files);
    });
  }
  document.addEventListener("click", (event) => { // a step's "Add it" opens the camera or the files at once
    const link = event.target.closest("[data-photo-of]");
    if (!link) return;
    event.preventDefault();
    const { line_item, moment } = form.elements;
    line_item.value = link.dataset.photoOf;
    moment.value = link.dataset.shows ?? (moment.value === "label" ? "" : moment.value);
    form.querySelector("[data-camera]").click();
  });
  form.addEventListener("submit", (event) => event.preventDefault()); // Enter in the caption
  addEventListener("online", () => queue.filter(({ state }) => state === "lost").forEach(again));
  addEventListener("beforeunload", (event) => {
    if (queue.some(({ state }) => ["waiting", "sending", "lost"].includes(state))) event.preventDefault();
  });
}

// --- A photo, large
const viewer = document.getElementById("viewer");
const photos = () => [...document.querySelectorAll("[data-photo]")];
let shown = null;

function showLarge(link) {
  shown = link;
  const image = document.createElement("img");
  image.alt = link.dataset.photo;
  image.src = link.href;
  viewer.querySelector(".body").replaceChildren(image);
  viewer.querySelector("h2").textContent = link.dataset.photo;
  const all = photos();
  viewer.querySelector("footer .count").textContent = `${all.indexOf(link) + 1} of ${all.length}`;
  for (const button of viewer.querySelectorAll("[data-step]")) {
    button.setAttribute("aria-disabled", String(!beside(Number(button.dataset.step))));
    button.hidden = all.length === 1;
  }
  if (!viewer.open) viewer.showModal();
}

function beside(step) {
  const all = photos();
  return all[all.indexOf(shown) + step];
}

function step(by) {
  if (beside(by)) showLarge(beside(by));
}

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-photo], #line-items .thumbs a");
  const link = pressed && photos().find(({ href }) => href === pressed.href);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  showLarge(link);
});
viewer.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (button) step(Number(button.dataset.step));
  else if (event.target === viewer) viewer.close();
});
viewer.addEventListener("keydown", ({ key }) => step({ ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0));
viewer.addEventListener("close", () => {
  viewer.querySelector(".body").replaceChildren();
  shown?.focus();
});
