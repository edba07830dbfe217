// Something stored while it is being edited, with undo. What has not been saved is kept in the browser and offered again, only
// if it differs; a version that somebody else stores meanwhile neither replaces it nor is overwritten unseen.
import { useCallback, useEffect, useState } from 'react';
import { useOwnPlace } from '../app/session';
import { useHistory } from './history';

const AUTOSAVE_MS = 500;
export const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

interface Kept<T> { draft: T; etag: string }

function kept<T>(place: string): Kept<T> | undefined {
  try {
    const found = JSON.parse(localStorage.getItem(place) ?? 'null') as Kept<T> | null;
    return found?.draft ? found : undefined;
  } catch {
    return undefined;
  }
}

interface Source<T> {
  place: string; // "template.birthday"
  stored: T; // the same object as long as it is the same version
  etag: string; // '': it is new
  meaning?: (draft: T) => unknown; // what makes two drafts differ
}

const itself = (draft: unknown) => draft;

export function useEditing<T>({ place, stored, etag, meaning = itself }: Source<T>) {
  const at = useOwnPlace(`draft.${place}`);
  const history = useHistory(stored);
  const { value: draft, set: setDraft } = history;
  // What the draft stands on, which may not be the newest.
  const [base, setBase] = useState({ stored, etag });
  const [own, setOwn] = useState<Kept<T>>(); // what was stored by oneself
  const [rescued, setRescued] = useState(() => {
    const found = kept<T>(at);
    return found && !same(meaning(found.draft), meaning(stored)) ? found : undefined;
  });
  const changed = !same(meaning(draft), meaning(base.stored));
  const isNewer = etag !== base.etag;
  if (isNewer && (!changed || etag === own?.etag)) {
    setBase({ stored, etag });
    // What was written while it was being stored stays.
    if (!changed || same(draft, own?.draft)) history.refine(stored);
  }
  useEffect(() => {
    if (!changed) {
      if (!rescued) localStorage.removeItem(at);
      return;
    }
    const timer = setTimeout(() => localStorage.setItem(at, JSON.stringify({ draft, etag: base.etag })), AUTOSAVE_MS);
    return () => clearTimeout(timer);
  }, [at, draft, changed, rescued, base.etag]);
  const forget = useCallback(() => {
    localStorage.removeItem(at);
    setRescued(undefined);
  }, [at]);
  return {
    draft, setDraft, history, changed,
    etag: base.etag,
    rescued: rescued !== undefined,
    restore: () => {
      if (rescued) {
        setDraft(rescued.draft);
        setBase((now) => ({ ...now, etag: rescued.etag }));
      }
      setRescued(undefined);
    },
    forget,
    overtaken: isNewer && changed,
    takeTheirs: () => {
      forget();
      setBase({ stored, etag });
      setDraft(stored);
    },
    keepMine: () => setBase({ stored, etag }),
    // Stored by oneself, under this ETag: the newer version is one's own.
    saved: (newEtag: string) => {
      forget();
      setOwn({ draft, etag: newEtag });
    },
  };
}
export type Editing = Pick<ReturnType<typeof useEditing>, 'rescued' | 'restore' | 'forget' | 'overtaken' | 'takeTheirs' | 'keepMine'>;
