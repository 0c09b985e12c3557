import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { client, isServed } from '../ipc/client';
import { keys } from '../ipc/keys';

/** Colours as the settings say; as the system does while they are not known. */
export function useTheme(): void {
  const settings = useQuery({
    queryKey: keys.settings,
    queryFn: client.settings,
    enabled: isServed('settings'),
  });
  const theme = settings.data?.theme ?? 'system';
  useEffect(() => {
    if (theme === 'system') {
      delete document.documentElement.dataset['theme'];
    } else {
      document.documentElement.dataset['theme'] = theme;
    }
  }, [theme]);
}
