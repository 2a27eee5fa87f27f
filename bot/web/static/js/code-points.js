// Strings measured and cut in Unicode code points. The server's offsets count those, JavaScript counts UTF-16 units.

export const codePoints = (string) => Array.from(string).length;

/** `string` as what stands before, from `start` to `end`, and after. */
export function cut(string, start, end) {
  const points = Array.from(string);
  return [points.slice(0, start), points.slice(start, end), points.slice(end)].map((piece) => piece.join(""));
}
