// What a screen throws ends here; the menu stays. Going elsewhere tries again.
import { Component, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import { useSpeech } from '../i18n';
import { Empty } from '../ui/Page';

class Catch extends Component<{ children: ReactNode; text: string }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override render() {
    return this.state.failed ? <Empty title={this.props.text} /> : this.props.children;
  }
}

export function Fence({ children }: { children: ReactNode }) {
  const { t } = useSpeech();
  const { pathname } = useLocation();
  return <Catch key={pathname} text={t('error.crash')}>{children}</Catch>;
}
