// What a browser keeps for the next visit; one that keeps nothing (a private window) works all the same.
export function kept(name) {
  try {
    return localStorage.getItem(`noonward.${name}`);
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(`noonward.${name}`);
    else localStorage.setItem(`noonward.${name}`, value);
  } catch {
    // chosen for this visit, then
  }
}
