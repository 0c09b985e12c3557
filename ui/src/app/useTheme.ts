import { useEffect } from 'react';

import { useSettings } from '../features/settings/useSettings';

/** Colours as the settings say; as the system does while they are not known. */
export function useTheme(): void {
  const theme = useSettings().data?.theme ?? 'system';
  useEffect(() => {
    if (theme === 'system') {
      delete document.documentElement.dataset['theme'];
    } else {
      document.documentElement.dataset['theme'] = theme;
    }
  }, [theme]);
}
