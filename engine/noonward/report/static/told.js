/* What the engine said and when, as noonward/report/told.py takes it apart. */
const SLOTS = /[\ue000-\ue004]/g;

function readTold(column, patterns, speakers, start, wall) {
  const numbers = patterns.map(([, , text]) => (text.match(SLOTS) || []).map(() => column()));
  const used = patterns.map(() => 0);
  const said = [];
  for (let k = 0; k < speakers; k++) {
    const times = column().map((s) => s + start), places = column();
    said.push({ times, places, nth: places.map((place) => used[place]++) });
  }

  function sentence(place, nth, t) {
    let slot = 0;
    const s = wall.ofDay(t);
    return patterns[place][2].replace(SLOTS, (mark) => {
      const n = numbers[place][slot++][nth], kind = mark.charCodeAt(0) - 0xe000;
      if (kind > 1) return (n / 10 ** (kind - 2)).toFixed(kind - 2);
      const then = kind ? ((Math.floor(s / 60) + n) % 1440) * 60 : (s + n) % 86400;
      const minutes = `${two(Math.floor(then / 3600))}:${two(Math.floor(then / 60) % 60)}`;
      return kind ? minutes : `${minutes}:${two(then % 60)}`;
    });
  }

  /* What one said last, up to a moment: {at, state, code, text}, or null. */
  const at = (speaker, t) => {
    const { times, places, nth } = said[speaker], k = lastUpTo(times, t);
    if (k < 0) return null;
    const [state, code] = patterns[places[k]];
    return { at: times[k], state, code, text: sentence(places[k], nth[k], times[k]) };
  };
  return { at, times: (speaker) => said[speaker].times };
}
