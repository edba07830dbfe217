// The menu, the header and the screen between them. Each screen is loaded when it is first opened.
import { ActionIcon, Anchor, AppShell, Burger, Button, Group, Kbd, NavLink, ScrollArea, Title, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconLogout, IconMoon, IconSearch, IconSun, IconUser } from '@tabler/icons-react';
import { Suspense } from 'react';
import { Link, useLocation } from 'react-router';
import { useSpeech } from '../i18n';
import { Loading } from '../ui/Page';
import classes from '../ui/ui.module.css';
import { places } from './nav';
import { Screens } from './Screens';
import { openSearch, Search } from './Search';
import { useMay, useSession } from './session';

export function Shell() {
  const { t } = useSpeech();
  const may = useMay();
  const { pathname } = useLocation();
  const [opened, { toggle, close }] = useDisclosure();
  const isHere = (to: string) => (to === '/' ? pathname === '/' : pathname === to || pathname.startsWith(`${to}/`));
  return (
    <AppShell header={{ height: 48 }} navbar={{ width: 200, breakpoint: 'sm', collapsed: { mobile: !opened } }} padding="md">
      <AppShell.Header className={classes.notOnPaper}>
        <Anchor href="#content" className={classes.skip}>{t('app.skip')}</Anchor>
        <Header opened={opened} toggle={toggle} />
      </AppShell.Header>
      <AppShell.Navbar className={classes.notOnPaper} p={6} aria-label={t('app.menu')}>
        <ScrollArea>
          {places.filter((place) => may(place.right)).map((place) => (
            <NavLink key={place.to} component={Link} to={place.to} label={t(place.label)} active={isHere(place.to)} py={6}
              aria-current={isHere(place.to) ? 'page' : undefined} variant="light" onClick={close}
              leftSection={<place.icon size={18} stroke={1.6} aria-hidden />} />
          ))}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main className={classes.onPaper} id="content" tabIndex={-1}>
        <Suspense fallback={<Loading />}><Screens /></Suspense>
      </AppShell.Main>
      <Search />
    </AppShell>
  );
}

function Header({ opened, toggle }: { opened: boolean; toggle: () => void }) {
  const { t, code, language, setLanguage } = useSpeech();
  const { session, signOut } = useSession();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme();
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap">
      <Group gap="sm" wrap="nowrap">
        <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('app.menu')} />
        <Title order={2} size="h4" component="p" className={classes.brand}>Carillon</Title>
      </Group>
      <Group gap="xs" wrap="nowrap">
        <Button variant="default" size="xs" visibleFrom="sm" leftSection={<IconSearch size={14} aria-hidden />} onClick={openSearch}>
          {t('app.search')} <Kbd ml={8} size="xs">Ctrl K</Kbd>
        </Button>
        <ActionIcon variant="default" hiddenFrom="sm" aria-label={t('app.search')} onClick={openSearch}><IconSearch size={16} aria-hidden /></ActionIcon>
        <Button variant="subtle" size="compact-xs" onClick={() => setLanguage(language === 'ru' ? 'en' : 'ru')} lang={language === 'ru' ? 'en' : 'ru'}>
          {t('app.language')}
        </Button>
        <ActionIcon variant="default" aria-label={t('app.theme')} onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}>
          {scheme === 'dark' ? <IconSun size={16} aria-hidden /> : <IconMoon size={16} aria-hidden />}
        </ActionIcon>
        <Anchor component={Link} to="/account" size="sm" visibleFrom="md" title={session.roles.map((role) => code('role', role)).join(', ')}>{session.full_name || session.user}</Anchor>
        <ActionIcon component={Link} to="/account" variant="default" hiddenFrom="md" aria-label={session.full_name || session.user}><IconUser size={16} aria-hidden /></ActionIcon>
        <ActionIcon variant="default" aria-label={t('app.signOut')} onClick={() => void signOut()}>
          <IconLogout size={16} aria-hidden />
        </ActionIcon>
      </Group>
    </Group>
  );
}
