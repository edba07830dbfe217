// A template as it is being written. What has not been saved is kept in the browser and offered again, only if it differs.
import { useCallback, useEffect, useState } from 'react';
import { useHistory } from './history';

export interface Parts { subject?: string; html?: string; text?: string; [other: string]: unknown }
export interface Draft {
  name: string;
  channel: string;
  description?: string;
  default_locale: string;
  locales: Record<string, Parts>;
  [other: string]: unknown;
}

const AUTOSAVE_MS = 500;
const placeOf = (name: string) => `carillon.draft.template.${name}`;

function kept(name: string): Draft | undefined {
  try {
    return JSON.parse(localStorage.getItem(placeOf(name)) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

// What is sent: a language nobody has written in yet is not part of it, nor is an empty part.
export function written(draft: Draft): Draft {
  const locales = Object.fromEntries(
    Object.entries(draft.locales)
      .map(([name, parts]) => [name, Object.fromEntries(Object.entries(parts).filter(([, text]) => text !== ''))] as const)
      .filter(([, parts]) => Object.keys(parts).length > 0));
  const first = Object.keys(locales)[0];
  if (!first) return draft;
  return { ...draft, locales, default_locale: draft.default_locale in locales ? draft.default_locale : first };
}

export const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

export function useDraft(key: string, stored: Draft) {
  const history = useHistory(stored);
  const { value: draft, set: setDraft } = history;
  const [rescued, setRescued] = useState(() => {
    const found = kept(key);
    return found && !same(found, stored) ? found : undefined;
  });
  const changed = !same(draft, stored);
  useEffect(() => {
    if (!changed) return;
    const timer = setTimeout(() => localStorage.setItem(placeOf(key), JSON.stringify(draft)), AUTOSAVE_MS);
    return () => clearTimeout(timer);
  }, [key, draft, changed]);
  const forget = useCallback(() => {
    localStorage.removeItem(placeOf(key));
    setRescued(undefined);
  }, [key]);
  const restore = useCallback(() => {
    if (rescued) setDraft(rescued);
    setRescued(undefined);
  }, [rescued, setDraft]);
  return { draft, setDraft, history, changed, rescued, restore, forget };
}
