// The shortest way from one text to another, line by line.
export interface Line {
  kind: 'same' | 'went' | 'came';
  text: string;
}

// Longest common subsequence; texts of more lines than LINES_MAX are compared as wholes.
const LINES_MAX = 2000;

export function diffLines(before: string, after: string): Line[] {
  const a = before.split('\n');
  const b = after.split('\n');
  if (a.length > LINES_MAX || b.length > LINES_MAX)
    return before === after
      ? a.map((text) => ({ kind: 'same', text }))
      : [...a.map((text) => ({ kind: 'went' as const, text })), ...b.map((text) => ({ kind: 'came' as const, text }))];
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] = a[i] === b[j]
        ? longest[(i + 1) * width + j + 1]! + 1
        : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i++]! });
      j++;
    } else if (i < a.length && (j === b.length || longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)) {
      lines.push({ kind: 'went', text: a[i++]! });
    } else {
      lines.push({ kind: 'came', text: b[j++]! });
    }
  }
  return lines;
}
