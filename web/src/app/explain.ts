/** `E` on a number, anywhere: what is pointed at or focused explains itself. What can, bears `data-explains` and hears the event `explain`. */
const CAN = '[data-explains]';
const PART = 'a, button, td, dd, [data-part]';

/** The number itself, or the one within the link, button or cell. */
function within(el: Element | null | undefined): Element | null {
  if (!el || el === document.body) return null;
  return el.closest(CAN) ?? el.closest(PART)?.querySelector(CAN) ?? null;
}
export function explainable(): Element | null {
  return within([...document.querySelectorAll(':hover')].at(-1)) ?? within(document.activeElement);
}
/** Before the rooms' own keys: where a number is pointed at, `E` is about it. */
export function explainKey(e: KeyboardEvent): void {
  if (e.key.toLowerCase() !== 'e' || e.ctrlKey || e.metaKey || e.altKey) return;
  if ((e.target as Element | null)?.closest?.('input, select, textarea, [contenteditable], dialog')) return;
  const it = explainable();
  if (!it) return;
  e.stopImmediatePropagation();
  e.preventDefault();
  it.dispatchEvent(new CustomEvent('explain'));
}
