// What makes the console's pages better where there are scripts. Nothing needs it.

// A choice takes effect at once; the button beside it is for those without.
for (const choice of document.querySelectorAll('[data-submit]')) {
  choice.addEventListener('change', () => choice.form.submit());
}
for (const button of document.querySelectorAll('[data-noscript]')) button.hidden = true;

// Where the sections do not all fit, this page's is in sight.
document.querySelector('.sections [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });

// A menu closes when somebody clicks elsewhere, or with Escape.
for (const menu of document.querySelectorAll('details.menu')) {
  document.addEventListener('click', (event) => menu.contains(event.target) || menu.removeAttribute('open'));
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    menu.removeAttribute('open');
    menu.querySelector('summary').focus();
  });
}

// The box in a table's head ticks all those below it.
for (const all of document.querySelectorAll('[data-all]')) {
  const boxes = [...all.closest('table').querySelectorAll('[data-one]')];
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.hidden = false;
  all.addEventListener('change', () => { for (const box of boxes) box.checked = all.checked; });
  for (const box of boxes) box.addEventListener('change', count);
  addEventListener('pageshow', count); // a browser remembers what was ticked
}
