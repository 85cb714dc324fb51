// Who has which colour, the same on every page: by place in the list of policies, never by what happens to be shown.
export const COLOURS = 6;
export const colourOf = (names, name) => `c${Math.max(0, names.indexOf(name)) % COLOURS}`;
