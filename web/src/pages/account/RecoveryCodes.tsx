// Recovery codes: shown once, to be kept apart from the telephone; made anew with the password.
import { Alert, Button, Code, CopyButton, Group, PasswordInput, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { call } from '../../api/client';
import { useAct, useAsk } from '../../api/hooks';
import { useSession } from '../../app/session';
import { useSpeech } from '../../i18n';
import { saveAs } from '../../ui/saveAs';
import { Problem } from '../../ui/Page';

const FEW = 3;

export function ShownOnce({ codes, kept }: { codes: string[]; kept: () => void }) {
  const { t } = useSpeech();
  const { session } = useSession();
  const text = codes.join('\n') + '\n';
  return (
    <Alert color="green" title={t('recovery.title')} role="status">
      <Text size="sm">{t('recovery.once')}</Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing={4} my="sm" data-testid="recovery-codes">
        {codes.map((code) => <Code key={code} fz="sm">{code}</Code>)}
      </SimpleGrid>
      <Group gap="xs">
        <CopyButton value={text}>{({ copied, copy }) => <Button size="compact-xs" variant="default" onClick={copy}>{t(copied ? 'users.copied' : 'users.copy')}</Button>}</CopyButton>
        <Button size="compact-xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />} onClick={() => saveAs(new Blob([text], { type: 'text/plain' }), `carillon-${session.user}.txt`)}>{t('recovery.download')}</Button>
        <Button size="compact-xs" onClick={kept}>{t('recovery.kept')}</Button>
      </Group>
    </Alert>
  );
}

export function RecoveryCodes({ show }: { show: (codes: string[]) => void }) {
  const { t } = useSpeech();
  const factor = useAsk('/session/totp');
  const [asks, setAsks] = useState(false);
  const [password, setPassword] = useState('');
  const renew = useAct(async () => {
    show((await call('post', '/session/totp/recovery-codes', { body: { password } })).data.recovery_codes);
    setAsks(false);
    setPassword('');
  });
  const left = factor.data?.recovery_codes_left;
  return (
    <Stack component="form" gap="sm" onSubmit={(event) => { event.preventDefault(); renew.mutate(undefined); }}>
      {factor.error ? <Problem error={factor.error} /> : null}
      {left !== undefined && <Text size="sm" c={left < FEW ? 'orange' : undefined} data-testid="recovery-left">{t('recovery.left', { n: left })}</Text>}
      {asks && (
        <PasswordInput size="xs" maw={240} label={t('password.current')} description={t('recovery.old')} autoComplete="current-password" required value={password}
          visibilityToggleButtonProps={{ 'aria-label': t('login.show') }} onChange={(event) => setPassword(event.currentTarget.value)} data-autofocus />
      )}
      {renew.error ? <Problem error={renew.error} /> : null}
      <Group gap="xs">
        {asks
          ? <><Button size="xs" type="submit" loading={renew.isPending}>{t('recovery.make')}</Button><Button size="xs" variant="default" onClick={() => setAsks(false)}>{t('common.cancel')}</Button></>
          : <Button size="xs" variant="default" onClick={() => setAsks(true)}>{t('recovery.new')}</Button>}
      </Group>
    </Stack>
  );
}
