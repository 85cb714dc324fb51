/* Columns of whole numbers, as noonward/report/packed.py writes them. */
async function unpacked(text) {
  const squeezed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([squeezed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let place = 0;
  function number() {
    let value = 0, factor = 1, byte;
    do {
      byte = bytes[place++];
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte & 128);
    return value % 2 ? -(value + 1) / 2 : value / 2;
  }
  return function column() {
    const numbers = new Array(number());
    let value = 0;
    for (let k = 0; k < numbers.length; k++) numbers[k] = value += number();
    return numbers;
  };
}
