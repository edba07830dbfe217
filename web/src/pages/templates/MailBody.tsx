// The body of an e-mail: as blocks where it was made from them, else as code. Nothing written by hand is overwritten unasked.
import { Alert, Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { translate, useSpeech } from '../../i18n';
import { Ask, Say } from '../../ui/Ask';
import { Empty } from '../../ui/Page';
import { Blocks } from './blocks/Blocks';
import { cloned, fresh, languageOf, LOOK, newId, type Mail } from './blocks/model';
import { opened, stored, type Opened } from './blocks/stored';
import { Code, type BodyProps } from './Code';
import type { Mark } from './mistakes';

interface Props extends BodyProps {
  locale: string;
  others: { locale: string; html: string }[];
}

const NOTHING: Opened = { mail: { look: LOOK, blocks: [] }, byHand: false };

// In the language of the mail, not of the one who writes it.
function starter(locale: string): Mail {
  const language = languageOf(locale);
  return {
    look: LOOK,
    blocks: [
      { id: newId(), kind: 'heading', text: translate(language, 'starter.heading'), align: 'left' },
      { id: newId(), kind: 'text', text: translate(language, 'starter.text'), align: 'left' },
      { id: newId(), kind: 'button', text: translate(language, 'starter.button'), link: 'https://', align: 'center' },
      fresh('footer', { unsubscribe: translate(language, 'blocks.unsubscribeWords') }),
    ],
  };
}

function mistakesOf(mail: Mail, locale: string, marks: Mark[]): Map<string, string[]> {
  const { lines } = stored(mail, locale);
  const found = new Map<string, string[]>();
  for (const { line, text } of marks) {
    const id = lines.get(line);
    if (id) found.set(id, [...(found.get(id) ?? []), text]);
  }
  return found;
}

export function MailBody(props: Props) {
  const { t } = useSpeech();
  const { value, set, locale, marks, readOnly } = props;
  const found = value === '' ? NOTHING : opened(value, locale);
  const [asCode, setAsCode] = useState(!found);
  const [asked, setAsked] = useState(false);
  const setMail = (mail: Mail) => set(mail.blocks.length === 0 ? '' : stored(mail, locale).html);
  const mistakes = useMemo(() => (found && !found.byHand ? mistakesOf(found.mail, locale, marks) : new Map<string, string[]>()), [found, locale, marks]);
  const body = () => {
    if (asCode)
      return (
        <>
          {found && !found.byHand && value !== '' && <Text size="sm" c="dimmed">{t('blocks.made')}</Text>}
          <Code {...props} isHtml />
        </>
      );
    if (!found)
      return (
        <Alert color="blue" title={t('blocks.foreign')}>
          {!readOnly && <Button size="compact-xs" variant="light" onClick={() => setAsked(true)}>{t('blocks.anew')}</Button>}
        </Alert>
      );
    if (found.byHand)
      return (
        <Alert color="orange" title={t('blocks.byHand')}>
          <Text size="sm" mb="xs">{t('blocks.byHandText')}</Text>
          <Group gap="xs">
            {!readOnly && <Button size="compact-xs" color="orange" variant="light" onClick={() => setMail(found.mail)}>{t('blocks.useBlocks')}</Button>}
            <Button size="compact-xs" variant="default" onClick={() => setAsCode(true)}>{t('blocks.keepCode')}</Button>
          </Group>
        </Alert>
      );
    return (
      <>
        {found.mail.blocks.length === 0 && !readOnly && <Start locale={locale} others={props.others} setMail={setMail} />}
        <Blocks mail={found.mail} setMail={setMail} locale={locale} names={props.names} lists={props.lists} mistakes={mistakes} readOnly={readOnly} />
      </>
    );
  };
  return (
    <Stack gap="xs">
      <SegmentedControl size="xs" w="fit-content" aria-label={t('blocks.view')} value={asCode ? 'code' : 'blocks'} onChange={(view) => setAsCode(view === 'code')}
        data={[{ value: 'blocks', label: t('blocks.blocks') }, { value: 'code', label: t('blocks.code') }]} />
      {body()}
      <Ask opened={asked} close={() => setAsked(false)} title={t('blocks.anew')} action={t('blocks.anew')} color="orange" act={async () => set('')}><Say>{t('blocks.anewText')}</Say></Ask>
    </Stack>
  );
}

// Nobody begins with an empty page unless he wants to.
function Start({ locale, setMail, others }: Pick<Props, 'locale' | 'others'> & { setMail: (mail: Mail) => void }) {
  const { t } = useSpeech();
  const sources = others.flatMap((one) => {
    const mail = one.html && opened(one.html, one.locale)?.mail;
    return mail ? [{ locale: one.locale, mail }] : [];
  });
  return (
    <Empty title={t('blocks.empty')} text={t('blocks.emptyText')} action={
      <Group>
        <Button size="xs" onClick={() => setMail(starter(locale))}>{t('blocks.start')}</Button>
        {sources.map((one) => <Button key={one.locale} size="xs" variant="default" onClick={() => setMail({ ...one.mail, blocks: one.mail.blocks.map(cloned) })}>{t('blocks.takeFrom', { locale: one.locale })}</Button>)}
      </Group>
    } />
  );
}
