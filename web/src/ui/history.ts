// Undo and redo of one value. Changes that follow each other quickly (typing) are one step.
import { useCallback, useEffect, useRef, useState } from 'react';

const ONE_STEP_MS = 700;
const STEPS_MAX = 200;

interface History<T> { past: T[]; present: T; future: T[] }

export function useHistory<T>(start: T) {
  const [history, setHistory] = useState<History<T>>({ past: [], present: start, future: [] });
  const last = useRef(0);
  const set = useCallback((next: T) => {
    const now = Date.now();
    const sameStep = now - last.current < ONE_STEP_MS;
    last.current = now;
    setHistory(({ past, present }) => ({
      past: sameStep && past.length > 0 ? past : [...past.slice(-STEPS_MAX), present], present: next, future: [],
    }));
  }, []);
  // Another way to write the same: no step of its own.
  const refine = useCallback((next: T) => setHistory((now) => ({ ...now, present: next })), []);
  const undo = useCallback(() => {
    last.current = 0;
    setHistory((now) => (now.past.length === 0 ? now
      : { past: now.past.slice(0, -1), present: now.past.at(-1)!, future: [now.present, ...now.future] }));
  }, []);
  const redo = useCallback(() => {
    last.current = 0;
    setHistory((now) => (now.future.length === 0 ? now
      : { past: [...now.past, now.present], present: now.future[0]!, future: now.future.slice(1) }));
  }, []);
  return { value: history.present, set, refine, undo, redo, canUndo: history.past.length > 0, canRedo: history.future.length > 0 };
}
export type Undoing = Pick<ReturnType<typeof useHistory>, 'undo' | 'redo' | 'canUndo' | 'canRedo'>;

// Ctrl+Z and Ctrl+Shift+Z anywhere on the page, but in an editor that has an undo of its own.
export function useUndoKeys({ undo, redo }: Undoing) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isUndo = event.code === 'KeyZ';
      if (!(event.ctrlKey || event.metaKey) || (!isUndo && event.code !== 'KeyY')) return;
      if (event.target instanceof Element && event.target.closest('[data-own-undo], [role=dialog]')) return;
      event.preventDefault();
      if (isUndo && !event.shiftKey) undo();
      else redo();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [undo, redo]);
}
