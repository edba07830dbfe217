// Where a mistake of the server lies: "overdue.ru.html:12:7", "birthday.en.subject:1:4", "#/locales/ru/html:3:1".
export interface Mark { line: number; column: number; text: string }

const PLACE = /:(\d+):(\d+)$/;

export function marksFor(mistakes: { place: string; detail: string }[], locale: string, part: string): Mark[] {
  return mistakes.flatMap(({ place, detail }) => {
    const found = PLACE.exec(place);
    if (!found) return [];
    const where = place.slice(0, found.index);
    const words = where.split(/[./]/);
    return words.includes(part) && words.includes(locale)
      ? [{ line: Number(found[1]), column: Number(found[2]), text: detail }]
      : [];
  });
}
