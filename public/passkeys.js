// Passkeys: what only a browser can do. The form goes on with what the device answered.
const canUsePasskeys = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);

for (const form of document.querySelectorAll('[data-passkey]')) form.hidden = !canUsePasskeys;

async function askDevice(form) {
  const answer = await fetch(form.dataset.options, { method: 'POST' });
  if (!answer.ok) throw new Error(`the options came with ${answer.status}`);
  const options = await answer.json();
  const credential =
    form.dataset.passkey === 'create'
      ? await navigator.credentials.create({
          publicKey: window.PublicKeyCredential.parseCreationOptionsFromJSON(options),
        })
      : await navigator.credentials.get({
          publicKey: window.PublicKeyCredential.parseRequestOptionsFromJSON(options),
        });
  return JSON.stringify(credential.toJSON());
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('[data-passkey]')) return;
  event.preventDefault();
  const said = form.querySelector('[data-said]');
  said.textContent = '';
  askDevice(form).then(
    (response) => {
      form.elements.response.value = response;
      form.submit();
    },
    () => {
      said.textContent = 'Your device gave no passkey. Try again, or go another way.';
    },
  );
});
