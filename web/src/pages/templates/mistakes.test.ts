import { expect, it } from 'vitest';
import { marksFor } from './mistakes';

it.each([
  ['overdue-notice.ru.html:12:7', 'ru', 'html', [{ line: 12, column: 7, text: 'unknown field' }]],
  ['overdue-notice.ru.html:12:7', 'en', 'html', []],
  ['overdue-notice.ru.subject:1:4', 'ru', 'html', []],
  ['#/locales/ru/text:3:1', 'ru', 'text', [{ line: 3, column: 1, text: 'unknown field' }]],
  ['overdue-notice', 'ru', 'html', []],
])('%s is a mark in %s %s', (place, locale, part, marks) => {
  expect(marksFor([{ place, detail: 'unknown field' }], locale, part)).toEqual(marks);
});
