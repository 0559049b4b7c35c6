// The doctor's decisions on characters: whoever types what a character is to be written as has chosen that.

export function chooseByTyping() {
  for (const decision of document.querySelectorAll(".decision")) {
    const choice = decision.querySelector("select");
    decision.querySelector("input").addEventListener("input", () => {
      choice.value = "write";
    });
  }
}
