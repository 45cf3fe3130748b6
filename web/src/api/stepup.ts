/** What is asked in the middle of an act, so that nothing filled in is lost: the second factor again, or to sign in again. */
import { reactive } from 'vue';

function question() {
  const state = reactive({ open: false });
  let answer: ((yes: boolean) => void) | null = null;
  let waiting: Promise<boolean> | null = null;
  return {
    state,
    /** Opens the dialog; all who ask meanwhile wait for the same answer. */
    ask(): Promise<boolean> {
      waiting ??= new Promise((done) => {
        answer = done;
        state.open = true;
      });
      return waiting;
    },
    reply(yes: boolean): void {
      state.open = false;
      answer?.(yes);
      answer = waiting = null;
    },
  };
}

/** The server refuses what grants or discloses until the second factor was shown lately (docs/access.md). */
export const factor = question();
/** The session has ended under the page. */
export const ended = question();
