// Undo and redo of marks. A step is one picture, or all pictures that were marked at once.

/** @typedef {{slot: number, isMarked: boolean}} Mark what a picture became */

export class MarkHistory {
  /** @type {Mark[][]} */
  #done = [];
  /** @type {Mark[][]} */
  #undone = [];
  /** @type {Mark[] | null} */
  #step = null; // that `together` is recording
  #isReplaying = false;

  get canUndo() { return this.#done.length > 0; }

  get canRedo() { return this.#undone.length > 0; }

  /** Whether several marks are being made at once. */
  get isBusy() { return this.#isReplaying || this.#step !== null; }

  /**
   * Adds a mark that the worker made; what was undone cannot be redone after it. A mark that an
   * undo or redo makes is none of the worker's.
   * @param {number} slot
   * @param {boolean} isMarked
   */
  record(slot, isMarked) {
    if (this.#isReplaying) return;
    if (this.#step) this.#step.push({ slot, isMarked });
    else this.#done.push([{ slot, isMarked }]);
    this.#undone.length = 0;
  }

  /**
   * Makes one step of all marks that are recorded meanwhile.
   * @param {() => void} marking
   */
  together(marking) {
    this.#step = [];
    marking();
    if (this.#step.length) this.#done.push(this.#step);
    this.#step = null;
  }

  /**
   * @param {(slot: number, isMarked: boolean) => void} set called for each picture of the last step
   * @returns {number[] | null} the slots; null if there is no step
   */
  undo(set) {
    return this.#replay(this.#done, this.#undone, (mark) => set(mark.slot, !mark.isMarked));
  }

  /**
   * @param {(slot: number, isMarked: boolean) => void} set called for each picture of the step
   * @returns {number[] | null} the slots; null if there is no step
   */
  redo(set) {
    return this.#replay(this.#undone, this.#done, (mark) => set(mark.slot, mark.isMarked));
  }

  /**
   * @param {Mark[][]} from
   * @param {Mark[][]} to
   * @param {(mark: Mark) => void} set
   * @returns {number[] | null}
   */
  #replay(from, to, set) {
    const step = from.pop();
    if (!step) return null;
    to.push(step);
    this.#isReplaying = true;
    step.forEach(set);
    this.#isReplaying = false;
    return step.map((mark) => mark.slot);
  }
}
