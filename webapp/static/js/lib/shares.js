// The shares of voices in percent: when one is changed, the others change with it, so that all together stay 100.

const WHOLE = 100;

/** Return shares of a whole number that are about as large, among themselves, as these. */
function divided(whole, shares) {
  const sum = shares.reduce((before, share) => before + share, 0);
  const exact = shares.map((share) => (sum ? (share * whole) / sum : whole / shares.length));
  const found = exact.map(Math.floor);
  const byRest = [...exact.keys()].sort((one, other) => (exact[other] % 1) - (exact[one] % 1));
  const missing = whole - found.reduce((before, share) => before + share, 0);
  for (const place of byRest.slice(0, missing)) found[place] += 1;
  return found;
}

function balance(numbers, changed) {
  const others = numbers.filter((number) => number !== changed);
  const given = Math.min(WHOLE, Math.max(0, Math.round(changed.valueAsNumber) || 0));
  const shares = divided(
    WHOLE - given,
    others.map((number) => number.valueAsNumber || 0),
  );
  for (const [place, number] of others.entries()) {
    number.value = shares[place];
    const slider = number.nextElementSibling; // put there by settings.js
    if (slider) slider.value = shares[place];
  }
}

export function balanceShares() {
  document.addEventListener("input", (event) => {
    const group = event.target.closest("[data-shares]");
    if (!group) return;
    const changed = event.target.closest(".field").querySelector("[data-share]");
    balance([...group.querySelectorAll("[data-share]")], changed);
  });
}
