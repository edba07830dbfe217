import { Box, Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { ApiError, call } from '../api/client';
import { useSpeech } from '../i18n';
import { Problem } from '../ui/Page';
import type { Session } from './session';

interface Props {
  signedIn: (session: Session) => void;
  user?: string; // given: only this one signs in again
}

export function LoginForm({ signedIn, user: known }: Props) {
  const { t } = useSpeech();
  const [user, setUser] = useState(known ?? '');
  const [password, setPassword] = useState('');
  const [totp, setTotp] = useState('');
  const [asksTotp, setAsksTotp] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const wrong = error instanceof ApiError && error.code === 'access.refused';
  const waiting = error instanceof ApiError && error.status === 429;
  const submit = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { data } = await call('post', '/session', { body: { user: user.trim(), password, ...(totp.trim() ? { totp: totp.trim() } : {}) } });
      signedIn(data);
    } catch (failure) {
      if (failure instanceof ApiError && failure.code === 'access.totp_needed') setAsksTotp(true);
      else setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack component="form" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
      <TextInput label={t('login.user')} name="user" autoComplete="username" required value={user} readOnly={!!known}
        onChange={(event) => setUser(event.currentTarget.value)} />
      <PasswordInput label={t('login.password')} name="password" autoComplete="current-password" required value={password}
        visibilityToggleButtonProps={{ 'aria-label': t('login.show') }}
        onChange={(event) => setPassword(event.currentTarget.value)} />
      {asksTotp && (
        <TextInput label={t('login.totp')} description={t('login.recovery')} name="totp" autoComplete="one-time-code" autoCapitalize="none" spellCheck={false}
          required maxLength={40} value={totp} onChange={(event) => setTotp(event.currentTarget.value)} data-autofocus />
      )}
      {waiting ? <Text role="alert" c="red" size="sm">{t('login.wait', { n: error.retryAfter })}</Text>
        : wrong ? <Text role="alert" c="red" size="sm">{t('login.wrong')}</Text>
          : error ? <Problem error={error} /> : null}
      <Button type="submit" loading={busy}>{t('login.submit')}</Button>
    </Stack>
  );
}

export function LoginPage(props: Props) {
  const { t } = useSpeech();
  return (
    <Box component="main" maw={380} mx="auto" pt="12vh" px="md">
      <Title order={1} size="h2" mb="md">{t('login.title')}</Title>
      <Paper withBorder p="lg" radius="md"><LoginForm {...props} /></Paper>
    </Box>
  );
}

export function FirstPassword({ changed }: { changed: (session: Session) => void }) {
  const { t } = useSpeech();
  const [current, setCurrent] = useState('');
  const [chosen, setChosen] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async () => {
    setBusy(true);
    setError(undefined);
    try {
      changed((await call('post', '/session/password', { body: { current, new: chosen } })).data);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Box component="main" maw={420} mx="auto" pt="12vh" px="md">
      <Title order={1} size="h2" mb="md">{t('password.title')}</Title>
      <Paper withBorder p="lg" radius="md">
        <Stack component="form" onSubmit={(event) => { event.preventDefault(); void submit(); }}>
          <Text size="sm">{t('password.first')}</Text>
          <PasswordInput label={t('password.current')} autoComplete="current-password" required value={current}
            visibilityToggleButtonProps={{ 'aria-label': t('login.show') }} onChange={(event) => setCurrent(event.currentTarget.value)} />
          <PasswordInput label={t('password.new')} autoComplete="new-password" required minLength={12} value={chosen}
            visibilityToggleButtonProps={{ 'aria-label': t('login.show') }} onChange={(event) => setChosen(event.currentTarget.value)} />
          {error ? <Problem error={error} /> : null}
          <Button type="submit" loading={busy}>{t('password.save')}</Button>
        </Stack>
      </Paper>
    </Box>
  );
}
