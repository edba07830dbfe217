// The second click of a double click is meant for what the first one hit. Where something else has come into its place meanwhile
// (a dialog that opened or closed, the next row of a list), it does nothing; nor does it send a form once more.
const PRESSED = 'button, a, [role=button], [role=option], [role=tab]';
const WRITTEN = 'input, textarea, select, label, [contenteditable]';

const pressedOf = (target: EventTarget | null) => (target instanceof Element ? target.closest(PRESSED) : null);

export function ignoreSecondClicks(page: Window) {
  let first: Element | null = null;
  page.addEventListener('click', (event) => {
    if (!event.isTrusted || event.detail === 0) return;
    const pressed = pressedOf(event.target);
    if (event.detail === 1) {
      first = pressed;
      return;
    }
    if (!pressed && event.target instanceof Element && event.target.closest(WRITTEN)) return;
    if (pressed === first && !pressed?.matches('[type=submit]')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
}
