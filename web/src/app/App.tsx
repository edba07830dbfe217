// Language and session around everything; inside, the shell with its screens.
import { Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError, call, setApiLanguage, setCsrf, whenSessionExpires } from '../api/client';
import { initialLanguage, rememberLanguage, speechOf, SpeechContext, type Language } from '../i18n';
import { Loading, Problem } from '../ui/Page';
import { FirstPassword, LoginForm, LoginPage } from './Login';
import { SessionContext, type Session } from './session';
import { Shell } from './Shell';

type Standing = { is: 'asking' } | { is: 'out' } | { is: 'failed'; error: unknown } | { is: 'in'; session: Session; expired: boolean };

function useStanding() {
  const [standing, setStanding] = useState<Standing>({ is: 'asking' });
  const queries = useQueryClient();
  const isIn = useRef(false);
  const waiting = useRef<(() => void)[]>([]); // for the user to be back
  const enter = useCallback((session: Session) => {
    setCsrf(session.csrf);
    isIn.current = true;
    for (const go of waiting.current.splice(0)) go();
    setStanding({ is: 'in', session, expired: false });
    void queries.invalidateQueries();
  }, [queries]);
  const ask = useCallback(() => {
    call('get', '/session').then(({ data }) => enter(data)).catch((error: unknown) => {
      setStanding(error instanceof ApiError && error.status === 401 ? { is: 'out' } : { is: 'failed', error });
    });
  }, [enter]);
  useEffect(() => {
    whenSessionExpires(() => {
      if (!isIn.current) return undefined;
      setStanding((now) => (now.is === 'in' ? { ...now, expired: true } : now));
      return new Promise((go) => waiting.current.push(go));
    });
    ask();
  }, [ask]);
  const signOut = useCallback(async () => {
    await call('delete', '/session').catch(() => undefined);
    setCsrf(null);
    isIn.current = false;
    queries.clear();
    setStanding({ is: 'out' });
  }, [queries]);
  return { standing, enter, ask, signOut };
}

export function App() {
  const [language, setLanguage] = useState<Language>(initialLanguage);
  const speech = useMemo(() => speechOf(language, (chosen) => {
    rememberLanguage(chosen);
    setLanguage(chosen);
  }), [language]);
  const queries = useQueryClient();
  const asked = useRef(language);
  useEffect(() => {
    document.documentElement.lang = language;
    setApiLanguage(language);
    // Sentences of the server are in the language they were asked for in.
    if (asked.current !== language) void queries.invalidateQueries();
    asked.current = language;
  }, [language, queries]);
  return <SpeechContext value={speech}><Inside /></SpeechContext>;
}

function Inside() {
  const { standing, enter, ask, signOut } = useStanding();
  if (standing.is === 'asking') return <main><Loading /></main>;
  if (standing.is === 'failed') return <main><Problem error={standing.error} again={ask} /></main>;
  if (standing.is === 'out') return <LoginPage signedIn={enter} />;
  if (standing.session.must_change_password) return <FirstPassword changed={enter} />;
  return (
    <SessionContext value={{ session: standing.session, signOut, renew: enter }}>
      <Shell />
      <SignInAgain opened={standing.expired} user={standing.session.user} signedIn={enter} />
    </SessionContext>
  );
}

function SignInAgain({ opened, user, signedIn }: { opened: boolean; user: string; signedIn: (session: Session) => void }) {
  const { t } = speechOf(initialLanguage(), () => {});
  return (
    <Modal opened={opened} onClose={() => {}} withCloseButton={false} title={t('login.title')}>
      <Stack>
        <Text size="sm">{t('login.again')}</Text>
        <LoginForm signedIn={signedIn} user={user} />
      </Stack>
    </Modal>
  );
}
