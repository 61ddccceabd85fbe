/** Owns the question before somebody leaves what they have not saved. One at a time: whoever shows it takes it back. */

let question: string | null = null;

export function askBeforeLeaving(words: string | null): void {
  question = words;
}

/** True at once where nothing would be lost. */
export function mayLeave(): boolean {
  if (question !== null && !confirm(question)) return false;
  question = null;
  return true;
}
