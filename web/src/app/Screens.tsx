// Which address shows which screen.
import { lazy, type ComponentType } from 'react';
import { Navigate, Route, Routes, useParams } from 'react-router';
import { useSpeech } from '../i18n';
import { Empty, Page } from '../ui/Page';
import { Fence } from './Fence';
import { places } from './nav';
import { useMay, useSession, type Right } from './session';

interface Shown {
  right?: Right; // without it there is nothing to show
  anew?: Right; // the same, for what does not exist yet
  Screen: ComponentType;
}

const screens: Record<string, Shown> = {
  '/campaigns': { right: 'campaigns.see', Screen: lazy(() => import('../pages/campaigns/Campaigns')) },
  '/campaigns/new': { right: 'campaigns.edit', Screen: lazy(() => import('../pages/wizard/Wizard')) },
  '/campaigns/:name/edit': { right: 'campaigns.edit', Screen: lazy(() => import('../pages/wizard/Wizard')) },
  '/campaigns/:name/:tab?': { right: 'campaigns.see', Screen: lazy(() => import('../pages/campaigns/Campaign')) },
  '/reports/:tab?': { right: 'reports.see', Screen: lazy(() => import('../pages/reports/Reports')) },
  '/calendar': { right: 'campaigns.see', Screen: lazy(() => import('../pages/Calendar')) },
  '/segments': { right: 'segments.see', Screen: lazy(() => import('../pages/segments/Segments')) },
  '/segments/:name': { right: 'segments.see', anew: 'segments.edit', Screen: lazy(() => import('../pages/segments/Segment')) },
  '/templates': { right: 'templates.see', Screen: lazy(() => import('../pages/templates/Templates')) },
  '/templates/:name': { right: 'templates.see', anew: 'templates.edit', Screen: lazy(() => import('../pages/templates/Template')) },
  '/pictures': { right: 'templates.see', Screen: lazy(() => import('../pages/pictures/Pictures')) },
  '/clients': { right: 'clients.see', Screen: lazy(() => import('../pages/clients/Clients')) },
  '/clients/:client': { right: 'clients.see', Screen: lazy(() => import('../pages/clients/Client')) },
  '/outbox': { right: 'messages.see', Screen: lazy(() => import('../pages/outbox/Outbox')) },
  '/outbox/:id': { right: 'messages.see', Screen: lazy(() => import('../pages/outbox/Message')) },
  '/calls': { right: 'calls.work', Screen: lazy(() => import('../pages/Calls')) },
  '/tasks': { right: 'tasks.work', Screen: lazy(() => import('../pages/Tasks')) },
  '/imports': { right: 'imports.run', Screen: lazy(() => import('../pages/Imports')) },
  '/channels': { right: 'channels.see', Screen: lazy(() => import('../pages/Channels')) },
  '/users': { right: 'users.see', Screen: lazy(() => import('../pages/Users')) },
  '/account': { Screen: lazy(() => import('../pages/account/Account')) },
  '/audit': { right: 'audit.see', Screen: lazy(() => import('../pages/Audit')) },
};
const Dashboard = lazy(() => import('../pages/Dashboard'));

function First() {
  const may = useMay();
  if (may('dashboard.see')) return <Dashboard />;
  const first = places.find((place) => place.to !== '/' && may(place.right));
  return first ? <Navigate to={first.to} replace /> : <Nowhere />;
}

function Nowhere() {
  const { t } = useSpeech();
  return <Page title={t('error.nowhere')}><Empty title={t('error.notFound')} /></Page>;
}

// A link may lead to what is not for this reader.
function Gate({ right, anew, Screen }: Shown) {
  const { t, code } = useSpeech();
  const may = useMay();
  const { session } = useSession();
  const { name } = useParams();
  const needed = name === 'new' ? (anew ?? right) : right;
  if (!needed || may(needed)) return <Screen />;
  const roles = session.roles.map((role) => code('role', role)).join(', ');
  return <Page title={t('error.notYours')}><Empty title={t('error.notYoursTitle', { roles })} text={t('error.notYoursText')} /></Page>;
}

export function Screens() {
  return (
    <Fence>
      <Routes>
        <Route path="/" element={<First />} />
        {Object.entries(screens).map(([path, shown]) => <Route key={path} path={path} element={<Gate {...shown} />} />)}
        <Route path="*" element={<Nowhere />} />
      </Routes>
    </Fence>
  );
}
