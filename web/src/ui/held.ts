/**
 * What a text field shows of a value that counts only when the field is left (`@change`): set when the value changes, and not with every drawing,
 * which would wipe what is just being typed when an answer of the server comes in between.
 */
import type { Directive } from 'vue';

type Shown = string | number | null | undefined;
const put = (el: HTMLInputElement, v: Shown): void => {
  el.value = String(v ?? '');
};
export const vHeld: Directive<HTMLInputElement, Shown> = {
  mounted: (el, { value }) => put(el, value),
  updated: (el, { value, oldValue }) => {
    if (value !== oldValue) put(el, value);
  },
};
