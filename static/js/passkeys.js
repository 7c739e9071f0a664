// Asks the browser for a passkey, or to make one, and sends what it says.
"use strict";

const passkeyOptions = JSON.parse(document.getElementById("passkey-options")?.textContent ?? "null");

document.querySelector("form[data-passkey]")?.addEventListener("submit", async (event) => {
  const form = event.currentTarget;
  event.preventDefault();
  try {
    const found = await window.webauthnJSON[form.dataset.passkey](passkeyOptions);
    form.elements.credential.value = JSON.stringify(found);
    form.submit(); // which tells no listener: the form has been pressed once
  } catch {
    form.querySelector("[data-refused]").hidden = false;
    release(form);
  }
});
