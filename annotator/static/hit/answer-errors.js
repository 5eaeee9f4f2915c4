// What is missing or wrong in an answer, in the sentences of the server, which stays the judge.

/** @typedef {import("./draft-merge.js").Answer} Answer */
/** @typedef {"concept" | "group"} CheckedField */
/** @typedef {{nameless: string, wordy: string, groupless: string}} Sentences */

const HAS_WORDS = /[\p{L}\p{N}]/u;

/**
 * The error of each field; "" where it has none.
 * @param {Pick<Answer, "concept" | "group" | "says">} answer
 * @param {Sentences} sentences
 * @param {number} maxWords
 * @returns {Record<CheckedField, string>}
 */
export function answerErrors(answer, sentences, maxWords) {
  if (answer.says === "nothing") return { concept: "", group: "" };
  return {
    concept: conceptError(answer.concept, sentences, maxWords),
    group: answer.group ? "" : sentences.groupless,
  };
}

/**
 * @param {string} text
 * @param {Sentences} sentences
 * @param {number} maxWords
 * @returns {string}
 */
function conceptError(text, sentences, maxWords) {
  if (!HAS_WORDS.test(text)) return sentences.nameless;
  const count = text.trim().split(/\s+/).length;
  if (count <= maxWords) return "";
  return sentences.wordy.replace("%(most)s", String(maxWords)).replace("%(count)s", String(count));
}
