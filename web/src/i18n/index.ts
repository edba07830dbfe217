// The two languages of the app. A key without one of them does not compile; an unknown key neither.
import { createContext, useContext } from 'react';
import type { blocks } from './words/blocks';
import { campaigns } from './words/campaigns';
import { common } from './words/common';
import { desk } from './words/desk';
import type { launch } from './words/launch';
import type { lists } from './words/lists';
import type { pictures } from './words/pictures';
import { making } from './words/making';
import type { account } from './words/account';
import type { days } from './words/days';
import type { reports } from './words/reports';
import type { unsaved } from './words/unsaved';

// Words of screens that are loaded when they are first opened come with them: addWords() at the top of the screen.
type LazyWords = typeof account & typeof blocks & typeof days & typeof launch & typeof lists & typeof pictures & typeof reports & typeof unsaved;

const early = { ...common, ...campaigns, ...making, ...desk };
export type Key = keyof typeof early | keyof LazyWords;
export const words = { ...early } as Record<Key, readonly [string, string]>;
export const addWords = (more: Partial<Record<Key, readonly [string, string]>>) => void Object.assign(words, more);
export type Language = 'en' | 'ru';
export type Values = Record<string, string | number>;

const INDEX = { en: 0, ru: 1 } as const;
const FORMS = { en: ['one', 'other'], ru: ['one', 'few', 'many'] } as const;
const STORED = 'carillon.language';

function plural(language: Language, n: number, forms: string[]): string {
  const category = new Intl.PluralRules(language).select(n);
  const at = (FORMS[language] as readonly string[]).indexOf(category);
  return forms[at < 0 ? forms.length - 1 : at] ?? forms[forms.length - 1] ?? '';
}

export function translate(language: Language, key: Key, values: Values = {}): string {
  return words[key][INDEX[language]].replace(
    /\{(\w+)(?:\|([^}]*))?\}/g,
    (whole, name: string, forms?: string) => {
      const value = values[name];
      if (value === undefined) return whole;
      if (forms === undefined)
        return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value;
      return plural(language, Number(value), forms.split('|'));
    },
  );
}

export function initialLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === 'en' || stored === 'ru') return stored;
  return navigator.language.startsWith('ru') ? 'ru' : 'en';
}

export function rememberLanguage(language: Language) {
  localStorage.setItem(STORED, language);
}

export interface Speech {
  language: Language;
  setLanguage: (language: Language) => void;
  t: (key: Key, values?: Values) => string;
  // A stable code of the API in words; what has none is shown as it came.
  code: (family: string, code: string, otherwise?: string) => string;
}

export function speechOf(language: Language, setLanguage: (language: Language) => void): Speech {
  return {
    language,
    setLanguage,
    t: (key, values) => translate(language, key, values),
    code: (family, code, otherwise) => {
      const key = `${family}.${code}`;
      return key in words ? translate(language, key as Key) : otherwise || code;
    },
  };
}

export const SpeechContext = createContext<Speech>(speechOf('en', () => {}));
export const useSpeech = () => useContext(SpeechContext);
