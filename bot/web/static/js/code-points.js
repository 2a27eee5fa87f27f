// Strings measured and cut in Unicode code points, because the server's offsets count those. JavaScript counts UTF-16.

export const codePoints = (string) => Array.from(string).length;

/** `string` in three pieces: before `start`, from `start` to `end`, and after `end`. */
export function cut(string, start, end) {
  const points = Array.from(string);
  return [points.slice(0, start), points.slice(start, end), points.slice(end)].map((piece) => piece.join(""));
}
