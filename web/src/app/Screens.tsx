// Which address shows which screen.
import { lazy } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { useSpeech } from '../i18n';
import { Empty } from '../ui/Page';
import { Fence } from './Fence';
import { places } from './nav';
import { useMay } from './session';

const screens = {
  '/campaigns': lazy(() => import('../pages/campaigns/Campaigns')),
  '/campaigns/new': lazy(() => import('../pages/wizard/Wizard')),
  '/campaigns/:name/edit': lazy(() => import('../pages/wizard/Wizard')),
  '/campaigns/:name/:tab?': lazy(() => import('../pages/campaigns/Campaign')),
  '/reports/:tab?': lazy(() => import('../pages/reports/Reports')),
  '/calendar': lazy(() => import('../pages/Calendar')),
  '/segments': lazy(() => import('../pages/segments/Segments')),
  '/segments/:name': lazy(() => import('../pages/segments/Segment')),
  '/templates': lazy(() => import('../pages/templates/Templates')),
  '/templates/:name': lazy(() => import('../pages/templates/Template')),
  '/pictures': lazy(() => import('../pages/pictures/Pictures')),
  '/clients': lazy(() => import('../pages/clients/Clients')),
  '/clients/:client': lazy(() => import('../pages/clients/Client')),
  '/outbox': lazy(() => import('../pages/outbox/Outbox')),
  '/outbox/:id': lazy(() => import('../pages/outbox/Message')),
  '/calls': lazy(() => import('../pages/Calls')),
  '/tasks': lazy(() => import('../pages/Tasks')),
  '/imports': lazy(() => import('../pages/Imports')),
  '/channels': lazy(() => import('../pages/Channels')),
  '/users': lazy(() => import('../pages/Users')),
  '/account': lazy(() => import('../pages/account/Account')),
  '/audit': lazy(() => import('../pages/Audit')),
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
  return <Empty title={t('error.notFound')} />;
}

export function Screens() {
  return (
    <Fence>
      <Routes>
        <Route path="/" element={<First />} />
        {Object.entries(screens).map(([path, Screen]) => <Route key={path} path={path} element={<Screen />} />)}
        <Route path="*" element={<Nowhere />} />
      </Routes>
    </Fence>
  );
}
