// Our own behaviours, each of which only smooths what works without it.

// An open menu closes when the reader turns to something else, which it would lie over.
for (const turn of ['click', 'focusin']) {
  document.addEventListener(turn, ({ target }) => {
    for (const menu of document.querySelectorAll('[data-menu][open]')) {
      if (!menu.contains(target)) menu.removeAttribute('open');
    }
  });
}

document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return;
  for (const menu of document.querySelectorAll('[data-menu][open]')) {
    menu.removeAttribute('open');
    menu.querySelector('summary').focus();
  }
});

// The quantity is asked for in the words of the chosen operation, with its example as a start.
function nameQuantity(form, previousExample) {
  const chosen = form.querySelector('[name="operation"]:checked');
  const quantity = form.querySelector('[name="quantity"]');
  if (!chosen || !quantity) return;
  form.querySelector('[data-quantity-label]').textContent = chosen.dataset.label;
  if (quantity.value === '' || quantity.value === previousExample) {
    quantity.value = chosen.dataset.example;
  }
  form.dataset.example = chosen.dataset.example;
}

function nameAllQuantities() {
  for (const label of document.querySelectorAll('[data-quantity-label]')) {
    nameQuantity(label.closest('form'));
  }
}

document.addEventListener('change', ({ target }) => {
  if (target.name === 'operation') nameQuantity(target.form, target.form.dataset.example);
});
nameAllQuantities();

// What came of a request takes the focus, so that it is read out and the next key goes on from it.
function focusAnswer() {
  const answer = document.querySelector('[data-focus]');
  answer?.removeAttribute('data-focus');
  answer?.focus();
}

// An answer may come after a newer message of the stream: the balance in the header stays the newer.
document.addEventListener('htmx:before:swap', ({ detail: { tasks } }) => {
  const seqIn = (place) => Number(place.querySelector('[data-seq]')?.dataset.seq);
  const late = tasks.findIndex(
    ({ target, fragment }) => target?.id === 'purse' && seqIn(fragment) < seqIn(target),
  );
  if (late >= 0) tasks.splice(late, 1);
});

document.addEventListener('htmx:after:swap', ({ target }) => {
  if (target.id === 'purse') return;
  nameAllQuantities();
  focusAnswer();
});

// A double click on Run means one run. When the answer came between its two clicks, the second one
// lands on the button of a new form, which would be charged anew.
document.addEventListener('click', (event) => {
  if (event.detail > 1 && event.target.closest('.run')) event.preventDefault();
});

// A form that leaves for another site is sent once; coming back makes it usable again.
document.addEventListener('submit', ({ target, submitter }) => {
  if (!target.matches('[data-once]')) return;
  if (target.dataset.sent) return;
  target.dataset.sent = 'yes';
  window.setTimeout(() => {
    submitter.disabled = true;
    submitter.setAttribute('aria-busy', 'true');
  });
});

window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('[data-sent]')) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll('[aria-busy]')) {
      button.disabled = false;
      button.removeAttribute('aria-busy');
    }
  }
});

// What htmx could not send or fetch is said in words, once. What asks again by itself says nothing.
document.addEventListener('htmx:error', ({ target, detail }) => {
  const toasts = document.getElementById('toasts');
  if (toasts.childElementCount > 0 || target.matches('[hx-trigger^="every"], #purse')) return;
  const toast = document.createElement('p');
  toast.className = 'toast';
  const words = document.createElement('span');
  words.textContent =
    detail.ctx?.request.method === 'POST'
      ? 'There was no answer. Send it again: it is counted once.'
      : 'There was no answer. Try it again in a moment.';
  const dismiss = document.createElement('button');
  dismiss.className = 'link';
  dismiss.textContent = 'Dismiss';
  dismiss.addEventListener('click', () => toast.remove());
  toast.append(words, dismiss);
  toasts.append(toast);
});

// Whoever enters an amount means that amount.
document.addEventListener('input', ({ target }) => {
  const own = target.closest('.pick.own')?.querySelector('[type="radio"]');
  if (own && own !== target) own.checked = true;
});

// The zone of the device: for a new account, and one click away in the profile. It is asked for then
// only: for the answer a browser reads the formats of its language, longer than all else here takes.
const zoneOf = (timeZone) => Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
document.addEventListener('submit', ({ target }) => {
  for (const field of target.querySelectorAll('input[data-time-zone]')) field.value = zoneOf();
});
for (const button of document.querySelectorAll('[data-own-zone]')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    const choice = button.closest('.field').querySelector('[data-time-zone]');
    const zone = zoneOf();
    // Browsers may have another name for it: Chromium says Asia/Calcutta.
    const own = [...choice.options].find(({ value }) => value === zone || zoneOf(value) === zone);
    if (own) own.selected = true;
    button.hidden = true;
    choice.focus();
  });
}

// A dialog that came lies over the page, and the browser keeps the focus inside. Closed, by Escape
// too, it is gone, and the focus is where the work goes on.
function openDialog() {
  const dialog = document.querySelector('dialog[data-modal]:not([open])');
  if (!dialog) return;
  dialog.addEventListener('close', () => {
    dialog.remove();
    document.querySelector('.run')?.focus();
  });
  dialog.showModal();
}

document.addEventListener('htmx:after:swap', openDialog);

document.addEventListener('click', ({ target }) => {
  if (target.matches('[data-close]')) target.closest('dialog').close();
});
