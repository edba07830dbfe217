// The second factor: a key for an authenticator app, in force once one of its codes has been confirmed.
import { Alert, Box, Button, Code, Group, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { encode } from 'uqr';
import { call, type Schemas } from '../../api/client';
import { useAct } from '../../api/hooks';
import { useSession } from '../../app/session';
import { useSpeech } from '../../i18n';
import { Problem } from '../../ui/Page';
import { RecoveryCodes, ShownOnce } from './RecoveryCodes';

const MARGIN = 4; // modules of quiet around the code (ISO/IEC 18004)

// Drawn here: the key goes nowhere else. Dark on white in both themes, as cameras want it.
function Qr({ text, label }: { text: string; label: string }) {
  const code = encode(text, { ecc: 'M', border: MARGIN });
  const path = code.data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${code.size} ${code.size}`} width={200} height={200} shapeRendering="crispEdges" data-testid="qr">
      <rect width={code.size} height={code.size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

export function SecondFactor() {
  const { t } = useSpeech();
  const { session } = useSession();
  const [secret, setSecret] = useState<Schemas['TotpSecret']>();
  const [codes, setCodes] = useState<string[]>();
  const begin = useAct(async () => setSecret((await call('post', '/session/totp')).data));
  return (
    <Stack gap="sm">
      <Alert color={session.totp ? 'green' : 'orange'} p="xs"><Text size="sm">{t(session.totp ? 'totp.on' : 'totp.off')}</Text></Alert>
      {begin.error ? <Problem error={begin.error} /> : null}
      {codes && <ShownOnce codes={codes} kept={() => setCodes(undefined)} />}
      {session.totp && !codes && <RecoveryCodes show={setCodes} />}
      {secret ? <Enrol secret={secret} done={() => setSecret(undefined)} show={setCodes} /> : !session.totp && (
        <Group><Button size="xs" loading={begin.isPending} onClick={() => begin.mutate(undefined)}>{t('totp.begin')}</Button></Group>
      )}
      <Text size="xs" c="dimmed">{t('totp.lost')}</Text>
    </Stack>
  );
}

function Enrol({ secret, done, show }: { secret: Schemas['TotpSecret']; done: () => void; show: (codes: string[]) => void }) {
  const { t } = useSpeech();
  const { renew } = useSession();
  const [code, setCode] = useState('');
  const confirm = useAct(async () => {
    show((await call('put', '/session/totp', { body: { code } })).data.recovery_codes);
    notifications.show({ message: t('totp.done'), color: 'green' });
    done();
    renew((await call('get', '/session')).data);
  });
  return (
    <Stack component="form" gap="sm" onSubmit={(event) => { event.preventDefault(); confirm.mutate(undefined); }}>
      <Text size="sm">{t('totp.scan')}</Text>
      <Box><Qr text={secret.uri} label={t('totp.qr')} /></Box>
      <Text size="sm">{t('totp.key')}: <Code data-testid="totp-key">{secret.secret.replace(/(.{4})(?=.)/g, '$1 ')}</Code></Text>
      <TextInput size="xs" maw={240} label={t('totp.code')} description={t('totp.notYet')} required inputMode="numeric" autoComplete="one-time-code" pattern="[0-9]{6}" value={code} onChange={(event) => setCode(event.currentTarget.value.trim())} />
      {confirm.error ? <Problem error={confirm.error} /> : null}
      <Group><Button size="xs" type="submit" loading={confirm.isPending}>{t('totp.confirm')}</Button><Button size="xs" variant="default" onClick={done}>{t('common.cancel')}</Button></Group>
    </Stack>
  );
}
