/** The second factor again: the server refuses what grants or discloses until it was shown lately (docs/access.md). */
import { reactive } from 'vue';

export const stepUp = reactive({ open: false });
let answer: ((shown: boolean) => void) | null = null;
let waiting: Promise<boolean> | null = null;

/** Opens the dialog; all who ask meanwhile wait for the same answer. */
export function askAgain(): Promise<boolean> {
  waiting ??= new Promise((done) => {
    answer = done;
    stepUp.open = true;
  });
  return waiting;
}
export function answerAgain(shown: boolean): void {
  stepUp.open = false;
  answer?.(shown);
  answer = waiting = null;
}
