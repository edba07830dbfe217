// One's own account: password, second factor, API tokens.
import { Badge, Card, Group, SimpleGrid, Text } from '@mantine/core';
import { useMay, useSession } from '../../app/session';
import { addWords, useSpeech } from '../../i18n';
import { account } from '../../i18n/words/account';
import { Page, Section } from '../../ui/Page';
import { Password } from './Password';
import { SecondFactor } from './SecondFactor';
import { Tokens } from './Tokens';

addWords(account);

export default function Account() {
  const { t, code } = useSpeech();
  const { session } = useSession();
  const may = useMay();
  return (
    <Page title={t('account.title')}>
      <Group gap="xs">
        <Text fw={600}>{session.full_name || session.user}</Text>
        {session.full_name && session.full_name !== session.user && <Text c="dimmed">{session.user}</Text>}
        {session.roles.map((role) => <Badge key={role} variant="light">{code('role', role)}</Badge>)}
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Card withBorder><Section title={t('totp.title')}><SecondFactor /></Section></Card>
        <Card withBorder><Section title={t('account.password')}><Password /></Section></Card>
      </SimpleGrid>
      {may('tokens.manage') && <Tokens />}
    </Page>
  );
}
