import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { call } from '../../api/client';
import { useAct } from '../../api/hooks';
import { useSession } from '../../app/session';
import { useSpeech } from '../../i18n';
import { Problem } from '../../ui/Page';

const PASSWORD_MIN = 12;

export function Password() {
  const { t } = useSpeech();
  const { renew } = useSession();
  const [current, setCurrent] = useState('');
  const [chosen, setChosen] = useState('');
  const [again, setAgain] = useState('');
  const change = useAct(async () => {
    renew((await call('post', '/session/password', { body: { current, new: chosen } })).data);
    setCurrent('');
    setChosen('');
    setAgain('');
    notifications.show({ message: t('account.passwordDone'), color: 'green' });
  });
  const differ = again !== '' && again !== chosen;
  const show = { 'aria-label': t('login.show') };
  return (
    <Stack component="form" gap="sm" onSubmit={(event) => { event.preventDefault(); if (!differ) change.mutate(undefined); }}>
      <Text size="sm">{t('account.passwordText')}</Text>
      <PasswordInput size="xs" label={t('password.current')} autoComplete="current-password" required value={current} visibilityToggleButtonProps={show} onChange={(event) => setCurrent(event.currentTarget.value)} />
      <PasswordInput size="xs" label={t('password.new')} autoComplete="new-password" required minLength={PASSWORD_MIN} value={chosen} visibilityToggleButtonProps={show} onChange={(event) => setChosen(event.currentTarget.value)} />
      <PasswordInput size="xs" label={t('account.repeat')} autoComplete="new-password" required value={again} error={differ && t('account.differ')} visibilityToggleButtonProps={show} onChange={(event) => setAgain(event.currentTarget.value)} />
      {change.error ? <Problem error={change.error} /> : null}
      <Group><Button size="xs" type="submit" disabled={differ} loading={change.isPending}>{t('password.save')}</Button></Group>
    </Stack>
  );
}
