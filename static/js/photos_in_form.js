// Photos chosen for a form that is sent as a whole: from the gallery and the camera, one list, shrunk meanwhile.
"use strict";

const field = () => document.querySelector("[data-photos]");
let chosen = []; // { file }, as they will be sent

function put() {
  const all = new DataTransfer();
  for (const { file } of chosen) all.items.add(file);
  field().files = all.files;
}

function show() {
  const rows = chosen.map((one) => {
    const row = document.getElementById("chosen-one").content.firstElementChild.cloneNode(true);
    row.querySelector("b").textContent = one.file.name;
    const name = document.createElement("span");
    name.className = "visually-hidden";
    name.textContent = ` ${one.file.name}`;
    row.querySelector("button").append(name);
    row.querySelector("button").addEventListener("click", () => leaveOut(one));
    return row;
  });
  document.getElementById("chosen").replaceChildren(...rows);
}

function leaveOut(one) {
  chosen = chosen.filter((other) => other !== one);
  put();
  show();
  field().focus();
}

async function shrinkOne(one) {
  const { file } = one;
  const small = await shrunk(file);
  if (small === file || !chosen.includes(one)) return;
  one.file = new File([small], file.name, { type: small.type });
  put();
}

function add(files) {
  const more = [...files].map((file) => ({ file }));
  chosen = [...chosen, ...more];
  put();
  show();
  for (const one of more) shrinkOne(one);
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-photos], [data-camera]")) return;
  const files = [...target.files];
  target.value = "";
  add(files);
});
document.addEventListener("htmx:afterSwap", () => { chosen = []; }); // what was sent is with the server
