// A template as it is being written.
export interface Parts { subject?: string; html?: string; text?: string; [other: string]: unknown }
export interface Draft {
  name: string;
  channel: string;
  description?: string;
  default_locale: string;
  locales: Record<string, Parts>;
  [other: string]: unknown;
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
