// What is asked for beside what was approved last: the definition field by field, texts line by line.
import { Box, Code, List, Stack, Table, Text } from '@mantine/core';
import type { Schemas } from '../../api/client';
import { useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { addWords, useSpeech } from '../../i18n';
import { blocks } from '../../i18n/words/blocks';
import { launch } from '../../i18n/words/launch';
import { ruleInWords } from '../../segments/words';
import type { Rule } from '../../segments/tree';
import { Diff } from '../../ui/Diff';
import { Asked, Section } from '../../ui/Page';
import type { Draft } from '../templates/draft';
import { readable } from '../templates/readable';
import { definitionOf } from './definition';
import { changesOf, factsOf } from './facts';
import { useScheduleWords } from './schedule';

addWords({ ...blocks, ...launch });

type Bundle = Schemas['Bundle'];
type Part = Bundle['parts'][number];
const idOf = (part: Part) => `${part.kind} ${part.name}`;

export function Changes({ name }: { name: string }) {
  const approved = useAsk('/campaigns/{name}/approved', { path: { name } });
  return <Asked query={approved}>{(data) => (data.approved ? <Since before={data.approved} now={data.asked} /> : <AllNew bundle={data.asked} />)}</Asked>;
}

function Since({ before, now }: { before: NonNullable<Schemas['Approved']['approved']>; now: Bundle }) {
  const speech = useSpeech();
  const { t } = speech;
  const format = useFormat();
  const schedule = useScheduleWords();
  if (before.hash === now.hash) return <Text size="sm">{t('change.none', { who: before.by })}</Text>;
  const facts = (bundle: Bundle) => factsOf(definitionOf(bundle.campaign), speech, schedule);
  const changes = changesOf(facts(before), facts(now));
  const old = new Map(before.parts.map((part) => [idOf(part), part]));
  const ids = new Set(now.parts.map(idOf));
  const changed = now.parts.filter((part) => old.get(idOf(part))?.hash !== part.hash);
  return (
    <Section title={t('change.since', { who: before.by, when: format.time(before.at) })}>
      <Stack gap="sm" data-testid="changes">
        {changes.length > 0 && (
          <Table fz="sm" aria-label={t('change.what')}>
            <Table.Thead><Table.Tr><Table.Th>{t('change.what')}</Table.Th><Table.Th>{t('change.before')}</Table.Th><Table.Th>{t('change.now')}</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {changes.map((one) => (
                <Table.Tr key={one.key}><Table.Td>{one.label}</Table.Td><Table.Td>{one.before ? <del>{one.before}</del> : '—'}</Table.Td><Table.Td>{one.now ? <ins style={{ textDecoration: 'none', fontWeight: 600 }}>{one.now}</ins> : '—'}</Table.Td></Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
        {changed.map((part) => <PartChange key={idOf(part)} before={old.get(idOf(part))} now={part} />)}
        {before.parts.filter((part) => !ids.has(idOf(part))).map((part) => <Text key={idOf(part)} size="sm">{speech.code('part', part.kind)} {part.name}: {t('change.went')}</Text>)}
      </Stack>
    </Section>
  );
}

// What a part says, as lines.
function useReading() {
  const { t, code } = useSpeech();
  return (part: Part | undefined): string => {
    if (!part?.content) return '';
    if (part.kind === 'template') return readable(part.content as unknown as Draft, code);
    if (part.kind === 'segment') return [String((part.content as { title?: string }).title ?? ''), ruleInWords((part.content as { rule: Rule }).rule, { t, code })].filter(Boolean).join('\n');
    return JSON.stringify(part.content, null, 2);
  };
}

function PartChange({ before, now }: { before: Part | undefined; now: Part }) {
  const { t, code } = useSpeech();
  const reading = useReading();
  const values = { kind: code('part', now.kind), name: now.name, before: before?.version ?? 0, now: now.version };
  return (
    <Box>
      <Text size="sm" fw={600} mb={4}>{t(before ? 'change.part' : 'change.newPart', values)} {!before && `(${t('change.came')})`}</Text>
      {now.content ? <Diff before={reading(before)} after={reading(now)} /> : <Text size="sm">{t('change.secret')}</Text>}
    </Box>
  );
}

function AllNew({ bundle }: { bundle: Bundle }) {
  const speech = useSpeech();
  const { t } = speech;
  const schedule = useScheduleWords();
  const reading = useReading();
  const texts = bundle.parts.filter((part) => ['template', 'segment'].includes(part.kind) && part.content);
  return (
    <Stack gap="sm" data-testid="changes">
      <Text size="sm">{t('change.first')}</Text>
      <List size="sm" listStyleType="none" spacing={4}>
        {factsOf(definitionOf(bundle.campaign), speech, schedule).map((fact) => <List.Item key={fact.key}><Text span size="sm" c="dimmed">{fact.label}: </Text>{fact.value}</List.Item>)}
      </List>
      {texts.map((part) => (
        <Box key={idOf(part)}>
          <Text size="sm" fw={600} mb={4}>{speech.code('part', part.kind)} {part.name}</Text>
          <Code block tabIndex={0} aria-label={`${speech.code('part', part.kind)} ${part.name}`} mah={260} style={{ overflow: 'auto', whiteSpace: 'pre-wrap' }}>{reading(part)}</Code>
        </Box>
      ))}
    </Stack>
  );
}
