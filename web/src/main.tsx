import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import { createTheme, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { ApiError } from './api/client';
import { App } from './app/App';
import { colours } from './app/theme';
import { initialLanguage, translate } from './i18n';
import { ignoreSecondClicks } from './ui/clicks';

ignoreSecondClicks(window);

const theme = createTheme({
  primaryColor: 'blue', primaryShade: 8, defaultRadius: 'sm', cursorType: 'pointer',
  // Notices stand outside of the app's language; their button is named in the one it began with.
  components: {
    Modal: { defaultProps: { closeOnClickOutside: false } }, // what is typed in one is not lost by a click beside it
    Notification: {
      defaultProps: { closeButtonProps: { 'aria-label': translate(initialLanguage(), 'common.close') } },
      styles: { description: { color: 'var(--mantine-color-text)' } }, // too pale under a title for WCAG 2.1 AA
    },
  },
});

// A refusal stays a refusal; only a server that was not reached is asked once more.
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      staleTime: 2_000,
      retry: (count, error) => error instanceof ApiError && error.status === 0 && count < 1,
    },
  },
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider defaultColorScheme="auto" theme={theme} cssVariablesResolver={colours}>
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queries}>
        <BrowserRouter>
          <App />
        </BrowserRouter>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
