// Around an editor: undo and redo, what was not saved the last time, and what somebody else has stored meanwhile.
import { ActionIcon, Alert, Button, Group, Text } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp } from '@tabler/icons-react';
import { addWords, useSpeech } from '../i18n';
import { unsaved } from '../i18n/words/unsaved';
import type { Editing } from './editing';
import { useUndoKeys, type Undoing } from './history';

addWords(unsaved);

export function UndoRedo({ history }: { history: Undoing }) {
  const { t } = useSpeech();
  useUndoKeys(history);
  return (
    <>
      <ActionIcon variant="default" size={30} aria-label={t('history.undo')} title={`${t('history.undo')} (Ctrl+Z)`} disabled={!history.canUndo} onClick={history.undo}><IconArrowBackUp size={16} aria-hidden /></ActionIcon>
      <ActionIcon variant="default" size={30} aria-label={t('history.redo')} title={`${t('history.redo')} (Ctrl+Shift+Z)`} disabled={!history.canRedo} onClick={history.redo}><IconArrowForwardUp size={16} aria-hidden /></ActionIcon>
    </>
  );
}

export function UnsavedSign({ changed, isNew }: { changed: boolean; isNew: boolean }) {
  const { t } = useSpeech();
  if (!changed && !isNew) return null;
  return <Text size="sm" c="dimmed">{t('common.unsaved')}{changed && ` · ${t('history.kept')}`}</Text>;
}

export function Unsaved({ editing }: { editing: Editing }) {
  const { t } = useSpeech();
  return (
    <>
      {editing.rescued && (
        <Alert color="blue" title={t('template.rescued')}>
          <Group gap="xs"><Button size="compact-xs" onClick={editing.restore}>{t('template.restore')}</Button><Button size="compact-xs" variant="default" onClick={editing.forget}>{t('template.forget')}</Button></Group>
        </Alert>
      )}
      {editing.overtaken && (
        <Alert color="orange" title={t('unsaved.overtaken')} role="alert">
          <Text size="sm" mb="xs">{t('unsaved.overtakenText')}</Text>
          <Group gap="xs"><Button size="compact-xs" variant="default" onClick={editing.takeTheirs}>{t('unsaved.takeTheirs')}</Button><Button size="compact-xs" color="orange" onClick={editing.keepMine}>{t('unsaved.keepMine')}</Button></Group>
        </Alert>
      )}
    </>
  );
}
