/* Where the states of a compiled policy stand and how the moves between them run: states on a line from top to bottom,
   moves down it on the right, moves back up on the left, each in a lane of its own where it would cross another.
   No randomness and no measuring of text: the same machine always looks the same. */

export const NODE = { width: 120, height: 52, gap: 56 };
const LANE = { first: 30, next: 26 };
const ROUND = 10;

/* Moves between the same two states are one arrow with several rows; rows that stay are no arrow. */
export function arrows(transitions) {
  const found = new Map();
  for (const row of transitions) {
    if (row.from === row.to) continue;
    const key = `${row.from} ${row.to}`;
    if (!found.has(key)) found.set(key, { key, from: row.from, to: row.to, rows: [] });
    found.get(key).rows.push(row);
  }
  return [...found.values()];
}

/* Short arrows lie inside long ones; two share a lane only where they do not overlap. */
function lanes(side) {
  const taken = [];
  for (const one of [...side].sort((a, b) => a.high - a.low - (b.high - b.low) || a.low - b.low)) {
    let lane = 0;
    while ((taken[lane] || []).some((other) => one.low < other.high && other.low < one.high)) lane++;
    (taken[lane] ??= []).push(one);
    one.lane = lane;
  }
  return taken.length;
}

/* An arrow leaves and enters a state's side at a place of its own: what goes further up is attached further up. */
function attach(states, side) {
  for (const state of states) {
    const ends = side.flatMap((one) => (one.from === state.id ? [{ one, end: "y1", other: one.to }]
      : one.to === state.id ? [{ one, end: "y2", other: one.from }] : []));
    const reach = ({ one, other }) => (states.find((s) => s.id === other).y < state.y ? one.lane : 1000 - one.lane);
    const upward = ({ other }) => states.find((s) => s.id === other).y < state.y;
    ends.sort((a, b) => upward(b) - upward(a) || reach(a) - reach(b));
    ends.forEach(({ one, end }, k) => {
      one[end] = state.y + (NODE.height * (k + 1)) / (ends.length + 1);
    });
  }
}

function path(edge, lane, y1, y2) {
  const out = Math.sign(lane - edge), turn = Math.sign(y2 - y1);
  const bend = Math.min(ROUND, Math.abs(y2 - y1) / 2, Math.abs(lane - edge));
  return `M${edge} ${y1}H${lane - out * bend}Q${lane} ${y1} ${lane} ${y1 + turn * bend}`
    + `V${y2 - turn * bend}Q${lane} ${y2} ${lane - out * bend} ${y2}H${edge + out * 2}`;
}

/* Returns {width, height, states: [{id, label, x, y}], arrows: [{key, from, to, rows, path, head, x, y, side}]}. */
export function layout({ states, transitions }) {
  const order = new Map(states.map(({ id }, k) => [id, k]));
  const found = arrows(transitions).filter(({ from, to }) => order.has(from) && order.has(to)).map((one) => {
    const from = order.get(one.from), to = order.get(one.to);
    return { ...one, low: Math.min(from, to), high: Math.max(from, to), down: to > from };
  });
  const right = found.filter(({ down }) => down), left = found.filter(({ down }) => !down);
  const room = (count) => (count ? LANE.first + (count - 1) * LANE.next + 14 : 14);
  const leftRoom = room(lanes(left)), rightRoom = room(lanes(right));
  const placed = states.map((one, k) => ({ ...one, x: leftRoom, y: 2 + k * (NODE.height + NODE.gap) }));
  attach(placed, right);
  attach(placed, left);
  for (const one of found) {
    const edge = one.down ? leftRoom + NODE.width : leftRoom;
    const reach = LANE.first + one.lane * LANE.next;
    one.x = one.down ? edge + reach : edge - reach;
    one.y = order.get(one.from) < order.get(one.to) ? placed[order.get(one.from)].y + NODE.height + NODE.gap / 2 : placed[order.get(one.from)].y - NODE.gap / 2; // beside where it leaves: no other arrow crosses there
    one.path = path(edge, one.x, one.y1, one.y2);
    const tip = edge + (one.down ? 1 : -1), tail = tip + (one.down ? 7 : -7);
    one.head = `M${tip} ${one.y2}L${tail} ${one.y2 - 4}V${one.y2 + 4}Z`;
  }
  return {
    width: leftRoom + NODE.width + rightRoom,
    height: states.length * (NODE.height + NODE.gap) - NODE.gap + 4,
    states: placed,
    arrows: found,
  };
}
