// Asks for the name of something new.
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useSpeech } from '../i18n';
import { Problem } from './Page';

interface Props {
  opened: boolean;
  close: () => void;
  title: string;
  label: string;
  action: string;
  suggestion: string;
  act: (name: string) => Promise<void>;
  children?: ReactNode; // what will happen
}

export const NAME = '[a-z0-9][a-z0-9_\\-]{0,63}';

export function NameDialog(props: Props) {
  const { t } = useSpeech();
  return (
    <Modal opened={props.opened} onClose={props.close} title={props.title} closeButtonProps={{ 'aria-label': t('common.close') }}>
      {props.opened && <Form {...props} />}
    </Modal>
  );
}

function Form({ close, label, action, suggestion, act, children }: Props) {
  const { t } = useSpeech();
  const [name, setName] = useState(suggestion);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await act(name);
      close();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack component="form" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      {children}
      <TextInput label={label} description={t('common.nameHint')} value={name} required pattern={NAME} data-autofocus
        onChange={(event) => setName(event.currentTarget.value)} />
      {error ? <Problem error={error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>{t('common.cancel')}</Button>
        <Button type="submit" loading={busy}>{action}</Button>
      </Group>
    </Stack>
  );
}
