// A reviewer's page of one answer: the key O opens the words, as the button does.

const button = document.getElementById("open-words");

document.addEventListener("keydown", (event) => {
  const { target } = event;
  const fields = "input, select, textarea, [contenteditable]";
  const isTyping = target instanceof Element && target.closest(fields);
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
  if (button && isPlain && !isTyping && event.key.toLowerCase() === "o") {
    event.preventDefault();
    button.click();
  }
});

export {}; // a module
