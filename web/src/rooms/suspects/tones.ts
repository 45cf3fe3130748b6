/** Colours of verdicts; the word always stands beside. */
import type { SuspicionState } from '@/api/types';

export const SUSPECT_TONE: Record<SuspicionState, string> = {
  new: 'plum',
  looking: 'brand',
  confirmed: 'cinnabar',
  false: '',
  unclear: 'gamboge',
};
