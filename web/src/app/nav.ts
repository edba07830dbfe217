// The screens in the menu, each with the right without which it has nothing to show.
import {
  IconAddressBook, IconCalendar, IconChartBar, IconChecklist, IconFileImport, IconHistory, IconLayoutDashboard, IconMailForward,
  IconPhone, IconPhoto, IconPlugConnected, IconSpeakerphone, IconTemplate, IconUserCog, IconUsersGroup, type Icon,
} from '@tabler/icons-react';
import type { Key } from '../i18n';
import type { Right } from './session';

export interface Place {
  to: string;
  label: Key;
  icon: Icon;
  right: Right;
}

export const places: Place[] = [
  { to: '/', label: 'nav.dashboard', icon: IconLayoutDashboard, right: 'dashboard.see' },
  { to: '/campaigns', label: 'nav.campaigns', icon: IconSpeakerphone, right: 'campaigns.see' },
  { to: '/calendar', label: 'nav.calendar', icon: IconCalendar, right: 'campaigns.see' },
  { to: '/reports', label: 'nav.reports', icon: IconChartBar, right: 'reports.see' },
  { to: '/segments', label: 'nav.segments', icon: IconUsersGroup, right: 'segments.see' },
  { to: '/templates', label: 'nav.templates', icon: IconTemplate, right: 'templates.see' },
  { to: '/pictures', label: 'nav.pictures', icon: IconPhoto, right: 'templates.see' },
  { to: '/clients', label: 'nav.clients', icon: IconAddressBook, right: 'clients.see' },
  { to: '/outbox', label: 'nav.outbox', icon: IconMailForward, right: 'messages.see' },
  { to: '/calls', label: 'nav.calls', icon: IconPhone, right: 'calls.work' },
  { to: '/tasks', label: 'nav.tasks', icon: IconChecklist, right: 'tasks.work' },
  { to: '/imports', label: 'nav.imports', icon: IconFileImport, right: 'imports.run' },
  { to: '/channels', label: 'nav.channels', icon: IconPlugConnected, right: 'channels.see' },
  { to: '/users', label: 'nav.users', icon: IconUserCog, right: 'users.see' },
  { to: '/audit', label: 'nav.audit', icon: IconHistory, right: 'audit.see' },
];
