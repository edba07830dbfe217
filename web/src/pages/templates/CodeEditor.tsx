// The code editor: fields after "{{" are completed, mistakes the server found are underlined where they are.
import { html } from '@codemirror/lang-html';
import { linter, type Diagnostic } from '@codemirror/lint';
import CodeMirror, { EditorState, EditorView, type ReactCodeMirrorRef } from '@uiw/react-codemirror';
import { useComputedColorScheme } from '@mantine/core';
import { useImperativeHandle, useMemo, useRef, type Ref } from 'react';
import type { Mark } from './mistakes';

export interface EditorHandle { insert: (text: string, back?: number) => void } // back: where one goes on writing, so many signs before its end

interface Props {
  label: string;
  value: string;
  setValue: (value: string) => void;
  fields: string[];
  marks: Mark[];
  isHtml: boolean;
  readOnly: boolean;
  handle: Ref<EditorHandle>;
  small?: boolean; // a text of a few lines, whose undo is somebody else's
}

// The editor's dark colours need a darker ground to be read (WCAG 2.1 AA).
const DARK_GROUND = EditorView.theme({
  '&': { backgroundColor: '#141517 !important' },
  '.cm-gutters': { backgroundColor: '#141517 !important' },
}, { dark: true });

// Words, not code.
const AS_WORDS = EditorView.theme({
  '&': { border: '1px solid var(--mantine-color-default-border)', borderRadius: '4px' },
  '.cm-content': { fontFamily: 'var(--mantine-font-family)', fontSize: '14px' },
});
const PLAIN = { lineNumbers: false, history: false, historyKeymap: false, searchKeymap: false };
const TAG_BEFORE = /\{\{[#^/&]?[\w.]*$/;

function completions(fields: string[]) {
  const source = (context: { state: EditorState; pos: number }) => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const found = TAG_BEFORE.exec(before);
    if (!found) return null;
    const opening = /^\{\{[#^/&]?/.exec(found[0])![0];
    const closed = line.text.slice(context.pos - line.from).startsWith('}}');
    return {
      from: line.from + found.index + opening.length,
      options: fields.map((field) => ({
        label: field, type: 'variable',
        // Braces that stand there already are taken along, so that one goes on writing behind them.
        apply: (view: EditorView, _: unknown, from: number, to: number) => view.dispatch({
          changes: { from, to: to + (closed ? 2 : 0), insert: `${field}}}` }, selection: { anchor: from + field.length + 2 },
        }),
      })),
      validFor: /^[\w.]*$/,
    };
  };
  return EditorState.languageData.of(() => [{ autocomplete: source }]);
}

function diagnosticsOf(view: EditorView, marks: Mark[]): Diagnostic[] {
  return marks.map((mark) => {
    const line = view.state.doc.line(Math.min(Math.max(mark.line, 1), view.state.doc.lines));
    const from = Math.min(line.from + Math.max(mark.column - 1, 0), line.to);
    const tag = /^\{\{.*?\}\}|^\S+/.exec(view.state.sliceDoc(from, line.to));
    return { from, to: Math.max(from + (tag?.[0].length ?? 1), from), severity: 'error', message: mark.text };
  }).map((one) => ({ ...one, to: Math.min(one.to, view.state.doc.length) } as Diagnostic));
}

export function CodeEditor({ label, value, setValue, fields, marks, isHtml, readOnly, handle, small }: Props) {
  const scheme = useComputedColorScheme();
  const editor = useRef<ReactCodeMirrorRef>(null);
  useImperativeHandle(handle, () => ({
    insert: (text, back = 0) => {
      const view = editor.current?.view;
      if (!view) return;
      view.dispatch(view.state.replaceSelection(text));
      view.dispatch({ selection: { anchor: view.state.selection.main.head - back } });
      view.focus();
    },
  }), []);
  const extensions = useMemo(() => [
    ...(scheme === 'dark' ? [DARK_GROUND] : []),
    ...(small ? [AS_WORDS] : []),
    ...(isHtml ? [html({ autoCloseTags: true })] : []),
    completions(fields),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
    linter((view) => diagnosticsOf(view, marks), { delay: 100 }),
  ], [isHtml, fields, label, marks, scheme, small]);
  return (
    <CodeMirror ref={editor} value={value} onChange={setValue} extensions={extensions} readOnly={readOnly} theme={scheme}
      {...(small ? { minHeight: '64px', maxHeight: '240px' } : { height: '420px' })}
      basicSetup={{ foldGutter: false, highlightActiveLine: false, highlightActiveLineGutter: false, ...(small ? PLAIN : {}) }} />
  );
}
