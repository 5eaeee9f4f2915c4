// A reviewer's page of one answer: the key O opens the words, as the button does.
const button = document.getElementById("open-words");

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea, [contenteditable]");
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
  if (button && isPlain && !isTyping && event.key.toLowerCase() === "o") {
    event.preventDefault();
    button.click();
  }
});
