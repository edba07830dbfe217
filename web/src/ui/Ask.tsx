// A dialog that says what will happen before it does; `typed` must be typed to go on.
import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { useSpeech } from '../i18n';
import { Problem } from './Page';

interface Props {
  opened: boolean;
  close: () => void;
  title: string;
  children: ReactNode;
  action: string;
  color?: string;
  typed?: string;
  comment?: { label: string; required: boolean };
  act: (comment: string) => Promise<unknown>;
}

// Whoever opened it has the focus again afterwards, also where the dialog is taken out of the page as it closes.
function useFocusBack(opened: boolean) {
  useEffect(() => {
    if (!opened) return;
    const before = document.activeElement;
    return () => {
      setTimeout(() => before instanceof HTMLElement && before.isConnected && before.focus({ preventScroll: true }));
    };
  }, [opened]);
}

export function Ask(props: Props) {
  const { t } = useSpeech();
  useFocusBack(props.opened);
  // While it closes, what it asked about may be forgotten already.
  const [title, setTitle] = useState(props.title);
  if (props.opened && title !== props.title) setTitle(props.title);
  return (
    <Modal opened={props.opened} onClose={props.close} title={title} closeButtonProps={{ 'aria-label': t('common.close') }}>
      {props.opened && <Question {...props} />}
    </Modal>
  );
}

function Question({ close, children, action, color, typed, comment, act }: Props) {
  const { t } = useSpeech();
  const [text, setText] = useState('');
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const ready = (!typed || text.trim() === typed) && (!comment?.required || said.trim() !== '');
  const go = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await act(said.trim());
      close();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack component="form" gap="sm" onSubmit={(event) => { event.preventDefault(); if (ready && !busy) void go(); }}>
      <div>{children}</div>
      {comment && (
        <Textarea label={comment.label} value={said} maxLength={300} autosize minRows={2} required={comment.required}
          onChange={(event) => setSaid(event.currentTarget.value)} />
      )}
      {typed && (
        <TextInput label={t('ask.type', { text: typed })} value={text} autoComplete="off" data-autofocus
          onChange={(event) => setText(event.currentTarget.value)} />
      )}
      {error ? <Problem error={error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>{t('common.cancel')}</Button>
        <Button type="submit" color={color} loading={busy} disabled={!ready}>{action}</Button>
      </Group>
    </Stack>
  );
}

export const Say = ({ children }: { children: ReactNode }) => <Text size="sm" mb="xs">{children}</Text>;
